"""Stems that are pieces of files: what lies where, what covers what, and that nothing depends on how it is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import (
    Curve,
    EditList,
    Part,
    Source,
    edit_list_bytes,
    open_audio,
    read_audio,
)
from ama_analysis.audio.edit_list import read_edit_list
from ama_analysis.cache import NO_CACHE, content_of
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_file

RATE_HZ = 48_000
ROUNDING = 1e-6
"""32-bit products of numbers up to 1."""


@pytest.fixture
def made(tmp_path):
    """Write ones (or a ramp) as a source and return a maker of parts."""

    def source(name, samples, channel=0):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, np.asarray(samples, np.float32).T, RATE_HZ, subtype="FLOAT")
        state = path.stat()
        return Source(path=path, channel=channel, bytes=state.st_size, changed_ns=state.st_mtime_ns)

    return source


def part(*sources, at=0, skip=0, frames=1_000, gains=None, **others):
    return Part(
        sources=sources,
        at_frame=at,
        skip_frames=skip,
        frames=frames,
        gains=gains or (1.0,) * len(sources),
        **others,
    )


def stem(*parts, frames=2_000):
    return EditList(
        sample_rate_hz=RATE_HZ, channels=len(parts[0].sources), frames=frames, parts=parts
    )


def decoded(edits, block_frames=1 << 16):
    return np.concatenate(list(edits.blocks(0, edits.frames, block_frames)), axis=1)


def fade(frames, *, out=False):
    gains = (1.0, 0.0) if out else (0.0, 1.0)
    return Curve(frames=(0.0, float(frames)), gains=gains)


def test_a_part_is_heard_where_it_lies_from_where_it_begins(made):
    ramp = made("ramp", np.arange(3_000) / 3_000)
    found = decoded(stem(part(ramp, at=500, skip=100, gains=(-0.5,))))[0]
    assert not found[:500].any()
    assert found[500:1_500] == pytest.approx(-0.5 * np.arange(100, 1_100) / 3_000, abs=ROUNDING)
    assert not found[1_500:].any()


def test_a_part_on_top_replaces_what_is_below_and_one_that_does_not_cover_is_added(made):
    one, two = made("one", np.ones(1_000)), made("two", np.full(1_000, 2.0))
    for covers, expected in ((True, 2.0), (False, 3.0)):
        found = decoded(stem(part(one), part(two, at=500, covers=covers)))[0]
        assert (found[400], found[600], found[1_200]) == (1.0, expected, 2.0)


def test_a_crossfade_of_straight_fades_keeps_a_level_that_both_have(made):
    one = made("one", np.ones(1_000))
    found = decoded(stem(part(one), part(one, at=600, fade_in=fade(400))))[0]
    assert found[:1_600] == pytest.approx(np.ones(1_600), abs=ROUNDING)


def test_a_fade_lets_through_by_its_own_curve_what_is_below(made):
    one = made("one", np.ones(1_000))
    under = Curve(frames=(0.0, 400.0), gains=(1.0, 1.0))
    found = decoded(stem(part(one), part(one, fade_in=fade(400), under_fade_in=under)))[0]
    assert found[200] == pytest.approx(1.5, abs=ROUNDING)
    assert found[500] == 1.0


def test_what_is_below_comes_back_while_a_part_fades_out(made):
    one, none = made("one", np.ones(1_000)), made("none", np.zeros(1_000))
    found = decoded(stem(part(one), part(none, fade_out=fade(100, out=True)), frames=1_000))[0]
    assert not found[:900].any()
    assert found[900:] == pytest.approx(np.arange(100) / 100, abs=ROUNDING)


def test_an_envelope_moves_the_gain(made):
    one = made("one", np.ones(1_000))
    envelope = Curve(frames=(0.0, 500.0, 1_000.0), gains=(1.0, 0.0, 1.0))
    found = decoded(stem(part(one, envelope=envelope), frames=1_000))[0]
    assert found == pytest.approx(np.abs(np.arange(1_000) - 500) / 500, abs=ROUNDING)


def test_a_source_that_ends_early_is_silent_there(made):
    found = decoded(stem(part(made("short", np.ones(300)), frames=1_000), frames=1_000))[0]
    assert found[:300].all()
    assert not found[300:].any()


def test_channels_may_come_from_one_file_or_from_two(made, tmp_path):
    both = made("both", [np.ones(1_000), np.full(1_000, 2.0)])
    left, right = made("left", np.ones(1_000)), made("right", np.full(1_000, 2.0))
    together = decoded(stem(part(both, replace(both, channel=1))))
    assert np.array_equal(together, decoded(stem(part(left, right))))
    assert together[:, 0].tolist() == [1.0, 2.0]
    with pytest.raises(AudioFileError, match="has no channel 3"):
        decoded(stem(part(replace(both, channel=2))))


@pytest.mark.parametrize("block_frames", [1, 63, 999, 1_000, 5_000])
def test_nothing_depends_on_the_size_of_blocks(made, block_frames):
    noise = np.random.default_rng(1).standard_normal((3, 1_000)).astype(np.float32)
    a, b, c = (made(f"n{n}", one) for n, one in enumerate(noise))
    edits = stem(
        part(a, fade_out=fade(300, out=True)),
        part(b, at=700, fade_in=fade(300), fade_out=fade(64, out=True)),
        part(c, at=900, covers=False, fade_in=fade(64)),
    )
    assert np.array_equal(decoded(edits, block_frames), decoded(edits))


def test_more_sources_than_may_be_open_at_once(made):
    many = [made(f"s{n}", np.full(100, n + 1.0)) for n in range(60)]
    edits = stem(*(part(s, at=100 * n, frames=100) for n, s in enumerate(many)), frames=6_000)
    found = decoded(edits, 150)[0]
    assert np.array_equal(found, np.repeat(np.arange(60) + 1.0, 100))


def test_its_file_is_opened_measured_and_resampled_like_a_sound_file(made, tmp_path):
    noise = 0.1 * np.random.default_rng(2).standard_normal(2 * RATE_HZ)
    edits = stem(part(made("noise", noise), frames=2 * RATE_HZ), frames=2 * RATE_HZ)
    path = tmp_path / "noise.stem.json"
    path.write_bytes(edit_list_bytes(edits))
    assert read_edit_list(path) == edits
    file = open_audio(path)
    assert (file.channels, file.file_rate_hz, file.duration_s) == (1, RATE_HZ, 2.0)
    both = (path, tmp_path / "noise.wav")
    ours, plain = (measure_file(p, content=None, cache=NO_CACHE) for p in both)
    assert ours.loudness == plain.loudness
    ours_44, plain_44 = (read_audio(p, sample_rate_hz=44_100).samples for p in both)
    assert np.array_equal(ours_44, plain_44)


def test_a_source_that_changed_changes_the_content_that_figures_are_kept_by(made, tmp_path):
    path = tmp_path / "x.stem.json"
    contents = set()
    for hour in (1, 2):
        source = replace(made("x", np.full(1_000, 0.1 * hour)), changed_ns=hour)
        path.write_bytes(edit_list_bytes(stem(part(source))))
        contents.add(content_of(path))
    assert len(contents) == 2
