"""Random plans on random projects, and what the fake's plugins really are set to: in their own formulas, not by the text that a script reads."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.daw.reaper import applying
from tests.daw.reaper.applying import Desk, Json
from tests.daw.reaper.fake.effects import Effect
from tests.daw.reaper.fake.project import Track
from tests.daw.reaper.fake.reaeq import ReaEQ

SHAPES: Final = ("bell", "low_shelf", "high_shelf", "high_pass", "low_pass")
_BANDS: Final[dict[str, str]] = {"bell": "band"}
_RESOLUTION: Final = {
    "freq_hz": 0.1,
    "gain_db": 0.1,
    "bandwidth_oct": 0.01,
    "ratio": 0.01,
    "release_ms": 1.0,
}
"""One unit of the last digit that the fake's plugins show; 0.1 for the others."""
_KILO_HZ: Final = 10.0
"""Of a frequency that is shown as 1.16 kHz."""
_OF_NORM: Final = {
    "threshold_db": ("Threshold", lambda n: 20 * math.log10(2 * n)), "ratio": ("Ratio", lambda n: 1 + 99 * n),
    "attack_ms": ("Attack", lambda n: 500 * n), "release_ms": ("Release", lambda n: 5000 * n), "knee_db": ("Knee", lambda n: 24 * n**2),
    "makeup_db": ("Wet", lambda n: 20 * math.log10(2 * n)), "rms_ms": ("RMS size", lambda n: 1000 * n**3),
}  # fmt: skip
"""Of ReaComp: the parameter, and its figure at a normalised value (tests/daw/reaper/fake/reacomp.py)."""
_LIMITER: Final = {
    "threshold_db": ("Threshold", lambda n: 72 * n - 60), "ceiling_db": ("Ceiling", lambda n: 24 * n - 24),
    "release_ms": ("Release", lambda n: 1000 * (1 - n) ** 2),
}  # fmt: skip


