"""The mix as a whole: faders, pans, mutes, order, places, lengths, blocks and memory."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, open_audio, read_audio
from ama_analysis.errors import AudioFileError, RenderError, SessionError
from ama_analysis.plan import (
    Compressor,
    EqBand,
    Gain,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
    Sidechain,
)
from ama_analysis.render import Mixdown, Scaled, bus_sound, track_sound
from ama_analysis.session import Session, Track
from tests.real_data import SESSIONS, needs_real_data
from tests.render.material import LongNoise, difference_db, impulse, mix_of, rendered, says
from tests.signals import noise, silence, sine

NULL_DB = -120.0
"""A few roundings of 32-bit sums below full scale."""
HUMAN_NULL_DB = -80.0
"""mix.flac has 16 bits; the collector states a residual of -82 dB."""
PLACE_FRAMES = 1
"""Where a click's energy stands, after filters that delay it by less than a frame's worth."""
MEMORY_SHARE = 1.1
"""A long mix may hold a tenth more than a short one at most (it holds the same)."""

STRIP = (
    says("a", Polarity(invert=True)),
    says("a", HighPass(cutoff_hz=60.0, slope_db_per_oct=24)),
    says("a", LowPass(cutoff_hz=15_000.0)),
    says("a", EqBand(type="bell", freq_hz=300.0, gain_db=-3.0, q=1.4)),
    says(
        "a", Compressor(threshold_db=-24.0, ratio=3.0, attack_ms=5.0, release_ms=90.0, knee_db=6.0)
    ),
    says(
        "a", Sidechain(trigger="b", threshold_db=-20.0, ratio=3.0, attack_ms=2.0, release_ms=100.0)
    ),
    says("a", Gain(delta_db=-2.0, fader_db=-2.0)),
    says("a", Pan(pan=0.3)),
)
MASTER = (
    says("master", MasterEq(type="high_shelf", freq_hz=8000.0, gain_db=1.0, q=0.7)),
    says("master", Compressor(threshold_db=-18.0, ratio=2.0, attack_ms=20.0, release_ms=200.0)),
    says("master", Limiter(ceiling_dbtp=-1.0, gain_db=9.0)),
)


def two_tracks():
    return {"a": noise(seed=1, channels=1, duration_s=2.0), "b": noise(seed=2, duration_s=3.0)}


def test_the_mix_as_it_stands_is_the_sum_at_the_sessions_faders_and_pans():
    stems = two_tracks()
    mix = mix_of(stems, a={"fader_db": -6.0, "pan": 0.5}, b={"fader_db": 3.0, "pan": -0.25})
    a = np.pad(stems["a"].samples, ((0, 0), (0, 48_000)))
    wanted = 10.0 ** (-6.0 / 20.0) * a * [[0.5], [1.0]]
    wanted += 10.0 ** (3.0 / 20.0) * stems["b"].samples * [[1.0], [0.75]]
    assert difference_db(rendered(mix), wanted) < NULL_DB


@pytest.mark.parametrize(
    ("pan", "left", "right"),
    [(0.0, 1, 1), (1.0, 0, 1), (-1.0, 1, 0), (0.4, 0.6, 1), (-0.4, 1, 0.6)],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_pan_is_a_linear_balance_with_unity_in_the_centre(pan, left, right, channels):
    tone = sine(440.0, channels=channels)
    got = rendered(mix_of({"tone": tone}, says("tone", Pan(pan=pan))))
    assert difference_db(got, tone.samples * [[left], [right]]) < NULL_DB


def test_a_suggested_fader_takes_the_place_of_the_present_one():
    tone = sine(440.0)
    mix = mix_of(
        {"tone": tone}, says("tone", Gain(delta_db=4.0, fader_db=-8.0)), tone={"fader_db": -12.0}
    )
    assert difference_db(rendered(mix), tone.samples * 10.0 ** (-8.0 / 20.0)) < NULL_DB


def test_a_muted_track_is_not_heard_but_keeps_the_length():
    stems = {"a": noise(duration_s=0.5), "long": noise(duration_s=1.0, seed=3)}
    got = rendered(mix_of(stems, long={"muted": True}))
    assert got.shape == (2, 48_000)
    assert difference_db(got[:, :24_000], stems["a"].samples) < NULL_DB
    assert not got[:, 24_000:].any()


def test_polarity_turns_and_delays_by_whole_samples_and_keeps_the_length():
    click = impulse(frames=4_800, at=100)
    for delay_frames in (0, 1, 7, 144, 158):
        action = Polarity(invert=True, delay_ms=1000.0 * delay_frames / 48_000)
        got = rendered(mix_of({"click": click}, says("click", action)))
        assert got.shape == (2, 4_800)
        assert np.flatnonzero(got[0]).tolist() == [100 + delay_frames]
        assert got[0, 100 + delay_frames] == -0.5


def test_a_delayed_track_sounds_on_into_a_longer_mix():
    stems = {"click": impulse(frames=1_000, at=999), "long": silence(duration_s=0.1)}
    got = rendered(mix_of(stems, says("click", Polarity(invert=False, delay_ms=10.0))))
    assert np.flatnonzero(got[0]).tolist() == [999 + 480]


@pytest.mark.parametrize("block_frames", [1_000, 4_096, 65_536, 1_000_000])
def test_blocks_of_any_length_give_the_same_mix(block_frames):
    mix = mix_of(two_tracks(), *STRIP, *MASTER)
    sizes = [block.shape[1] for block in mix.blocks(block_frames)]
    assert sum(sizes) == mix.frames
    assert set(sizes[:-1]) <= {block_frames}
    assert np.array_equal(rendered(mix, block_frames), rendered(mix))


def test_each_walk_starts_with_fresh_plugins():
    mix = mix_of(two_tracks(), *STRIP, *MASTER)
    first = rendered(mix)
    half_walked = mix.blocks()
    next(half_walked)
    assert np.array_equal(rendered(mix), first)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_everything_stays_in_its_place_through_the_longest_chain(rate):
    stems = {"a": impulse(frames=rate, at=rate // 2, rate=rate), "b": silence(sample_rate_hz=rate)}
    chain = [s for s in STRIP if s.action.kind not in {"low_pass", "polarity"}]
    got = rendered(mix_of(stems, *chain, *[s for s in MASTER if s.action.kind != "master_eq"]))
    assert got.shape == (2, rate)
    assert abs(int(np.argmax(np.abs(got[1]))) - rate // 2) <= PLACE_FRAMES
    assert np.max(np.abs(got[:, : rate // 2 - PLACE_FRAMES])) < 1e-6


def test_the_limiter_makes_up_for_what_it_looks_ahead():
    click = impulse(frames=10_000, at=9_990, channels=2)
    got = rendered(
        mix_of({"click": click}, says("master", Limiter(ceiling_dbtp=-1.0, gain_db=0.0)))
    )
    assert np.array_equal(got, click.samples)


@pytest.mark.parametrize("frames", [1, 2, 3, 200, 65_536, 65_537])
def test_sounds_of_any_length_come_out_as_long_as_they_went_in(frames):
    stem = Audio(np.full((2, frames), 0.25, np.float32), 48_000)
    got = rendered(mix_of({"a": stem, "b": stem}, *STRIP, *MASTER))
    assert got.shape == (2, frames)
    assert np.isfinite(got).all()


def test_silence_stays_silence():
    stems = {"a": silence(), "b": silence(channels=1)}
    assert not rendered(mix_of(stems, *STRIP, *MASTER)).any()


def test_the_master_can_be_left_out_and_put_on_by_itself():
    mix = mix_of(two_tracks(), *STRIP, *MASTER)
    bare = Mixdown(
        session=mix.session, suggestions=mix.suggestions, sound_of=mix.sound_of, master=False
    )
    assert np.array_equal(rendered(bus_sound(bare, mix.suggestions)), rendered(mix))


def test_the_tracks_add_up_to_the_mix_before_the_master():
    stems = {"a": noise(seed=1, channels=1), "b": noise(seed=2)}
    mix = mix_of(stems, *STRIP, a={"fader_db": -3.0}, b={"pan": -0.5})
    tracks = [
        rendered(track_sound(mix.session, track, mix.suggestions, mix.sound_of))
        for track in mix.session.tracks
    ]
    assert difference_db(rendered(mix), tracks[0] + tracks[1]) < NULL_DB


def test_a_track_before_its_fader_has_its_own_channels_and_no_fader():
    stems = two_tracks()
    mix = mix_of(stems, says("a", Gain(delta_db=-9.0, fader_db=-9.0)), a={"muted": True})
    track = mix.session.track("a")
    before = track_sound(mix.session, track, mix.suggestions, mix.sound_of, fader=False)
    assert np.array_equal(rendered(before), stems["a"].samples)
    behind = track_sound(mix.session, track, mix.suggestions, mix.sound_of)
    assert not rendered(behind).any()
    assert behind.channels == 2


def test_an_excerpt_without_samples_gives_none():
    stems = {"a": Audio(np.zeros((1, 0), np.float32), 48_000), "b": noise(duration_s=0.1)}
    mix = mix_of(stems, *STRIP)
    track = mix.session.track("a")
    assert rendered(track_sound(mix.session, track, STRIP, mix.sound_of)).shape == (2, 0)
    assert difference_db(rendered(mix), stems["b"].samples) < NULL_DB


def test_the_trim_is_the_last_gain():
    mix = mix_of(two_tracks(), *STRIP, *MASTER)
    wanted = rendered(mix) * 10.0 ** (-2.5 / 20.0)
    assert difference_db(rendered(mix.with_trim(-2.5)), wanted) < NULL_DB
    assert difference_db(rendered(Scaled(mix, -2.5)), wanted) < NULL_DB


def test_suggestions_in_any_order_are_rendered_in_the_strips_order():
    forth = mix_of(two_tracks(), *STRIP, *MASTER)
    back = mix_of(two_tracks(), *reversed(MASTER), *reversed(STRIP))
    assert np.array_equal(rendered(forth), rendered(back))


def test_memory_does_not_grow_with_length():
    def peak_bytes(frames):
        stems = {"a": LongNoise(frames=frames, seed=1), "b": LongNoise(frames=frames, seed=2)}
        mix = mix_of(stems, *STRIP, *MASTER)
        tracemalloc.start()
        for _ in mix.blocks():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(100_000)
    short, long = peak_bytes(10 * 48_000), peak_bytes(100 * 48_000)
    assert long < MEMORY_SHARE * short


def test_an_unknown_track_or_trigger_is_named():
    stems = two_tracks()
    with pytest.raises(SessionError, match="no track 'x'"):
        mix_of(stems, says("x", Pan(pan=0.0)))
    duck = Sidechain(trigger="y", threshold_db=-20.0, ratio=3.0, attack_ms=2.0, release_ms=100.0)
    with pytest.raises(SessionError, match="no track 'y'"):
        mix_of(stems, says("a", duck))


@pytest.mark.parametrize(
    ("track", "action"),
    [
        ("master", Pan(pan=0.0)),
        ("a", Limiter(ceiling_dbtp=-1.0, gain_db=0.0)),
        ("master", HighPass(cutoff_hz=30.0)),
    ],
)
def test_an_action_in_the_wrong_place_is_refused_in_words(track, action):
    with pytest.raises(RenderError, match=f"puts a {action.kind} on '{track}'"):
        mix_of(two_tracks(), says(track, action))


def test_a_stem_that_fails_stops_the_mix_with_its_own_error():
    def broken(track):
        message = f"{track.path} is gone."
        raise AudioFileError(message)

    session = Session(
        name="x",
        tracks=(Track(id="a", name="a", path=Path("a.wav")),),
        sample_rate_hz=48_000,
        duration_s=1.0,
    )
    with pytest.raises(AudioFileError, match=r"a\.wav is gone"):
        rendered(Mixdown(session=session, sound_of=broken))


def test_a_session_without_tracks_is_an_empty_sound():
    session = Session(name="x", tracks=(), sample_rate_hz=48_000, duration_s=0.0)
    assert rendered(Mixdown(session=session, sound_of=lambda track: silence())).shape == (2, 0)


@needs_real_data
def test_a_humans_mix_comes_back_from_its_faders_and_pans():
    folder = SESSIONS / "lmms_makeme"
    told = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    tracks = tuple(
        Track(
            id=t["name"],
            name=t["name"],
            path=folder / t["file"],
            fader_db=t["gain_db"],
            pan=t["pan"],
        )
        for t in told["tracks"]
    )
    mix = read_audio(folder / "mix.flac")
    session = Session(
        name="m", tracks=tracks, sample_rate_hz=mix.sample_rate_hz, duration_s=mix.duration_s
    )
    down = Mixdown(
        session=session,
        sound_of=lambda track: open_audio(track.path),
        trim_db=told["mix"]["mix_gain_db"],
    )
    got = rendered(down)
    assert difference_db(got[:, : mix.frames], mix.samples[:, : got.shape[1]]) < HUMAN_NULL_DB
