"""REAPER projects written by the format's rules, since no REAPER could be had to write them.

The lines, their order and their numbers are those of projects that REAPER itself saved: 4.32 and 5.50c (the test data of the package `rpp` 0.5, PyPI, in
`saved`) and 7.62 (shipped in the package `reacli` 0.1.0, PyPI).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from ama_bridge.daw.reaper.project.rpp import quoted

VST = """BYPASS 0 0 0
<VST "VST: ReaComp (Cockos)" reacomp.dll 0 "" 1919247213
  bWNlcu9e7f4EAAAAAQAAAAAAAAACAAAAAAAAAAQAAAAAAAAACAAAAAAAAAACAAAAAQAAAAAAAAACAAAAAAAAAFQAAAAAAAAAAAAQAA==
  776t3g3wrd7L/6o+AAAAAKabxDsK16M8AAAAAAAAAAAAAIA/AAAAAAAAAAAAAAAAnNEHMwAAgD8AAAAAzcxMPQAAAAAAAAAAAAAAAAAAAAAAAAAA
  AAAQAAAA
>
FLOATPOS 514 292 502 374
FXID {83AB7B17-3578-47D1-BA2C-ED8C11C62AFA}
WAK 0"""
"""An effect as REAPER 5.50c saved it."""
HEADER = """RIPPLE 0 0
GROUPOVERRIDE 0 0 0 0
AUTOXFADE 129
PEAKGAIN 1
PANLAW {pan_law}
PROJOFFS 0 0 0
TIMEMODE 1 5 -1 30 0 0 -1 0
CURSOR 0
RECORD_PATH "Media" ""
<RECORD_CFG
  ZXZhdxgAAQ==
>
ITEMMIX {item_mix}
SAMPLERATE {rate} {rate_used} 0
<METRONOME 6 2
  VOL 0.25 0.125
  PATTERNSTR ABBB
>
TEMPO 120 4 4 0
PLAYRATE 1 0 0.25 4
MASTERMUTESOLO 0
MASTER_NCH 2 2
MASTER_VOLUME {master_volume} 0 -1 -1 1
MASTER_FX 1
<TEMPOENVEX
  EGUID {{685AA713-1CD6-BA4E-8FA7-4CEEE457C08B}}
  ACT 0 -1
  DEFSHAPE 1 -1 -1
