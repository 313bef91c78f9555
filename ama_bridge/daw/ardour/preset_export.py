"""A plan or a chain as Ardour presets: what its equalisers, compressors and gates would be set to, in bundles for Ardour's preset menus.

A plan is translated as for "AMA Apply", so that its compressors follow the audition's on the very stems. A chain knows no stem: its compressors
are fitted on a stand-in at the level for which chains are made (-18 dBFS RMS), hits for drums and a moving level for all else.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ama_analysis.chains import CHAIN_SCHEMA, MASTER_ROLE, Chain
from ama_analysis.errors import PresetError
from ama_analysis.measurements import SessionMeasurements
from ama_analysis.plan import MASTER, Action, EqBand, MasterEq, MixPlan, Suggestion, TargetSummary
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session, track_of
from ama_bridge.daw.ardour import ace, pan_law
from ama_bridge.daw.ardour.chain_actions import actions_of
from ama_bridge.daw.ardour.lv2_presets import Bundle, Lv2Preset, bundle_of, preset_of
from ama_bridge.daw.ardour.request import Insert, Request, Strip
from ama_bridge.daw.documents import holds

PLUGIN_NAMES: Final[dict[str, str]] = {
    ace.EQ: "ACE EQ",
    ace.COMPRESSOR: "ACE Compressor",
    ace.COMPRESSOR_STEREO: "ACE Compressor (stereo)",
    ace.EXPANDER: "ACE Expander",
    ace.EXPANDER_STEREO: "ACE Expander (stereo)",
}
"""The plugins for which presets are made, as Ardour calls them."""
_STEREO: Final = {ace.COMPRESSOR: ace.COMPRESSOR_STEREO, ace.EXPANDER: ace.EXPANDER_STEREO}
_RATE_HZ: Final = 48_000
_HITS: Final = frozenset({"kick", "snare", "toms", "overheads", "drums", "percussion"})
_NO_EFFECTS: Final = frozenset({"gain", "pan", "polarity"})
_TRACK: Final = "chain"
_NO_PRESET: Final = "there are no presets for that plugin; `ama apply --daw ardour` sets it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A bundle to be written, and what is not in it: things and reasons."""

    bundle: Bundle
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def is_chain(what: str) -> bool:
    """Say whether a word of the command line is a chain's name or a chain file, and no plan."""
    if not what.endswith(".json"):
        return True
    try:
        document: Any = json.loads(Path(what).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("schema") == CHAIN_SCHEMA


def export_of_plan(plan: MixPlan, *, on_progress: OnProgress = silent) -> Export:
    """Return the presets of a plan; `PresetError` (AMA-302) where it asks for none of these."""
    request = _translated(plan, on_progress)
    channels = {track.id: pan_law.channels_of(track) for track in plan.session.tracks}
    presets = []
    for strip in request.strips:
        wide = channels.get(strip.track, 2) > 1
        for insert, number in _numbered(request, strip):
            label = f"AMA {plan.session.name}: {strip.name}{number}"
            uri = insert.stereo_uri if wide and insert.stereo_uri else insert.uri
            presets.append(_preset(label, uri, insert, request))
    return _export(
        plan.session.name, presets, (*_without_presets(request), *_skipped(plan, request))
    )


def _skipped(plan: MixPlan, request: Request) -> Iterator[tuple[str, str]]:
    """Yield what of effects could not be translated; faders and pans are in no preset anyway."""
    effects = {s.id: s for s in plan.suggestions if s.action.kind not in _NO_EFFECTS}
    for one in request.skipped:
        if (suggestion := effects.get(one.suggestion)) is not None:
            yield f"{suggestion.action.kind.replace('_', ' ')} of {suggestion.track}", one.reason


def export_of_chain(chain: Chain, *, on_progress: OnProgress = silent) -> Export:
    """Return the presets of a chain, its dynamics for mono and for stereo tracks; `PresetError` (AMA-302) where it has nothing for one."""
    read = actions_of(chain.plugins)
    with tempfile.TemporaryDirectory(prefix="ama-") as folder:
        plan = _plan_of(chain, read.actions, Path(folder))
        request = _translated(plan, on_progress)
    presets = []
    notes = []
    for strip in request.strips:
        for insert, number in _numbered(request, strip):
            label = f"AMA {chain.title}{number}"
            notes += [f"{PLUGIN_NAMES[insert.uri]}, on a stand-in: {insert.note}."] if insert.note else []  # fmt: skip
            presets += [_preset(label, uri, insert, request) for uri in _variants(insert, chain)]
    left_out = [*_without_presets(request), *_skipped(plan, request)]
    left_out += [(plugin, "it has no counterpart in Ardour's plugins") for plugin in read.unread]
    if read.gain_db:
        left_out.append((f"gain {read.gain_db:+.1f} dB", "it is the fader's"))
    export = _export(chain.name, presets, tuple(left_out))
    return Export(bundle=export.bundle, left_out=export.left_out, notes=tuple(notes))


def _variants(insert: Insert, chain: Chain) -> tuple[str, ...]:
    """Return for which plugins an insert of a chain becomes a preset: dynamics for mono and stereo tracks, the master's for stereo alone."""
    stereo = _STEREO.get(insert.uri)
    if stereo is None:
        return (insert.uri,)
    return (stereo,) if chain.role == MASTER_ROLE else (insert.uri, stereo)


def _export(name: str, presets: list[Lv2Preset], left_out: tuple[tuple[str, str], ...]) -> Export:
    if not presets:
        message = f"{name} asks for no equaliser, no compressor and no gate."
        raise PresetError(message, hint="Presets hold nothing else.")
    return Export(bundle=bundle_of(name, presets), left_out=left_out)


def _translated(plan: MixPlan, on_progress: OnProgress) -> Request:
    from ama_bridge.daw.ardour.translate import request_of

    return request_of(
        plan,
        request_id="presets",
        mailbox=Path(),
        answer_port=0,
        ask=False,
        ticked=frozenset(s.id for s in plan.suggestions),
        on_progress=on_progress,
    )


def _numbered(request: Request, strip: Strip) -> Iterator[tuple[Insert, str]]:
    """Yield the inserts of a strip for which there can be presets, with " 2" and so on behind the second of a kind."""
    count: Counter[str] = Counter()
    for insert in strip.inserts:
        if insert.uri in PLUGIN_NAMES and _is_set(insert, request):
            count[insert.uri] += 1
            yield insert, "" if count[insert.uri] == 1 else f" {count[insert.uri]}"


def _is_set(insert: Insert, request: Request) -> bool:
    ticked = {one.id for one in request.suggestions}
    return any(holds(part, ticked) for part in insert.parts)


def _preset(label: str, uri: str, insert: Insert, request: Request) -> Lv2Preset:
    ticked = {one.id for one in request.suggestions}
    settings = [s for part in insert.parts if holds(part, ticked) for s in part.settings]
    return preset_of(label, uri, [*insert.base, *settings])


def _without_presets(request: Request) -> Iterator[tuple[str, str]]:
    """Yield what goes into plugins for which no preset is made, each suggestion once."""
    labels = {one.id: f"{one.track_name}: {one.label}" for one in request.suggestions}
    ids = (
        part.suggestion
        for strip in request.strips
        for insert in strip.inserts
        if insert.uri not in PLUGIN_NAMES
        for part in insert.parts
        if holds(part, labels.keys())
    )
    for one in dict.fromkeys(ids):
        yield labels[one], _NO_PRESET


def _plan_of(chain: Chain, actions: tuple[Action, ...], folder: Path) -> MixPlan:
    """Return a plan with the chain on a stand-in."""
    from ama_analysis.audio import Audio, write_audio

    on_master = chain.role == MASTER_ROLE
    stem = folder / f"{_TRACK}.wav"
    samples = _stand_in("hits" if chain.role in _HITS else "moving")
    write_audio(stem, Audio(samples, _RATE_HZ), subtype="FLOAT")
    suggestions = tuple(
        Suggestion(
            id=f"{action.kind}:{at}",
            track=MASTER if on_master else _TRACK,
            action=_for_master(action) if on_master else action,
            because="The chain has it.",
            confidence=1.0,
        )
        for at, action in enumerate(actions)
    )
    return MixPlan(
        engine="rules",
        target=TargetSummary(name=chain.name, kind="style", loudness_lufs=-14.0, ceiling_dbtp=-1.0),
        session=Session(
            name=chain.name,
            tracks=(track_of(stem, track_id=_TRACK, name=chain.title),),
            sample_rate_hz=_RATE_HZ,
            duration_s=samples.shape[1] / _RATE_HZ,
        ),
        measurements=SessionMeasurements(tracks={}, pairs=(), skipped={}),
        suggestions=suggestions,
    )


def _for_master(action: Action) -> Action:
    if isinstance(action, EqBand):
        return MasterEq(
            type=action.type, freq_hz=action.freq_hz, gain_db=action.gain_db, q=action.q
        )
    return action


def _stand_in(kind: Literal["hits", "moving"]) -> NDArray[np.float32]:
    """Return 12 s of noise at -18 dBFS RMS, (1, frames): hits that ring out in 0.15 s, or a level that goes up and down by 12 dB."""
    seconds = 12.0
    at_s = np.arange(round(seconds * _RATE_HZ)) / _RATE_HZ
    noise = np.random.default_rng(1).standard_normal(at_s.size)
    level = np.exp(-(at_s % 0.5) / 0.15) if kind == "hits" else _moving(at_s)
    samples = noise * level
    samples *= 10.0 ** (-18.0 / 20.0) / np.sqrt(np.mean(samples**2))
    return samples.astype(np.float32)[np.newaxis]


def _moving(at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    level_db = 6.0 * np.sin(2 * np.pi * 0.7 * at_s) + 6.0 * np.sin(2 * np.pi * 3.1 * at_s)
    return np.asarray(10.0 ** (level_db / 20.0))
