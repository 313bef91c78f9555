"""Which role a General MIDI program has, where that is plain."""

from __future__ import annotations

from typing import Final

from ama_analysis.roles import Role

_PROGRAMS: Final[tuple[tuple[int, Role | None], ...]] = (
    (8, "keys"),  # pianos, harpsichord, clavinet
    (
        15,
        "keys",
    ),  # celesta to dulcimer: what is struck and tuned is called keys (presets/roles.toml)
    (16, "keys"),
    (24, "keys"),  # organs, accordion, harmonica
    (26, "acoustic guitar"),
    (32, "guitar"),
    (40, "bass"),
    (47, "strings"),
    (48, "percussion"),  # timpani
    (50, "strings"),
    (52, None),  # synth strings: strings to one, a synth to another
    (55, "backing vocal"),
    (56, None),  # orchestra hit
    (62, "brass"),
    (64, None),  # synth brass
    (80, "brass"),  # reeds and pipes too (presets/roles.toml)
    (96, "synth"),
    (104, None),  # synth effects: pads to one, effects to another
    (108, "acoustic guitar"),  # sitar, banjo, shamisen, koto: plucked
    (112, None),  # kalimba, bagpipe, fiddle, shanai
    (119, "percussion"),
    (128, "fx"),
)
"""Programs below the number (counted from 0) have the role; None where people differ."""


def role_of_program(program: int) -> Role | None:
    """Return the role of a General MIDI program, 0 to 127; None where it is not plain."""
    return next(role for stop, role in _PROGRAMS if program < stop)
