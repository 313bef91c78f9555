"""Faders and pans of a reference that is a mix of these very stems: an old bounce, a lossy copy, a released master, at any offset.

Found by `kinship` (where could it lie), checked by `slips` (does it explain what is heard there, to the fraction of a frame), read by
`kin_fit` (factors through one common tone and gain), judged by `kin_errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.kin_cells import Cells, Lying, cells_of, coarser, some_of
from ama_analysis.measure.kin_errors import incoherent_shares, standard_errors
from ama_analysis.measure.kin_fit import Fit, fitted
from ama_analysis.measure.kin_products import Spectrograms, products_of
from ama_analysis.measure.kin_spans import close_spans, overlap_of, spans_within
from ama_analysis.measure.kinship import Candidate, Probes, StemWindows, candidates, windows_of
from ama_analysis.measure.slips import Lie, lie_of
from ama_analysis.progress import OnProgress, part_of

EXPLAINED: Final = 0.3
"""Share of the reference below 5 kHz, each frequency alike, that the stems must explain at an offset for a closer look."""
LOOKED_AT: Final = 5
"""StemWindows in which a candidate is checked."""
MANY_STEMS: Final = 24
LOOKED_AT_OF_MANY: Final = 2
"""The products of a window take up as much memory as the square of the stems."""
SHORTEST_S: Final = 2.0
"""Overlaps must last so long."""
JUDGED: Final = 0.7
"""The share of the bands, from below, by which kinship is judged: to about 5 kHz, where lossy copies keep the waveform."""
HEARABLE_DB: Final = -35.0
"""Against the whole mix: stems that lie lower need not be read for a mix to be kin."""
MOST_USUAL: Final = 1.0
"""More than half of a mix of these stems is coherent."""
DECISIVE: Final = 0.8
CLEARLY: Final = 1.25
"""A candidate that explains so much and is so much clearer than the next is the one."""
PLAIN_BELOW_DB: Final = -35.0
"""Mixes of which more remains were coded or mastered."""
CHANGED: Final = 0.0115
"""0.1 dB: what codecs and masters do to stems unequally (measured: 0.07 dB in the mean from Vorbis, where the scatter alone says 0.03)."""
STRETCH_S: Final = 0.5
AKIN: Final = 0.5
"""A stretch belongs to the mix when the stems explain at least this part of what they explain elsewhere (its upper quartile)."""
ENOUGH: Final = 0.25
SOUNDING: Final = 1e-4
WHOLE_FRAME: Final = 0.1
"""Delays nearer to a whole frame than this are taken as whole."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reading:
    """What a close look at a mix gave: factors (2, n) and their standard errors, each factor's own evidence 0..1, powers of the stems (2, n)."""

    lying: Lying
    factors: Floats
    errors: Floats
    own: Floats
    powers: Floats
    kinship: float
    explained: float
    gain_spread: float
    tone_spread: float
    duration_s: float
    rate_hz: int


def lying_of(
    stems: Sequence[Sound], reference: Sound, probes: Probes, *, on_progress: OnProgress
) -> tuple[Lying, StemWindows] | None:
    """Return how a reference lies to stems (all at one rate), or None where it is no mix of theirs."""
    stage = "comparing the reference with the stems"
    count = max(len(stems), 1)
    windows, probe, step = windows_of(
        stems, reference, probes, on_stem=lambda index: on_progress(0.6 * index / count, stage)
    )
    found = candidates(
        probe, step, reference, on_chunk=lambda done: on_progress(0.6 + 0.2 * done, stage)
    )
    spectra = Spectrograms(stems, reference.sample_rate_hz)
    best: tuple[float, Candidate, Lie] | None = None
    for number, candidate in enumerate(found):
        share = part_of(on_progress, 0.8 + 0.05 * number, 0.85 + 0.05 * number)
        lie = _looked_at(stems, spectra, reference, windows, candidate, share)
        if lie is not None and lie.explained >= EXPLAINED:
            score = lie.explained * candidate.clearness
            if best is None or score > best[0]:
                best = (score, candidate, lie)
            others = [other.clearness for other in found[number + 1 :]]
            if lie.explained > DECISIVE and candidate.clearness > CLEARLY * max(others, default=0):
                break
    if best is None:
        return None
    _, candidate, lie = best
    return (
        Lying(
            offset=candidate.offset + _whole(lie.common),
            slips=tuple(_whole(slip) for slip in lie.slips),
        ),
        windows,
    )


def _looked_at(
    stems: Sequence[Sound],
    spectra: Spectrograms,
    reference: Sound,
    windows: StemWindows,
    candidate: Candidate,
    on_progress: OnProgress,
) -> Lie | None:
    first, last = overlap_of(stems, reference, candidate.offset)
    if last - first < SHORTEST_S * reference.sample_rate_hz:
        return None
    most = LOOKED_AT if len(stems) <= MANY_STEMS else LOOKED_AT_OF_MANY
    spans = spans_within(windows, first, last, most)
    if not spans:
        return None
    products = products_of(
        spectra,
        reference,
        candidate.offset,
        spans,
        on_span=lambda k: on_progress(k / len(spans), "laying the reference on the stems"),
    )
    return lie_of(products, reference.sample_rate_hz)


