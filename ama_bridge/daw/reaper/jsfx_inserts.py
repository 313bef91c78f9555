"""What a plan or a chain asks of AMA's JSFX on one strip: the inserts, and what of it they cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ama_analysis.plan import Compressor, EqBand, Gate, HighPass, LowPass, MasterEq, Suggestion
from ama_bridge.daw.reaper import dynamics
from ama_bridge.daw.reaper.bands import CannotError, in_ama_eq
from ama_bridge.daw.reaper.rack import Rack
from ama_bridge.daw.reaper.request import Insert


class JsfxInserts(NamedTuple):
    """Inserts behind the user's own effects, in the audition's order; and suggestions that they leave out, with reasons."""

    inserts: tuple[Insert, ...]
    left_out: tuple[tuple[str, str], ...]


def jsfx_inserts(suggestions: Sequence[Suggestion], sample_rate_hz: int) -> JsfxInserts:
    """Return the inserts for the gates, filters, bands and compressors among a strip's suggestions; the others are passed over."""
    from ama_analysis.render.plugins import in_order

    order = {id(action): nth for nth, action in enumerate(in_order(s.action for s in suggestions))}
    rack = Rack("ama")
    left_out = []
    for suggestion in sorted(suggestions, key=lambda s: order[id(s.action)]):
        action = suggestion.action
        try:
            if isinstance(action, EqBand | MasterEq | HighPass | LowPass):
                found = in_ama_eq(action, sample_rate_hz)
                rack.add_bands(suggestion.id, found.bands, found.note)
            elif isinstance(action, Gate):
                rack.add_gate(suggestion.id, dynamics.ama_gate_values(action))
            elif isinstance(action, Compressor):
                rack.add_compressor(suggestion.id, dynamics.ama_compressor_values(action))
        except CannotError as error:
            left_out.append((suggestion.id, str(error)))
    return JsfxInserts(rack.inserts(), tuple(left_out))
