"""A whole session: what is skipped, what goes on, progress, cancelling, pairs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import BLOCK_FRAMES, Audio, Block, Sound, open_audio
from ama_analysis.errors import AudioFileError, CancelledError
from ama_analysis.measure import measure_session, measure_sound
from ama_analysis.roles import Role
from ama_analysis.session import Session, Track, track_of
from tests.kept import Kept
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise, silence, sine

DURATION_S = 3.0


def track(name: str, role: Role = "other", **more: object) -> Track:
    return Track(id=name, name=name, path=Path(f"{name}.wav"), role=role, **more)  # type: ignore[arg-type]  # keywords of a test


def session(*tracks: Track, duration_s: float = DURATION_S) -> Session:
    return Session(name="made", tracks=tracks, sample_rate_hz=48_000, duration_s=duration_s)


class Breaking:
    """A sound that breaks in the middle of decoding."""

    sample_rate_hz, channels, frames = 48_000, 2, 480_000

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        yield np.zeros((2, block_frames), np.float32)
        message = "broken.wav cannot be decoded (lost sync)."
        raise AudioFileError(message, hint="Export it again.", code="AMA-102")


class Endless:
    """A sound that only ends when somebody cancels; says when it began."""

    sample_rate_hz, channels, frames = 48_000, 1, 10**12

    def __init__(self) -> None:
        self.begun = threading.Event()

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        while True:
            self.begun.set()
            yield np.zeros((1, block_frames), np.float32)


SOUNDS: dict[str, Sound] = {
    "noise": noise(duration_s=DURATION_S),
    "copy": noise(duration_s=DURATION_S),
    "other": noise(duration_s=DURATION_S, seed=5),
    "tone": sine(440.0, duration_s=1.0, channels=1, sample_rate_hz=44_100),
    "silence": silence(duration_s=2.0),
    "broken": Breaking(),
}


def sound_of(track: Track) -> Sound:
    if track.name == "missing":
        message = "missing.wav does not exist."
        raise AudioFileError(message, hint="Name a sound file.", code="AMA-101")
    return SOUNDS[track.name]


def test_tracks_that_fail_are_skipped_with_a_sentence_and_the_others_go_on():
    measured = measure_session(
        session(track("broken"), track("noise"), track("missing"), track("tone")), sound_of
    )
    assert list(measured.tracks) == ["noise", "tone"]
    assert measured.skipped == {
        "broken": "broken.wav cannot be decoded (lost sync). Export it again.",
        "missing": "missing.wav does not exist. Name a sound file.",
    }
    assert measured.tracks["noise"] == measure_sound(SOUNDS["noise"])
    assert [(pair.first, pair.second) for pair in measured.pairs] == [("noise", "tone")]


def test_silent_and_muted_tracks_are_measured_and_make_no_pairs():
    measured = measure_session(
        session(track("silence"), track("noise"), track("other", muted=True), track("tone")),
        sound_of,
    )
    assert measured.tracks["silence"].silent
    assert measured.tracks["other"].loudness.integrated_lufs is not None
    assert [(pair.first, pair.second) for pair in measured.pairs] == [("noise", "tone")]


def test_a_session_of_nothing_but_failures_has_no_tracks():
    measured = measure_session(session(track("missing"), track("broken")), sound_of)
    assert (measured.tracks, measured.pairs) == ({}, ())
    assert list(measured.skipped) == ["missing", "broken"]


def test_an_empty_session_is_measured():
    assert measure_session(session(duration_s=0.0), sound_of).tracks == {}


def test_close_pairs_alone_are_compared_as_waveforms():
    measured = measure_session(
        session(track("noise", "snare"), track("copy", "snare"), track("other", "keys")), sound_of
    )
    close, *others = measured.pairs
    assert (close.first, close.second) == ("noise", "copy")
    assert close.delay_ms == pytest.approx(0.0, abs=0.001)
    assert close.inverted is False
    assert close.coherence == pytest.approx(1.0, abs=0.001)
    assert [pair.coherence for pair in others] == [None, None]


def test_faders_are_applied_to_pairs_and_not_to_tracks():
    flat = measure_session(session(track("noise"), track("other")), sound_of)
    faded = measure_session(session(track("noise", fader_db=-20.0), track("other")), sound_of)
    assert flat.tracks == faded.tracks
    assert flat.pairs[0].first_masked < 0.05 < 0.9 < faded.pairs[0].first_masked


def test_progress_comes_from_the_calling_thread_and_rises_to_one():
    seen: list[tuple[float, str, int]] = []
    measure_session(
        session(track("noise"), track("other"), track("tone")),
        sound_of,
        on_progress=lambda fraction, stage: seen.append((fraction, stage, threading.get_ident())),
    )
    fractions = [fraction for fraction, _, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {thread for _, _, thread in seen} == {threading.get_ident()}
    assert all(stage for _, stage, _ in seen)


def test_what_progress_raises_stops_threads_that_would_never_end():
    endless = Endless()
    before = threading.active_count()

    def cancel(_fraction: float, _stage: str) -> None:
        if endless.begun.is_set():
            message = "Cancelled."
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        measure_session(
            session(track("endless"), track("noise")),
            lambda t: endless if t.name == "endless" else sound_of(t),
            on_progress=cancel,
        )
    assert threading.active_count() == before


def test_a_programmer_s_error_in_one_track_is_not_hidden():
    def wrong(track: Track) -> Sound:
        return Audio(np.zeros((1, 9)), 48_000)  # type: ignore[arg-type]  # float64: what Audio refuses

    with pytest.raises(ValueError, match="float64"):
        measure_session(session(track("noise")), wrong)


def test_measure_sound_lets_through_what_progress_raises():
    def cancel(_fraction: float, _stage: str) -> None:
        message = "Cancelled."
        raise CancelledError(message)

    with pytest.raises(CancelledError):
        measure_sound(SOUNDS["noise"], on_progress=cancel)


@needs_real_data
def test_a_real_session_finds_the_kick_under_the_synthesizer():
    folder = SESSIONS / "evr_caesium"
    tracks = tuple(
        track_of(folder / f"{name}.flac") for name in ("kick", "minilogue_synth", "vox_lead")
    )
    measured = measure_session(
        Session(name="caesium", tracks=tracks, sample_rate_hz=44_100, duration_s=25.0),
        lambda t: open_audio(t.path),
    )
    pairs = {(pair.first, pair.second): pair for pair in measured.pairs}
    assert pairs["kick", "minilogue_synth"].low_overlap > 0.2
    assert pairs["kick", "vox_lead"].low_overlap < 0.05


class Counting:
    """Opens sounds and tells whose."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def __call__(self, track: Track) -> Sound:
        self.opened.append(track.name)
        return sound_of(track)


