"""The main job in one call: a session in, a verified plan out; and a plan in, audio and pictures out.

session_from_paths / complete_session   stems to a Session
session_document_in                     a folder's session.json, as a DAW's export writes it
advise                                  Session to MixPlan: measure, suggest, render, measure again, keep what helps
inputs_of / refuse_to_overwrite         what a session is read from, which nothing is written over
render_reference                        what counts of a reference, to be heard beside a mix
render_plan                             MixPlan to audio files, a mix or one track, before and after at equal loudness
KeptSums                                what was rendered of it before, to be used again
picture_of_plan                         MixPlan to a picture of the tonal balance
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ama_analysis.advise.inputs import inputs_of, refuse_to_overwrite
from ama_analysis.advise.session_document import (
    ExportedTrack,
    LeftOut,
    SessionDocument,
    session_document_in,
)
from ama_analysis.advise.sessions import (
    check_references,
    complete_session,
    relocated,
    session_from_document,
    session_from_paths,
    stems_of,
)

if TYPE_CHECKING:
    from ama_analysis.advise.engine import ENGINES, advise
    from ama_analysis.advise.kept_sums import KeptSums
    from ama_analysis.advise.rendering import (
        Rendered,
        Written,
        picture_of_plan,
        render_plan,
        render_reference,
        write_limited,
    )
else:
    _LATER: Final = {
        "engine": ("ENGINES", "advise"),
        "kept_sums": ("KeptSums",),
        "rendering": (
            "Rendered",
            "Written",
            "picture_of_plan",
            "render_plan",
            "render_reference",
            "write_limited",
        ),
    }
    """What is imported when it is first asked for: the engine takes a sixth of a second to import, and a mere mix needs none."""

    def __getattr__(name: str) -> Any:  # noqa: ANN401  # PEP 562
        for module, names in _LATER.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{module}"), name)
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)


__all__ = [
    "ENGINES",
    "ExportedTrack",
    "KeptSums",
    "LeftOut",
    "Rendered",
    "SessionDocument",
    "Written",
    "advise",
    "check_references",
    "complete_session",
    "inputs_of",
    "picture_of_plan",
    "refuse_to_overwrite",
    "relocated",
    "render_plan",
    "render_reference",
    "session_document_in",
    "session_from_document",
    "session_from_paths",
    "stems_of",
    "write_limited",
]
