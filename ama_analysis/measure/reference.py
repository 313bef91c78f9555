"""One or more references to one target: medians, with the references' own disagreement as the spread that nobody is charged for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS, bark_centres_hz
from ama_analysis.distance import distance
from ama_analysis.measurements import Levels, MixProfile, TrackMeasurements
from ama_analysis.target import ANYTHING_DB, Spread, Target

ODD_RATIO: Final = 3.0
"""A reference is odd when it lies this many times farther from the others' median than they do from each other on average..."""
ODD_FROM: Final = 0.2
"""...and farther than releases of one kind do. AF* measured among seven releases: 0.02 to 0.15 between any two of rock, pop, metal and
techno, 0.12 to 0.42 from these to an orchestra with next to no correlation; 0.02 and less between two halves of one."""
LOPSIDED_FROM: Final = 0.3
"""|imbalance| of a channel with 2.7 dB more than the other."""
ABSENT_DB: Final = -65.0
"""The share of the whole that a treble band of a low-passed file does not reach; music has 20 dB more even at 16 kHz."""
ABSENT_FROM_HZ: Final = 5_000.0
"""Lossy codecs and bad rates cut from above; what lacks bass may be meant to."""
CUT_SLOPE: Final = 1.3
"""Bands down to this much below the first absent one lie on the slope of the cut (a third of an octave)."""
_CENTRES_HZ: Final = THIRD_OCTAVE_HZ[TONAL_BANDS]
_NEED_NOT_BE: Final = tuple(field.name for field in fields(MixProfile) if field.default is None)
"""The figures that a profile may lack; `Spread` has each of them by the same name."""


def reference_target(profiles: Sequence[tuple[str, MixProfile]], base: Target) -> Target:
    """Return the target that named reference profiles make; roles and ceiling are those of `base`.

    Each figure is the median over the references, the spread half their range (zero for a single one). A reference that stands out, leans to
    one side or lacks treble is kept and named in `warnings`. ValueError for no profile.
    """
    if not profiles:
        message = "a reference target needs at least one profile"
        raise ValueError(message)
    merged = merged_profile([profile for _, profile in profiles])
    names = tuple(name for name, _ in profiles)
    return Target(
        name="reference",
        kind="reference",
        title=names[0] if len(names) == 1 else f"the set of {len(names)} references",
        style=base.style,
        profile=merged,
        spread=_blind_where(
            _absent(merged.third_octave_db), _spread([profile for _, profile in profiles])
        ),
        loudness_lufs=merged.integrated_lufs,
        ceiling_dbtp=base.ceiling_dbtp,
        roles=base.roles,
        references=names,
        warnings=(*_odd_ones(profiles, base), *_flawed_ones(profiles)),
    )


def merged_profile(profiles: Sequence[MixProfile]) -> MixProfile:
    """Return the median of each figure, over the profiles that have it; all but loudness, range and peak are level-free."""
    medians: dict[str, Any] = {
        field.name: _median([getattr(profile, field.name) for profile in profiles])
        for field in fields(MixProfile)
    }
    return replace(profiles[0], **medians)


def _median(values: Sequence[float | Levels | None]) -> float | Levels | None:
    """Return the median of what is there; None where nothing is."""
    there = [value for value in values if value is not None]
    if not there:
        return None
    middle = np.median(np.array(there, dtype=np.float64), axis=0)
    return tuple(float(value) for value in middle) if middle.ndim else float(middle)


def _spread(profiles: Sequence[MixProfile]) -> Spread:
    def half(figure: Callable[[MixProfile], float]) -> float:
        values = [figure(profile) for profile in profiles]
        return (max(values) - min(values)) / 2.0

    def halves(figure: Callable[[MixProfile], Levels]) -> Levels:
        return _half_range([figure(profile) for profile in profiles])

    def halves_of(name: str) -> Levels | None:
        values = [getattr(p, name) for p in profiles if getattr(p, name) is not None]
        return _half_range(values) if values else None

    return Spread(
        third_octave_db=halves(lambda p: p.third_octave_db),
        width_db=half(lambda p: p.width_db),
        plr_db=half(lambda p: p.plr_db),
        crest_db=half(lambda p: p.crest_db),
        loudness_range_lu=half(lambda p: p.loudness_range_lu),
        af_mid_ln=halves(lambda p: p.af_mid_ln),
        af_side_ln=halves(lambda p: p.af_side_ln),
        af_width=half(lambda p: p.af_width),
        **{name: halves_of(name) for name in _NEED_NOT_BE},
    )


