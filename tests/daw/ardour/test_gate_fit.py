"""a-exp, set by `gate_fit`, against the audition's gate: both are the real ones, on drums with what their microphones hear of the others.

Levels behind the two are compared in windows of 5 ms, wherever these begin, over a floor 30 dB below the hits, wherever either lies above it. Loudness is BS.1770's,
of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ama_analysis.audio import BLOCK_FRAMES, Audio, Block
from ama_analysis.errors import CancelledError
from ama_analysis.plan import Gate
from ama_analysis.render.plugins import board_of, settings_of
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.audition import auditioned
from ama_bridge.daw.ardour.dynamics.gate_fit import FittedGate, fitted_gate
from tests.daw.ardour.behind import EXAMPLES, excerpt, with_bleed
from tests.daw.ardour.gated import Apart, compared, toms
from tests.daw.ardour.lv2_plugin import needs_plugin, processed
from tests.real_data import SESSIONS, needs_real_data
from tests.suggest.test_gating import HITS, stem, suggested, with_band
from tests.suggest.test_gating import RATE as HITS_RATE

LEVEL_DB = 0.5
LOUDNESS_LU = 0.2
"""Issue 5."""
STEEP_DB = 1.0
"""At 4:1 with a release of 100 ms; 0.91 dB is reached where the bleed lies about the threshold."""
NEAR_BLEED_DB = 1.3
"""Of a whole band that plays 20 dB below the hits, where it is heard and moves about the threshold: 0.4 to 1.23 dB were measured."""
FORETOLD_DB = 0.15
"""How far the error in the note may be from the one measured: it is the model's, on every second sample; 0.13 dB at most, measured."""
CLOSED_DB = 1.0
"""The same for how far down the gate is between the hits."""
GENTLE = Gate(threshold_db=-30.0, ratio=2.5, attack_ms=1.0, release_ms=180.0)
STEEP = Gate(threshold_db=-30.0, ratio=4.0, attack_ms=1.0, release_ms=100.0)

BLEEDING = {
    "kick": (-38.0, "evr_caesium/kick", [("evr_caesium/alt_hats", -25.0), ("evr_caesium/vox_lead", -30.0)]),
    "snare": (-41.0, "evr_potassium/snare", [("evr_potassium/end_drums", -25.0), ("evr_potassium/mallet", -28.0)]),
    "snare and kit": (-31.0, "lmms_dearjondoe/snare07", [("lmms_dearjondoe/kick02", -20.0), ("lmms_dearjondoe/hihat_closed01", -25.0)]),
    "bass drum": (-29.0, "lmms_mauiwowi/bassdrum_acoustic01", [("lmms_mauiwowi/snare01", -22.0), ("lmms_mauiwowi/ride3", -28.0)]),
    "snare alone": (-31.0, "lmms_mauiwowi/snare01", []),
    "drums": (-28.0, "nc_easton_ellises_falcon69/drums", []),
}  # fmt: skip
"""A threshold between hits and bleed, a stem, and what else its microphone hears."""


def measured(sound: Audio, action: Gate) -> tuple[FittedGate, Apart]:
    """Fit, and compare the real a-exp as AMA Apply sets it (the mono plugin, one for each channel) with the real NoiseGate."""
    fit = fitted_gate(sound, action)
    rate = sound.sample_rate_hz
    ports = {one.which: one.value for one in (*ace.EXPANDER_BASE, *fit.settings.settings())}
    audition = board_of(settings_of(action)).process(sound.samples, rate)
    ardour = np.concatenate(
        [processed(ace.EXPANDER, side[None], rate, ports) for side in sound.samples]
    )
    return fit, compared(sound.samples, audition, ardour, rate)


def _check(sound: Audio, action: Gate, most_db: float = LEVEL_DB) -> Apart:
    fit, apart = measured(sound, action)
    assert apart.level_db <= most_db
    assert abs(apart.loudness_lu) <= LOUDNESS_LU
    assert fit.error_rms_db == pytest.approx(apart.level_db, abs=FORETOLD_DB)
    assert fit.closed_db == pytest.approx(apart.closed_db, abs=CLOSED_DB)
    assert fit.our_closed_db == pytest.approx(apart.our_closed_db, abs=CLOSED_DB)
    assert f"within {fit.error_rms_db:.2f} dB RMS" in fit.note
    return apart


def bleeding(name: str) -> tuple[Audio, float]:
    threshold_db, stem, others = BLEEDING[name]
    bleed = [(SESSIONS / f"{other}.flac", gain_db) for other, gain_db in others]
    return with_bleed(SESSIONS / f"{stem}.flac", bleed), threshold_db


@needs_plugin("a-exp")
@needs_real_data
@pytest.mark.parametrize("name", BLEEDING)
def test_gates_are_followed_on_drums_with_bleed(name):
    sound, threshold_db = bleeding(name)
    _check(sound, replace(GENTLE, threshold_db=threshold_db))