def _whole(delay: float) -> float:
    nearest = round(delay)
    return float(nearest) if abs(delay - nearest) < WHOLE_FRAME else delay


def read_closely(
    stems: Sequence[Sound],
    reference: Sound,
    lying: Lying,
    windows: StemWindows,
    top_hz: float,
    *,
    on_progress: OnProgress,
) -> Reading:
    """Return the stems' factors in a mix that lies to them in a known way."""
    rate = reference.sample_rate_hz
    stage = "reading the faders of the reference"
    first, last = overlap_of(stems, reference, round(lying.offset))
    spans = close_spans(
        stems,
        windows,
        first,
        last,
        rate,
        on_stem=lambda index: on_progress(0.3 * index / len(stems), stage),
    )
    cells = cells_of(
        stems,
        reference,
        lying,
        spans,
        top_hz,
        on_span=lambda k: on_progress(0.3 + 0.3 * k / len(spans), stage),
    )
    fit = fitted(cells, on_step=lambda k: on_progress(0.6 + 0.1 * k / (k + 4), stage))
    kept = _akin(cells, fit)
    if not kept.all():
        cells = some_of(cells, kept)
        fit = fitted(cells, on_step=lambda k: on_progress(0.7 + 0.1 * k / (k + 4), stage))
    rough = fitted(coarser(cells), on_step=lambda k: on_progress(0.8 + 0.2 * k / (k + 4), stage))
    return _reading(cells, fit, rough, lying, rate)


def _akin(cells: Cells, fit: Fit) -> NDArray[np.bool_]:
    """Return which slots (t,) lie in stretches that the stems explain, against the others; all where too few do."""
    bands = fit.master.says
    mean = np.maximum(cells.energy.mean(axis=(0, 1), dtype=np.float64), 1e-30)[bands]
    slots = max(round(STRETCH_S / cells.slot_s), 1)
    starts = np.arange(0, cells.energy.shape[1], slots)
    whole, remains = (
        np.add.reduceat((part[:, :, bands] / mean).sum(axis=(0, 2), dtype=np.float64), starts)
        for part in (cells.energy, fit.residual)
    )
    share = 1.0 - np.minimum(remains / np.maximum(whole, 1e-30), 1.0)
    sounding = whole > SOUNDING * whole.mean()
    if not sounding.any():
        return np.ones(cells.energy.shape[1], np.bool_)
    akin = (share >= AKIN * float(np.quantile(share[sounding], 0.75))) | ~sounding
    if akin.mean() < ENOUGH:
        akin[:] = True
    return np.repeat(akin, slots)[: cells.energy.shape[1]]


def _reading(cells: Cells, fit: Fit, rough: Fit, lying: Lying, rate: int) -> Reading:
    """Return the reading with all that makes a factor doubtful.

    Scatter; what half the resolution in time changes; incoherence; how far apart the sides' gains lie in the mean, which could be pans as well.
    """
    errors, own = standard_errors(cells, fit)
    common = _common(fit.factors, rough.factors)
    blurred = np.abs(fit.factors - common * rough.factors)
    frames = cells.energy.shape[1]
    powers = np.einsum("stbii->si", cells.gram, dtype=np.float64) / max(frames, 1)
    unheard = np.abs(fit.factors) * _unheard(cells, fit, powers)
    apart = abs(float(fit.master.gains[:, 1].mean()))
    if fit.explained < 1.0 - 10.0 ** (PLAIN_BELOW_DB / 10.0):
        apart = float(np.hypot(apart, CHANGED))
    below = slice(0, max(int(cells.bins.size * JUDGED), 1))
    remains = fit.residual.sum(axis=(0, 1)) / np.maximum(cells.energy.sum(axis=(0, 1)), 1e-30)
    return Reading(
        lying=lying,
        factors=fit.factors,
        errors=np.sqrt(errors**2 + blurred**2 + unheard**2 + (apart * fit.factors) ** 2),
        own=own,
        powers=powers,
        kinship=float(np.clip(1.0 - remains[below], 0.0, 1.0).mean()),
        explained=fit.explained,
        gain_spread=float(fit.master.gain_spread[0]),
        tone_spread=fit.master.tone_spread,
        duration_s=frames * cells.slot_s,
        rate_hz=rate,
    )


def _unheard(cells: Cells, fit: Fit, powers: Floats) -> Floats:
    """Return by which part of it each stem (n,) may be louder or softer than it was heard, since it was heard less coherently than the others, or more.

    What all have lost alike is a gain common to all.
    """
    shares = incoherent_shares(cells, fit)
    held = (np.square(fit.factors) * powers).sum(axis=0)
    hearable = held > 10.0 ** (HEARABLE_DB / 10.0) * held.sum()
    usual = min(float(np.median(shares[hearable])), MOST_USUAL) if hearable.any() else 0.0
    unheard: Floats = np.abs(np.sqrt((1.0 + shares) / (1.0 + usual)) - 1.0)
    return unheard


def _common(fine: Floats, rough: Floats) -> float:
    """Return the median ratio of factors that are large enough to have one."""
    large = (np.abs(rough) > 1e-3 * np.abs(rough).max()) & (fine * rough > 0.0)
    return float(np.median(fine[large] / rough[large])) if large.any() else 1.0
