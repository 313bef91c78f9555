"""What measuring finds: figures of one track, of a pair of tracks, of a mix and of a whole session.

Conventions: a level that does not exist (the loudness of silence) is None. Levels in dBFS are re full scale 1.0 (a full-scale sine has
an RMS of -3.01 dBFS). Band levels are mean powers in dB re 1.0, floored at `bands.FLOOR_DB`. Mid is (L+R)/2 and side (L-R)/2 in
everything but the AF figures of `MixProfile`, which follow their paper (L+R, L-R). A mono file counts as left = right, but for its
loudness: there the standard counts one channel (3.01 LU less), in a track's figures; a mono mix counts as it is heard from two loudspeakers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Levels: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """ITU-R BS.1770-4, EBU Tech 3341 and 3342.

    `foreground_lufs` is no figure of theirs: the loudness of what is played, without hiss or bleed between the notes (`measure.loudness`). Plans of
    older versions lack it.
    """

    integrated_lufs: float | None
    loudness_range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    foreground_lufs: float | None = None

    @property
    def played_lufs(self) -> float | None:
        """The loudness of what is played; of an older plan integrated loudness."""
        return self.integrated_lufs if self.foreground_lufs is None else self.foreground_lufs

    @property
    def plr_db(self) -> float | None:
        """Peak to loudness ratio: true peak less integrated loudness."""
        if self.true_peak_dbtp is None or self.integrated_lufs is None:
            return None
        return self.true_peak_dbtp - self.integrated_lufs


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLevels:
    """The two levels between which a track goes to and fro: a drum and what bleeds into its microphone, a riff and its amplifier's hum.

    `split_dbfs` parts the levels of the 50 ms frames above -70 dBFS into two groups that differ most (Otsu, "A Threshold Selection Method
    from Gray-Level Histograms", IEEE Trans. SMC 9(1), 1979); `loud_dbfs` and `quiet_dbfs` are the mean levels of the groups, `quiet_fraction`
    the quieter one's share of these frames and `audible_fraction` these frames' share of all, 0..1.
    """

    split_dbfs: float
    loud_dbfs: float
    quiet_dbfs: float
    quiet_fraction: float
    audible_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dynamics:
    """Levels over time.

    `active_*` look only at the part where the track plays (50 ms frames above the gate that `measure.dynamics` documents);
    `noise_floor_dbfs` is the RMS level of its quietest frames. `onset_rate_hz` is the number of onsets per second of the active part.
    `clips` are places where three or more samples in a row stand at full scale. `steady_noise_dbfs` is the level of hiss or hum that goes on under
    all that is played. Silence, a steady level and plans of older versions have no `two_levels`; most tracks have no `steady_noise_dbfs`.
    """

    rms_dbfs: float | None
    crest_factor_db: float | None
    noise_floor_dbfs: float | None
    active_fraction: float
    active_rms_dbfs: float | None
    active_crest_factor_db: float | None
    onset_rate_hz: float
    dc_offset: float
    clips: int = 0
    two_levels: TwoLevels | None = None
    steady_noise_dbfs: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BandLevels:
    """Long-term mean power per band, dB: one tuple a channel, all as long as `freq_hz` (band centres)."""

    freq_hz: Levels
    left_db: Levels
    right_db: Levels
    mid_db: Levels
    side_db: Levels

    @property
    def level_db(self) -> Levels:
        """Mean of left and right power (what a mono downmix of an uncorrelated pair would not lose)."""
        return tuple(
            _power_mean_db(left, right)
            for left, right in zip(self.left_db, self.right_db, strict=True)
        )


def _power_mean_db(a_db: float, b_db: float) -> float:
    return 10.0 * math.log10((10.0 ** (a_db / 10.0) + 10.0 ** (b_db / 10.0)) / 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """The tonal side of a track.

    `third_octave` has the 31 bands of IEC 61260 from 20 Hz to 20 kHz, `erb` the 40 bands of `bands.erb_bands`.
    `quiet_db` and `loud_db` are the 10th and 95th percentile over time (frames in which the track plays) of each third-octave band's
    mid+side power; `fine_db` is the long-term level in 1/12-octave bands (`bands.twelfth_octave_bands`).
    `tilt_db_per_oct` is the slope of power density, 100 Hz to 4 kHz (None for silence).
    """

    third_octave: BandLevels
    erb: BandLevels
    quiet_db: Levels
    loud_db: Levels
    fine_freq_hz: Levels
    fine_db: Levels
    tilt_db_per_oct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stereo:
    """The image.

    `width` is 10^(x/20) form of side over mid (0 mono, 1 as much side as mid) in RMS; `balance_db` is right less left RMS;
    `correlation` is the zero-lag correlation coefficient, -1..+1 (1 for mono); `low_correlation` the same below 120 Hz;
    `low_side_share` is side/(mid+side) power below 120 Hz, 0..1.
    """

    width: float
    balance_db: float
    correlation: float
    low_correlation: float
    low_side_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The classic features, by librosa's definitions (frame 2048, hop 512, centred), averaged over frames.

    `rms_energy` is linear; `dynamic_range_db` is the 95th less the 10th percentile of the frame RMS in dB over frames that play.
    """

    rms_energy: float
    spectral_centroid_hz: float
    spectral_rolloff_hz: float
    spectral_bandwidth_hz: float
    zero_crossing_rate: float
    mfcc: Levels
    dynamic_range_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackMeasurements:
    """Everything measured of one sound file, at the file's own rate."""

    sample_rate_hz: int
    channels: int
    duration_s: float
    loudness: Loudness
    dynamics: Dynamics
    spectrum: Spectrum
    stereo: Stereo
    features: Features

    @property
    def silent(self) -> bool:
        """Whether there is nothing to hear: no block passes the loudness gate."""
        return self.loudness.integrated_lufs is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMeasurements:
    """Two tracks together, at their present faders; `first` comes before `second` in the session.

    `overlap` is the spectral overlap 0..1 (shared ERB energy while both play, over the time of the one that plays less); `first_masked` is the share 0..1 of the first track's
    playing time and bands in which the second covers it, and the other way round; `masked_freq_hz` is the band where most of the
    masking happens (None without any). `low_overlap` is the part of `overlap` below 150 Hz. For close pairs (kick in and out, DI and amp)
    `delay_ms` says by how much the second lags the first, `inverted` whether their polarities oppose and `coherence` 0..1 how sure
    that is; None for pairs that were not compared as waveforms.
    """

    first: str
    second: str
    overlap: float
    low_overlap: float
    first_masked: float
    second_masked: float
    masked_freq_hz: float | None
    delay_ms: float | None = None
    inverted: bool | None = None
    coherence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MixProfile:
    """The figures by which a mix is compared with a target (`distance`).

    Absolute: `integrated_lufs`, `loudness_range_lu`, `true_peak_dbtp`. Level-free: `plr_db`, `crest_db` (mean of the channels),
    `third_octave_db` (28 bands 31.5 Hz to 16 kHz, normalised to a sum of 0 dB), `width_db` = 10 log10(E_S/E_M),
    `width_by_octave_db` (10 octaves 31.5 Hz to 16 kHz), `correlation`, `low_side_share` below 120 Hz, `mono_loss_lu`.
    AF figures (Diff-MST's audio features, at -16 LUFS): `af_rms` per channel, `af_crest_db` per channel, `af_width`, `af_imbalance`
    (absolute value), `af_mid_ln` and `af_side_ln`, 24 Bark bands each, natural logarithm of the mean magnitude, the side floored
    40 dB below the mid.
    Also level-free: `erb_mid_db` and `erb_side_db`, mid and side power in the 40 bands of `bands.erb_bands`, against the power of both between
    30 Hz and 16 kHz. How bands move (None for a style, which is a steady curve): `third_octave_quiet_db` and `third_octave_loud_db`, the
    10th and 95th percentile over time (0.74 s windows) of each of the 28 bands' level less its long-term level; `band_range_db`, the 95th less the
    10th percentile, and `band_crest_db`, the 99th less the long-term level, of the mid's level in `bands.BROAD_BANDS` (93 ms windows).
    Plans and targets of older versions have none of these.
    """

    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    plr_db: float
    crest_db: float
    third_octave_db: Levels
    width_db: float
    width_by_octave_db: Levels
    correlation: float
    low_side_share: float
    mono_loss_lu: float
    tilt_db_per_oct: float
    af_rms: tuple[float, float]
    af_crest_db: tuple[float, float]
    af_width: float
    af_imbalance: float
    af_mid_ln: Levels
    af_side_ln: Levels
    erb_mid_db: Levels | None = None
    erb_side_db: Levels | None = None
    third_octave_quiet_db: Levels | None = None
    third_octave_loud_db: Levels | None = None
    band_range_db: Levels | None = None
    band_crest_db: Levels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMeasurements:
    """All tracks that could be measured (by id), all pairs of them, and why the others could not."""

    tracks: Mapping[str, TrackMeasurements]
    pairs: tuple[PairMeasurements, ...]
    skipped: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredFader:
    """One track as a finished mix holds it.

    `fader_db` and `pan` are what the audio says, or the session's own where it says nothing; where they are not `certain`, `doubt` says why, in words.
    `absent` means that the stem plays and the mix does not hold it, `inverted` that it holds it upside down; `slip_ms` is by how much it
    lies later in the mix than the other stems; `error_db` the standard error of `fader_db` (None where nothing was found).
    """

    track: str
    fader_db: float
    pan: float
    certain: bool
    doubt: str = ""
    absent: bool = False
    inverted: bool = False
    slip_ms: float = 0.0
    error_db: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredFaders:
    """Faders and pans read from a mix of known stems.

    `offset_ms` is by how much the mix lies later than the stems; `residual_db` the power of mix less reconstruction over that of the mix;
    `linear` whether that is little enough for the mix to be stems, faders and pans alone (`measure.recover.LINEAR_BELOW_DB`).
    Where it is not, the residual is what a common tone and gain over time (a master's EQ and limiter, a codec) leave. `kinship` is the mean
    share, over bands up to 5 kHz, of the mix that the stems explain so, 0..1 (0 where it is no mix of these stems); `heard_s` how much of it was looked at closely.
    A gain common to all faders, as masters have, is left in by `recover_from_reference`.
    """

    faders: tuple[RecoveredFader, ...]
    offset_ms: float
    residual_db: float
    linear: bool
    kinship: float = 1.0
    heard_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFader:
    """One track's place in a mix of other bars of the same song.

    `fader_db` and `pan` are what the track would need to sit as it does there; `error_db` and `pan_error` their standard errors.
    `heard` is False where the mix does not tell (the track is silent, masked, or does not play there): then `fader_db` makes it as loud as
    the others in the middle, `pan` is the session's own, and the errors are wide.
    """

    track: str
    fader_db: float
    pan: float
    error_db: float
    pan_error: float
    heard: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardBalance:
    """The balance of a mix of other bars of the same song; all faders may be moved together.

    `fit` is the share 0..1 of the mix (whitened) that repetitions of the stems' own sounds explain.
    """

    faders: tuple[HeardFader, ...]
    fit: float
