"""FX chain files for REAPER (.RfxChain) out of a plan or a chain, with what can be written truthfully as text: AMA's JSFX.

A chain file holds the lines of a project's FX chain, not indented. REAPER lists those in its FXChains folder in the FX browser. ReaEQ, ReaComp and
ReaLimit keep their settings as bytes that only they write; so gates, filters, bands and compressors become AMA Gate, AMA EQ and AMA Compressor, and the
rest is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.chains import MASTER_ROLE, Chain
from ama_analysis.errors import PresetError
from ama_analysis.plan import MASTER, EqBand, MasterEq, MixPlan, Suggestion
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.chain_actions import actions_of
from ama_bridge.daw.labels import label_of
from ama_bridge.daw.reaper.jsfx_inserts import JsfxInserts, jsfx_inserts
from ama_bridge.daw.reaper.jsfx_text import FOLDER, BeyondError, effect_lines
from ama_bridge.store import file_name

SUFFIX: Final = ".RfxChain"
_WITHOUT: Final = {
    "sidechain": "a side-chain needs a send, which no chain file holds; AMA Apply sets it",
    "limiter": "AMA has no limiter of its own for REAPER; AMA Apply sets ReaLimit",
    "gain": "it is the fader's",
    "pan": "it is the panner's",
    "polarity": "it is the track's switch",
}
_CHAIN_RATE_HZ: Final = 192_000
"""A chain knows no session: none of its bands lies above this rate's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFile:
    """One file: its place under the folder, its bytes, and the names of the effects in it."""

    name: Path
    data: bytes
    effects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainExport:
    """Files to be written, and what is not in them: things and reasons."""

    files: tuple[ChainFile, ...]
    left_out: tuple[tuple[str, str], ...]


def chains_of_plan(plan: MixPlan, *, jsfx: str = FOLDER) -> ChainExport:
    """Return a chain file for each track (and the master) of a plan that has a gate, filters, bands or a compressor; `PresetError` (AMA-302) for none.

    `jsfx` is the folder under REAPER's Effects with AMA's JSFX.
    """
    names = {track.id: track.name for track in plan.session.tracks} | {MASTER: MASTER}
    files = []
    left_out = []
    for track_id, name in names.items():
        mine = [s for s in plan.suggestions if s.track == track_id]
        made, without = _chain(mine, plan.session.sample_rate_hz, unique=track_id, jsfx=jsfx)
        left_out += [(f"{name}: {what}", reason) for what, reason in without]
        if made is not None:
            place = Path(file_name(plan.session.name)) / f"{_spelt(name, track_id)}{SUFFIX}"
            files.append(ChainFile(name=place, data=made[0], effects=made[1]))
    return _export(plan.session.name, files, left_out)


def chain_of_chain(chain: Chain, *, jsfx: str = FOLDER) -> ChainExport:
    """Return the chain file of a chain; `PresetError` (AMA-302) where it has neither gates, filters nor compressors."""
    read = actions_of(chain.plugins)
    track = MASTER if chain.role == MASTER_ROLE else "chain"
    suggestions = [
        Suggestion(
            id=f"{action.kind}:{at}",
            track=track,
            action=_for_master(action)
            if track == MASTER and isinstance(action, EqBand)
            else action,
            because="The chain has it.",
            confidence=1.0,
        )
        for at, action in enumerate(read.actions)
    ]
    made, left_out = _chain(suggestions, _CHAIN_RATE_HZ, unique=chain.name, jsfx=jsfx)
    left_out += [(plugin, "it has no counterpart in AMA's JSFX") for plugin in read.unread]
    if read.gain_db:
        left_out.append((f"gain {read.gain_db:+.1f} dB", "it is the fader's"))
    place = Path(f"{_spelt(chain.name, chain.name)}{SUFFIX}")
    files = [ChainFile(name=place, data=made[0], effects=made[1])] if made is not None else []
    return _export(chain.name, files, left_out)


def write_chains(export: ChainExport, folder: Path) -> None:
    """Write the files; `DeliveryError` (AMA-701) where that fails."""
    for file in export.files:
        write_atomically(folder / file.name, file.data)


def _for_master(action: EqBand) -> MasterEq:
    return MasterEq(type=action.type, freq_hz=action.freq_hz, gain_db=action.gain_db, q=action.q)


def _export(
    name: str, files: Sequence[ChainFile], left_out: Sequence[tuple[str, str]]
) -> ChainExport:
    if not files:
        message = f"{name} asks for no gate, no filter, no equaliser and no compressor."
        raise PresetError(message, hint="Chain files for REAPER hold nothing else.")
    return ChainExport(files=tuple(files), left_out=tuple(left_out))


def _chain(
    suggestions: Sequence[Suggestion], sample_rate_hz: int, *, unique: str, jsfx: str
) -> tuple[tuple[bytes, tuple[str, ...]] | None, list[tuple[str, str]]]:
    """Return a chain's bytes and the names of its effects (None where it has none), and what is not in it."""
    labels = {s.id: label_of(s.action) for s in suggestions}
    without = [
        (labels[s.id], _WITHOUT[s.action.kind]) for s in suggestions if s.action.kind in _WITHOUT
    ]
    found = jsfx_inserts(suggestions, sample_rate_hz)
    without += [(labels[one], reason) for one, reason in found.left_out]
    try:
        lines = list(_lines(found, frozenset(labels), unique, jsfx))
    except BeyondError as error:
        return None, [*without, ("its effects", str(error))]
    if not lines:
        return None, without
    data = "".join(f"{line}\n" for line in lines).encode()
    return (data, tuple(insert.label for insert in found.inserts)), without


def _lines(found: JsfxInserts, ticked: frozenset[str], unique: str, jsfx: str) -> Iterator[str]:
    for insert in found.inserts:
        yield from effect_lines(insert, ticked, unique=f"chain {unique} {insert.key}", folder=jsfx)


def _spelt(name: str, track_id: str) -> str:
    """Return a file's name in which people find the track's: safe in every file system, and never that of another track."""
    safe = "".join(c if c.isalnum() or c in " -_" else "_" for c in name).strip()[:60]
    return safe if safe == name else f"{safe}-{file_name(track_id)[-6:]}".lstrip("-")