_SLIDERS: Final = {
    "threshold_db": "Threshold (dB)", "ratio": "Ratio", "attack_ms": "Attack (ms)", "release_ms": "Release (ms)", "knee_db": "Knee (dB)",
    "makeup_db": "Make-up (dB)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A plan and the desk that it is for."""

    desk: Desk
    strips: list[Json]

    def values(self) -> Iterator[tuple[str, float, float, float]]:
        """Yield (what, asked, what the project really has, how far they may be apart)."""
        for strip in self.strips:
            track = self.track_of(strip)
            for control in strip["controls"]:
                yield (
                    control["control"],
                    control["value"],
                    control_of(track, control["control"]),
                    1e-9,
                )
            for insert in strip["inserts"]:
                fx = next(fx for fx in track.fx if fx.shown_name == insert["label"])
                yield from self._of_insert(insert, fx)

    def track_of(self, strip: Json) -> Track:
        project = self.desk.project
        return next(
            (track for track in project.tracks if track.guid == strip["track"]), project.master
        )

    def _of_insert(self, insert: Json, fx: Effect) -> Iterator[tuple[str, float, float, float]]:
        free = list(fx.bands) if isinstance(fx, ReaEQ) else []
        number = 0
        for part in insert["parts"]:
            for value in part["values"]:
                name = value["name"]
                yield (
                    name,
                    value["value"],
                    figure(fx, insert["device"], name),
                    _RESOLUTION.get(name, 0.1),
                )
            for band in part["bands"]:
                number += 1
                if isinstance(fx, ReaEQ):
                    yield from self._of_band(band, free)
                else:
                    yield from _of_jsfx_band(band, fx, number)
        silent = [
            each for each in free if each.on and (abs(each.gain_db) > 0.05 or "pass" in each.shape)
        ]
        assert not silent, f"a band that nobody asked for is heard: {silent}"

    def _of_band(self, band: Json, free: list[Any]) -> Iterator[tuple[str, float, float, float]]:
        shape: str = _BANDS.get(band["shape"], str(band["shape"]))
        found = min(
            (each for each in free if each.shape == shape and each.on),
            key=lambda each: abs(math.log(each.freq_hz / band["freq_hz"])),
        )
        free.remove(found)
        kilo = self.desk.fake.texts == "kilo" and band["freq_hz"] >= 999.0
        yield (
            "freq_hz",
            band["freq_hz"],
            found.freq_hz,
            _KILO_HZ if kilo else _RESOLUTION["freq_hz"],
        )
        yield "bandwidth_oct", band["bandwidth_oct"], found.octaves, _RESOLUTION["bandwidth_oct"]
        if "pass" not in shape:
            yield "gain_db", band["gain_db"], found.gain_db, _RESOLUTION["gain_db"]


def control_of(track: Track, name: str) -> float:
    """Return a control as an engineer reads it."""
    if name == "fader_db":
        return 20 * math.log10(track.volume)
    if name == "delay_ms":
        assert track.values["I_PLAY_OFFSET_FLAG"] == 0
        return 1000 * track.values["D_PLAY_OFFSET"]
    return track.pan if name == "pan" else track.values["B_PHASE"]


def figure(fx: Effect, device: str, name: str) -> float:
    """Return a figure of a plugin by the plugin's own formula."""
    names = [each.name for each in fx.parameters]
    if device in ("ama_compressor", "ama_gate"):
        slider = _SLIDERS[name]
        at = names.index(slider)
        return fx.parameters[at].native(fx.get(at))
    parameter, formula = (_LIMITER if device == "realimit" else _OF_NORM)[name]
    return formula(fx.get(names.index(parameter)))


def _of_jsfx_band(band: Json, fx: Effect, number: int) -> Iterator[tuple[str, float, float, float]]:
    named = {
        each.name.lstrip("-"): each.native(fx.get(at)) for at, each in enumerate(fx.parameters)
    }
    assert named[f"{number} Shape"] == 1 + SHAPES.index(band["shape"])
    yield "freq_hz", band["freq_hz"], named[f"{number} Frequency (Hz)"], 0.01
    yield "q", band["q"], named[f"{number} Q"], 0.001
    yield "gain_db", band["gain_db"], named[f"{number} Gain (dB)"], 0.01


def made(desk: Desk, rng: random.Random) -> Made:
    """Return a random plan for a random project that is put on a desk."""
    for at in range(rng.randint(1, 6)):
        _track(desk, rng, f"Track {at + 1}")
    return another(desk, rng)


def another(desk: Desk, rng: random.Random) -> Made:
    """Return a random plan for the project as it is."""
    tracks = desk.project.tracks
    strips = [_strip(rng, track, at, tracks) for at, track in enumerate(tracks)]
    strips = [each for each in strips if each["controls"] or each["inserts"]]
    if rng.random() < 0.5 or not strips:
        strips.append(applying.strip("master", *_master(rng)))
    return Made(desk, strips)


def _track(desk: Desk, rng: random.Random, name: str) -> Track:
    track = desk.project.add(name, D_VOL=10 ** (rng.uniform(-30, 6) / 20), D_PAN=rng.uniform(-1, 1), I_PANMODE=rng.choice((-1, 0, 3)),
                             I_NCHAN=rng.choice((2, 2, 4)), B_PHASE=rng.choice((0, 1)))  # fmt: skip
    for kind in rng.sample(("VST: Somebody's (Else)", "ReaEQ", "ReaComp"), rng.randint(0, 2)):
        track.fx.append(desk.fake.add_effect(kind))
    return track


def _strip(rng: random.Random, track: Track, at: int, tracks: list[Track]) -> Json:
    entries = []
    for name, value in (("fader_db", rng.uniform(-40, 12)), ("pan", rng.uniform(-1, 1)), ("polarity", float(rng.randint(0, 1))),
                        ("delay_ms", rng.uniform(0, 30))):  # fmt: skip
        if rng.random() < 0.4:
            entries.append(applying.control(f"{name}:{at}", name, value))
    if rng.random() < 0.3:
        entries.append(_gate(rng, at))
    if rng.random() < 0.6:
        entries.append(_equaliser(rng, at, rng.choice(("reaeq", "reaeq", "ama_eq"))))
    if rng.random() < 0.5:
        trigger = rng.choice(tracks[:at]) if at and rng.random() < 0.5 else None
        entries.append(
            _compressor(rng, at, trigger, rng.choice(("reacomp", "reacomp", "ama_compressor")))
        )
    return applying.strip(track, *entries)


def _gate(rng: random.Random, at: int) -> Json:
    values = {"threshold_db": rng.uniform(-80, 0), "ratio": rng.uniform(1, 20), "attack_ms": rng.uniform(0.01, 500), "release_ms": rng.uniform(1, 5000)}  # fmt: skip
    return applying.insert("ama_gate", applying.part(f"gate:{at}", **values))


def _equaliser(rng: random.Random, at: int, device: str) -> Json:
    shapes = [rng.choice(SHAPES) for _ in range(rng.randint(1, 5))]
    bands = [applying.band(shape, math.exp(rng.uniform(math.log(30), math.log(18_000))), 0.0 if "pass" in shape else rng.uniform(-15, 11),
                           q=rng.uniform(0.3, 8), bandwidth_oct=rng.uniform(0.1, 3.5)) for shape in shapes]  # fmt: skip
    cut = rng.randint(0, len(bands))
    parts = [
        applying.part(f"eq:{at}:{nth}", *some)
        for nth, some in enumerate((bands[:cut], bands[cut:]))
        if some
    ]
    return applying.insert(device, *parts)


def _compressor(rng: random.Random, at: int, trigger: Track | None, device: str) -> Json:
    values = {"threshold_db": rng.uniform(-50, 0), "ratio": rng.uniform(1, 20), "attack_ms": rng.uniform(0.1, 200), "release_ms": rng.uniform(5, 2000),
              "knee_db": rng.choice((0.0, 6.0, rng.uniform(0, 20))), "makeup_db": rng.uniform(0, 6)}  # fmt: skip
    return applying.insert(
        device,
        applying.part(f"comp:{at}", **values, **({"rms_ms": 0.0} if device == "reacomp" else {})),
        hears=trigger,
    )


def _master(rng: random.Random) -> list[Json]:
    limiter = {
        "threshold_db": rng.uniform(-20, 0),
        "ceiling_db": rng.uniform(-3, 0),
        "release_ms": rng.uniform(1, 500),
    }
    return [
        _equaliser(rng, 99, "reaeq"),
        applying.insert("realimit", applying.part("limit", **limiter)),
    ]