def _half_range(values: Sequence[Levels]) -> Levels:
    return tuple(float(value) for value in np.ptp(np.array(values), axis=0) / 2.0)


def compared_where_heard(target: Target, tracks: Sequence[TrackMeasurements]) -> Target:
    """Return a target that charges for nothing in the treble that no track has: stems at a low rate, or cut off by a codec."""
    heard = [track.spectrum.third_octave.level_db for track in tracks if not track.silent]
    if not heard:
        return target
    shares = [
        np.array(one) - 10.0 * np.log10(np.sum(10.0 ** (np.array(one) / 10.0))) for one in heard
    ]
    absent = _absent(np.max(shares, axis=0)[TONAL_BANDS])
    spread = _blind_where(absent, target.spread)
    if spread == target.spread:
        return target
    told = (
        f"The stems have next to nothing above {_CENTRES_HZ[absent][0] / 1000:.0f} kHz:"
        f" what {target.title} has there is not compared."
    )
    return replace(target, spread=spread, warnings=(*target.warnings, told))


def _absent(third_octave_db: ArrayLike) -> NDArray[np.bool_]:
    """Return which of the 28 bands (dB re the whole) what is low-passed lacks."""
    return (_CENTRES_HZ >= ABSENT_FROM_HZ) & (np.asarray(third_octave_db) < ABSENT_DB)


def _blind_where(absent: NDArray[np.bool_], spread: Spread) -> Spread:
    """Return the spread, so wide in absent bands and all above them that nothing there is charged for."""
    if not absent.any():
        return spread
    freq_hz = _CENTRES_HZ
    from_hz = freq_hz[absent][0] / CUT_SLOPE
    third_octaves, bark = freq_hz >= from_hz, bark_centres_hz() >= from_hz
    nepers = ANYTHING_DB / 20.0 * math.log(10.0)
    return replace(
        spread,
        third_octave_db=_widened(spread.third_octave_db, third_octaves, ANYTHING_DB),
        af_mid_ln=_widened(spread.af_mid_ln, bark, nepers),
        af_side_ln=_widened(spread.af_side_ln, bark, nepers),
    )


def _widened(levels: Levels, where: NDArray[np.bool_], to: float) -> Levels:
    return tuple(float(value) for value in np.where(where, to, levels))


def between(one: MixProfile, other: MixProfile, base: Target) -> float:
    """Return AF* of one profile to another without any deadband."""
    goal = replace(
        base, profile=other, spread=_spread([other]), loudness_lufs=other.integrated_lufs
    )
    return distance(one, goal).total


def _odd_ones(profiles: Sequence[tuple[str, MixProfile]], base: Target) -> list[str]:
    sentences = []
    for index, (name, profile) in enumerate(profiles):
        others = [p for place, (_, p) in enumerate(profiles) if place != index]
        if len(others) < 2:
            continue
        far = between(profile, merged_profile(others), base)
        pairs = [between(a, b, base) for k, a in enumerate(others) for b in others[k + 1 :]]
        among = sum(pairs) / len(pairs)
        if far > ODD_FROM and far > ODD_RATIO * among:
            sentences.append(
                f"Reference {name!r} lies far from the others (AF* {far:.2f}, theirs among themselves {among:.2f}): "
                "consider leaving it out."
            )
    return sentences


def _flawed_ones(profiles: Sequence[tuple[str, MixProfile]]) -> list[str]:
    sentences = []
    for name, profile in profiles:
        if profile.af_imbalance > LOPSIDED_FROM:
            sentences.append(
                f"Reference {name!r} leans to one side (imbalance {profile.af_imbalance:.2f})."
            )
        absent_hz = _CENTRES_HZ[_absent(profile.third_octave_db)]
        if absent_hz.size:
            sentences.append(
                f"Reference {name!r} has next to nothing above {absent_hz[0] / 1000:.0f} kHz:"
                " what the mix has there is not compared."
            )
    return sentences