def by_name(track: Track) -> str:
    return f"content of {track.name}"


def snares(**second: object) -> Session:
    return session(track("noise", "snare"), track("copy", "snare", **second), track("tone"))


def test_a_second_look_opens_nothing_and_gives_the_same_to_the_last_bit():
    cache, opened = Kept(), Counting()
    plain = measure_session(snares(), sound_of)
    first = measure_session(snares(), opened, cache=cache, content_of=by_name)
    assert len(opened.opened) == 5  # three tracks, and two that are compared as waveforms
    second = measure_session(snares(), opened, cache=cache, content_of=by_name)
    assert len(opened.opened) == 5
    assert plain == first == second
    assert (cache.found, len(cache)) == (4, 5)  # of the five, the delay was not asked for


def test_only_what_changed_is_measured_again():
    cache, opened = Kept(), Counting()
    before = replace(snares(), duration_s=12.0)
    measure_session(before, sound_of, cache=cache, content_of=by_name)
    more = session(*snares().tracks, track("other"), duration_s=30.0)
    again = measure_session(more, opened, cache=cache, content_of=by_name)
    assert opened.opened == ["other"]
    assert again == measure_session(more, sound_of)


def test_a_moved_fader_makes_pairs_anew_and_opens_nothing():
    cache, opened = Kept(), Counting()
    measure_session(snares(), sound_of, cache=cache, content_of=by_name)
    moved = measure_session(snares(fader_db=-12.0), opened, cache=cache, content_of=by_name)
    assert opened.opened == []
    assert moved == measure_session(snares(fader_db=-12.0), sound_of)
    assert moved.pairs != measure_session(snares(), sound_of).pairs


@pytest.mark.parametrize("change", [{"muted": True}, {"role": "keys"}, {"id": "renamed"}])
def test_pairs_follow_what_they_are_made_of(change):
    cache = Kept()
    measure_session(snares(), sound_of, cache=cache, content_of=by_name)
    changed = session(*(replace(t, **change) if t.name == "copy" else t for t in snares().tracks))
    cached = measure_session(changed, sound_of, cache=cache, content_of=by_name)
    assert cached == measure_session(changed, sound_of)


def test_other_content_and_another_rate_are_measured():
    cache, opened = Kept(), Counting()
    tone = session(track("tone"))
    measure_session(tone, sound_of, cache=cache, content_of=by_name)
    measure_session(tone, opened, cache=cache, content_of=lambda t: "new")
    measure_session(replace(tone, sample_rate_hz=44_100), opened, cache=cache, content_of=by_name)
    assert opened.opened == ["tone", "tone"]


def test_what_has_no_known_content_is_measured_each_time():
    cache, opened = Kept(), Counting()
    for _ in range(2):
        measure_session(snares(), opened, cache=cache, content_of=lambda t: None)
    assert len(opened.opened) == 10
    assert cache == {}


def test_what_failed_is_not_kept():
    cache = Kept()
    broken = session(track("broken"), track("noise"))
    for _ in range(2):
        told = measure_session(broken, sound_of, cache=cache, content_of=by_name).skipped
        assert "lost sync" in told["broken"]
    assert len(cache) == 2  # the other track, and that it has no pairs


def test_entries_that_do_not_fit_are_measured_over():
    cache = Kept()
    first = measure_session(snares(), sound_of, cache=cache, content_of=by_name)
    for key in cache:
        cache[key] = b"[{},[]]\n"
    again = measure_session(snares(), sound_of, cache=cache, content_of=by_name)
    assert again == first
    assert b"[{},[]]\n" not in cache.values()


def test_progress_rises_to_one_from_the_cache_too():
    cache = Kept()
    measure_session(snares(), sound_of, cache=cache, content_of=by_name)
    seen: list[float] = []
    measure_session(
        snares(),
        sound_of,
        cache=cache,
        content_of=by_name,
        on_progress=lambda fraction, _stage: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