@needs_plugin("a-exp")
@needs_real_data
@pytest.mark.parametrize(
    ("below_db", "most_db"), [(20.0, NEAR_BLEED_DB), (30.0, LEVEL_DB), (42.0, LEVEL_DB)]
)
@pytest.mark.parametrize("name", HITS)
def test_the_gates_that_the_rule_suggests_are_followed(name, below_db, most_db):
    bled = np.ascontiguousarray(with_band(stem(name), below_db)[:, : 20 * HITS_RATE])
    (suggestion,) = suggested(bled, HITS[name])
    apart = _check(Audio(bled, HITS_RATE), suggestion.action, most_db)
    assert apart.our_closed_db == pytest.approx(apart.closed_db, abs=CLOSED_DB)


@pytest.mark.slow
@needs_plugin("a-exp")
@needs_real_data
@pytest.mark.parametrize("name", BLEEDING)
def test_steeper_gates_are_followed_nearly_as_well(name):
    sound, threshold_db = bleeding(name)
    _check(sound, replace(STEEP, threshold_db=threshold_db), STEEP_DB)


@needs_plugin("a-exp")
@pytest.mark.parametrize(("stem", "threshold_db"), [("snare", -40.0), ("outro_drum", -35.0)])
def test_gates_are_followed_on_the_example_in_stereo(stem, threshold_db):
    _check(excerpt(EXAMPLES / f"{stem}.flac"), replace(GENTLE, threshold_db=threshold_db))


@needs_plugin("a-exp")
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("gate", [GENTLE, STEEP], ids=["gentle", "steep"])
def test_toms_ring_and_what_lies_between_them_is_turned_down(rate, gate):
    apart = _check(toms(rate), gate)
    assert apart.closed_db > 6.0
    assert apart.our_closed_db == pytest.approx(apart.closed_db, abs=1.0)


def test_the_same_sound_gives_the_same_settings():
    assert fitted_gate(toms(), GENTLE) == fitted_gate(toms(), GENTLE)


@needs_plugin("a-exp")
def test_a_sound_that_stays_above_the_threshold_is_left_alone():
    at = np.arange(4 * 48_000) / 48_000
    samples = (0.5 * np.sin(2 * np.pi * 220.0 * at)).astype(np.float32)[None]
    apart = _check(Audio(samples, 48_000), replace(GENTLE, threshold_db=-50.0))
    assert (apart.closed_db, apart.our_closed_db) == (0.0, 0.0)
    assert apart.level_db < 0.02


@pytest.mark.parametrize("frames", [0, 1, 7, 300, 50_000])
def test_silence_and_scraps_have_a_fit_too(frames):
    for level in (0.0, 0.5):
        sound = Audio(np.full((1, frames), level, np.float32), 44_100)
        assert np.isfinite(fitted_gate(sound, GENTLE).error_rms_db)


@pytest.mark.parametrize(
    "action",
    [
        Gate(threshold_db=-80.0, ratio=20.0, attack_ms=0.01, release_ms=1.0),
        Gate(threshold_db=0.0, ratio=1.0, attack_ms=500.0, release_ms=5000.0),
        Gate(threshold_db=0.0, ratio=20.0, attack_ms=500.0, release_ms=5000.0),
    ],
)
def test_the_ends_of_the_ranges_have_a_fit_too(action):
    short = Audio(toms().samples[:, : 2 * 48_000], 48_000)
    for sound in (short, Audio(short.samples * np.float32(20.0), 48_000)):
        fit = fitted_gate(sound, action)
        ports = ace.PORTS[ace.EXPANDER]
        for one in fit.settings.settings():
            assert ports[one.which].low <= one.value <= ports[one.which].high
        assert fit.settings.attack_ms <= fit.settings.release_ms
        assert np.isfinite(fit.error_rms_db)


@pytest.mark.parametrize(("rate", "thinned_hz"), [(44_100, 22_050), (48_000, 24_000), (96_000, 24_000)])  # fmt: skip
def test_as_many_samples_are_looked_at_as_a_quick_opening_needs(rate, thinned_hz):
    assert auditioned(toms(rate), GENTLE).rate_hz == thinned_hz


@dataclass(frozen=True)
class Minutes:
    """Bleed for minutes that is nowhere in memory, with toms struck in one ten seconds of it."""

    frames: int
    struck_block: int
    sample_rate_hz: int = 48_000
    channels: int = 1

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        drums = toms().samples
        quiet = drums[:, 3 * 48_000 :][:, :block_frames]
        for nth, start in enumerate(range(0, self.frames, block_frames)):
            at = (nth - self.struck_block) * block_frames
            struck = 0 <= at < drums.shape[1] - block_frames
            block = drums[:, at : at + block_frames] if struck else quiet
            yield block[:, : self.frames - start]


@pytest.mark.parametrize("struck_block", [0, 61, 150])
def test_toms_that_are_struck_once_in_a_long_sound_are_among_what_is_kept(struck_block):
    sound = Minutes(frames=6 * 60 * 48_000, struck_block=struck_block)
    audition = auditioned(sound, GENTLE)
    assert 500_000 < audition.level_db.shape[1] <= 1_500_000
    assert audition.power.max() > 0.2


def test_it_can_be_stopped():
    def stop(fraction: float, stage: str) -> None:
        raise CancelledError(stage)

    with pytest.raises(CancelledError, match="following the gate"):
        fitted_gate(toms(), GENTLE, on_progress=stop)