>
MARKER 1 30 "Refrain > 1" 0 0 1 B {{64981CD0-3C90-1947-8EC4-B932FC6CEC60}} 0 2
<PROJBAY
>"""


def guid(number: int) -> str:
    return f"{{{number:08X}-8BC1-724A-933D-ECAA4486F8BF}}"


@dataclass(frozen=True, kw_only=True)
class MadeItem:
    """One item; `lines` stand in it as they are, behind all others, `kind` is that of the source."""

    file: str = ""
    position_s: float = 0.0
    length_s: float = 1.0
    offset_s: float = 0.0
    name: str = "item"
    volume: float = 1.0
    take_volume: float = 1.0
    pan: float = 0.0
    rate: float = 1.0
    pitch: float = 0.0
    loop: bool = False
    muted: bool = False
    fade_in: str = "1 0 0 1 0 0 0"
    fade_out: str = "1 0 0 1 0 0 0"
    channel_mode: int = 0
    kind: str = "WAVE"
    section: str = ""
    lines: str = ""
    yes_all_takes: bool = False

    def text(self) -> list[str]:
        source = [f"<SOURCE {self.kind}", *([f"  FILE {quoted(self.file)}"] if self.file else []), ">"]  # fmt: skip
        if self.section:
            source = ["<SOURCE SECTION", *indented(self.section.split("\n")), *indented(source), ">"]  # fmt: skip
        return [
            "<ITEM",
            f"  POSITION {self.position_s!r}",
            "  SNAPOFFS 0",
            f"  LENGTH {self.length_s!r}",
            f"  LOOP {self.loop:d}",
            f"  ALLTAKES {self.yes_all_takes:d}",
            f"  FADEIN {self.fade_in}",
            f"  FADEOUT {self.fade_out}",
            f"  MUTE {self.muted:d} 0",
            "  SEL 0",
            "  IGUID {253730F5-6A2B-4CB7-BE35-CDFBFA17AC6F}",
            "  IID 1",
            f"  NAME {quoted(self.name)}",
            f"  VOLPAN {self.volume!r} {self.pan!r} {self.take_volume!r} -1",
            f"  SOFFS {self.offset_s!r}",
            f"  PLAYRATE {self.rate!r} 1 {self.pitch!r} -1 0 0.0025",
            f"  CHANMODE {self.channel_mode}",
            "  GUID {279FC811-A955-40D1-AA05-DCDB1F6CFEC6}",
            *indented(source),
            *indented(self.lines.split("\n") if self.lines else []),
            ">",
        ]


@dataclass(frozen=True, kw_only=True)
class MadeTrack:
    """One track; `lines` stand in it before its items, `effects` in its FX chain."""

    name: str = "Track"
    number: int = 0
    volume: float = 1.0
    pan: float = 0.0
    pan_law: float = -1
    muted: bool = False
    soloed: bool = False
    inverted: bool = False
    folder: str = "0 0"
    to_master: bool = True
    effects: str = ""
    lines: str = ""
    items: tuple[MadeItem, ...] = ()

    def text(self, number: int) -> list[str]:
        own = guid(self.number or number)
        chain = ["<FXCHAIN", "  SHOW 0", "  LASTSEL 0", "  DOCKED 0", *indented(self.effects.split("\n")), ">"]  # fmt: skip
        return [
            f"<TRACK {own}",
            f"  NAME {quoted(self.name)}",
            "  PEAKCOL 16576",
            "  BEAT -1",
            "  AUTOMODE 0",
            "  PANLAWFLAGS 3",
            f"  VOLPAN {self.volume!r} {self.pan!r} {self.pan_law!r} -1 1",
            f"  MUTESOLO {self.muted:d} {self.soloed:d} 0",
            f"  IPHASE {self.inverted:d}",
            "  PLAYOFFS 0 1",
            f"  ISBUS {self.folder}",
            "  BUSCOMP 0 0 0 0 0",
            "  NCHAN 2",
            "  FX 1",
            f"  TRACKID {own}",
            "  PERF 0",
            "  MIDIOUT -1",
            f"  MAINSEND {self.to_master:d} 0",
            *indented(self.lines.split("\n") if self.lines else []),
            *indented(chain if self.effects else []),
            *indented([line for item in self.items for line in item.text()]),
            ">",
        ]


@dataclass(frozen=True, kw_only=True)
class MadeProject:
    """A project; `lines` stand before its tracks."""

    tracks: tuple[MadeTrack, ...]
    rate_hz: int = 48_000
    rate_used: bool = True
    item_mix: int = 1
    pan_law: float = 1
    master_volume: float = 1
    lines: str = ""
    line_end: str = "\n"
    extra: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        header = HEADER.format(
            rate=self.rate_hz,
            rate_used=int(self.rate_used),
            item_mix=self.item_mix,
            pan_law=self.pan_law,
            master_volume=self.master_volume,
        )
        lines = [
            '<REAPER_PROJECT 0.1 "7.62/linux-x86_64" 1785412266 0',
            *indented(header.split("\n")),
            *indented(self.lines.split("\n") if self.lines else []),
            *indented([line for n, track in enumerate(self.tracks, 1) for line in track.text(n)]),
            ">",
        ]
        return "".join(line + self.line_end for line in lines)

    def write(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.text().encode())
        return path


def indented(lines):
    return [f"  {line}" for line in lines]


def envelope(kind, *points, active=1, extra=""):
    """Return a track's or take's envelope as text; a point is (s, value) or (s, value, shape)."""
    drawn = [f"  PT {p[0]} {p[1]} {p[2] if len(p) > 2 else 0}" for p in points]
    more = [f"  {extra}"] if extra else []
    return "\n".join([f"<{kind}", "  EGUID {563CCE3B-B467-2B4F-9A09-EBCA89F245BE}", f"  ACT {active} -1", "  VIS 1 1 1", *more, *drawn, ">"])  # fmt: skip


def plugin_state(megabytes):
    """Return an effect whose state is as large as samplers' are."""
    row = base64.b64encode(bytes(range(96))).decode()
    rows = [f"  {row}"] * round(megabytes * 1e6 / (len(row) + 9))
    return "\n".join(["BYPASS 0 0 0", '<VST "VST3i: Large (Maker)" large.vst3 0 "" 77{ABC} ""', *rows, ">", "WAK 0 0"])  # fmt: skip
