"""Pedalboard presets: a plan's chains as files, and files as `pedalboard.Pedalboard`.

A track's file holds its plugins (polarity, gate, filters, EQ, compressor and make-up gain); fader and balance stand beside them as `fader_db`
and `pan`, since a DAW has its own. The master's holds EQ, compressor, gain and limiter. A side-chain is listed under `not_in_chain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, assert_never

import pedalboard

from ama_analysis.chains import MASTER_ROLE, Chain, Json, PluginSetting, chain_json, load_chain
from ama_analysis.plan import Action, Gain, Pan
from ama_analysis.render.plugins import board_of, in_order, settings_of
from ama_analysis.roles import Role


def chain_settings(actions: Iterable[Action]) -> tuple[PluginSetting, ...]:
    """Return the plugins of actions (all of one track, or all of the master) in the order in which they are rendered."""
    return tuple(one for action in in_order(actions) for one in settings_of(action))


def chain_of(actions: Iterable[Action]) -> pedalboard.Pedalboard:
    """Return fresh plugins for actions; fader, pan and side-chain are left out."""
    return board_of(chain_settings(actions))


def load_preset(path: str | Path) -> pedalboard.Pedalboard:
    """Return the plugins of a chain file, or of a chain that ships when given its name; `PresetError` as `chains.load_chain`."""
    return board_of(load_chain(path).plugins)


def chain_document(name: str, role: Role | str, actions: Sequence[Action]) -> dict[str, Any]:
    """Return the chain file (a document for `json.dumps`) of the actions of one track, or of the master (`role` "master").

    Rendering through `load_preset` of the file equals rendering the plan's chain.
    """
    faders = [action.fader_db for action in actions if isinstance(action, Gain)]
    pans = [action.pan for action in actions if isinstance(action, Pan)]
    what = "the master bus" if role == MASTER_ROLE else f"track {name!r}"
    chain = Chain(
        name=name or role,
        title=name or role,
        description=f"What AMA suggests for {what}.",
        role=role,
        sources=(),
        plugins=chain_settings(actions),
        fader_db=faders[-1] if faders else None,
        pan=pans[-1] if pans else None,
        not_in_chain=tuple(aside for action in actions for aside in _asides(action)),
    )
    return chain_json(chain)


def _asides(action: Action) -> tuple[Json, ...]:
    match action.kind:
        case "sidechain":
            values = {key: value for key, value in asdict(action).items() if key != "kind"}
            return ({"kind": action.kind, "values": values},)
        case "gain" | "pan" | "polarity" | "gate" | "high_pass" | "low_pass" | "eq_band":
            return ()
        case "compressor" | "master_eq" | "limiter":
            return ()
        case _:
            assert_never(action.kind)
