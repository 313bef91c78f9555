"""Faders of a reference that turns out to be a mix of these very stems."""

from __future__ import annotations

from collections.abc import Callable

from ama_analysis.audio import AudioFile, Sound
from ama_analysis.measure.kin import lying_of, read_closely
from ama_analysis.measure.kin_cells import COMMON_BAND, HIGHEST_HZ
from ama_analysis.measure.kin_faders import faders_of, is_kin
from ama_analysis.measure.kinship import Probes, windows_of
from ama_analysis.measure.pieces import at_rate
from ama_analysis.measurements import RecoveredFaders
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import Session, Track


def recover_from_reference(
    session: Session,
    sound_of: Callable[[Track], Sound],
    reference: Sound,
    *,
    probes: Probes | None = None,
    on_progress: OnProgress = silent,
) -> RecoveredFaders | None:
    """Return each track's fader and pan in a reference that is a mix of these stems, at any offset; None where it is none.

    With `probes` stems are read once for several references. Lossy copies, limited and mastered mixes are read too, each fader with its standard error; a gain common to all is left in. Memory is
    bounded whatever the lengths. Raises what the sounds raise and what `on_progress` does.
    """
    rate = session.sample_rate_hz
    own = reference.file_rate_hz if isinstance(reference, AudioFile) else reference.sample_rate_hz
    top_hz = HIGHEST_HZ if own == rate else COMMON_BAND * min(own, rate)
    stems = [at_rate(sound_of(track), rate) for track in session.tracks]
    reference = at_rate(reference, rate)
    found = lying_of(
        stems, reference, probes or Probes(), on_progress=part_of(on_progress, 0.0, 0.4)
    )
    reading = None
    if found is not None:
        lying, windows = found
        share = part_of(on_progress, 0.4, 1.0)
        reading = read_closely(stems, reference, lying, windows, top_hz, on_progress=share)
    on_progress(1.0, "comparing the reference with the stems")
    return faders_of(session, reading) if reading is not None and is_kin(reading) else None


def loud_moments_s(
    session: Session, sound_of: Callable[[Track], Sound], reference: Sound, probes: Probes
) -> tuple[float, ...]:
    """Return where each stem is loudest (s), as far as was looked to find the reference in it: the middle of a few seconds."""
    rate = session.sample_rate_hz
    stems = [at_rate(sound_of(track), rate) for track in session.tracks]
    windows, _, _ = windows_of(stems, at_rate(reference, rate), probes, on_stem=lambda _: None)
    return tuple(
        (windows.starts[int(energy.argmax())] + windows.frames / 2) / rate
        for energy in windows.energy
    )
