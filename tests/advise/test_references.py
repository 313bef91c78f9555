"""Which part of a reference is compared: the one that was chosen, else the loudest coherent one."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from ama_analysis.advise import render_reference, session_from_paths
from ama_analysis.advise.references import coherent_part_s, open_reference, programme_of
from ama_analysis.advise.rendering import CEILING_DBTP
from ama_analysis.advise.targets import target_for
from ama_analysis.audio import Audio, open_audio, read_audio, write_audio
from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_mix
from ama_analysis.measure.reference import between
from ama_analysis.measurements import MixProfile
from ama_analysis.presets import load_target
from ama_analysis.progress import silent
from ama_analysis.reference import Reference
from tests.kept import Kept
from tests.real_data import REFERENCES, needs_real_data
from tests.signals import noise, sine

RATE_HZ = 22_050
POWER_TOLERANCE = 1e-3
"""A sine's power over one second, relative; it holds whole periods, the file has 24 bits."""
SAME_DB = 1e-6
"""The same meters over the same samples, handed over in other blocks."""
LARGEST_AF = 0.05
"""Loudest part to whole song. AF* measured on the seven songs: 0.0005 to 0.018; between songs it is 0.02 to 0.42."""


def write(path, *parts):
    samples = np.concatenate([part.samples for part in parts], axis=1)
    write_audio(path, Audio(samples, RATE_HZ))
    return path


def tone(freq_hz, duration_s, *, level_dbfs=-12.0):
    return sine(freq_hz, duration_s=duration_s, sample_rate_hz=RATE_HZ, level_dbfs=level_dbfs)


def music(duration_s, rms_dbfs, seed=1):
    return noise(
        duration_s=duration_s, rms_dbfs=rms_dbfs, sample_rate_hz=RATE_HZ, pink=True, seed=seed
    )


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    return write(
        tmp_path_factory.mktemp("halves") / "halves.flac", tone(200.0, 6.0), tone(2_000.0, 6.0)
    )


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A quiet intro of 30 s, a verse of 20 s, a chorus of 40 s, and 10 s of fading."""
    parts = (music(30, -40), music(20, -24), music(40, -14), music(10, -34))
    return write(tmp_path_factory.mktemp("song") / "song.flac", *parts)


def loudest_band_hz(target):
    bands_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    return float(bands_hz[int(np.argmax(target.profile.third_octave_db))])


@pytest.mark.parametrize(
    ("start_s", "stop_s", "freq_hz"), [(0.0, 5.0, 200.0), (6.5, None, 2000.0), (7.0, 11.5, 2000.0)]
)
def test_the_section_is_what_is_measured(halves, start_s, stop_s, freq_hz):
    reference = Reference(path=halves, start_s=start_s, stop_s=stop_s)
    target = target_for(None, [reference], silent)
    assert loudest_band_hz(target) == pytest.approx(freq_hz, rel=0.01)
    assert target.references == (reference.name,)
    assert target.title == reference.name
    cut = measure_mix(open_audio(halves).section(start_s, stop_s or 12.0))
    assert target.profile == cut


def test_two_sections_of_one_song_are_two_references(halves):
    sections = [Reference(path=halves, start_s=a, stop_s=a + 5.0) for a in (0.0, 7.0)]
    target = target_for(None, sections, silent)
    assert target.references == ("halves.flac@0:00-0:05", "halves.flac@0:07-0:12")


def test_a_short_reference_is_compared_as_a_whole_and_nothing_is_said(halves):
    target = target_for(None, [Reference(path=halves)], silent)
    assert target.profile == measure_mix(open_audio(halves))
    assert target.references == ("halves.flac",)
    assert not any("part" in warning for warning in target.warnings)


def test_a_long_reference_is_compared_by_its_chorus_and_the_plan_says_so(song):
    target = target_for(None, [Reference(path=song)], silent)
    said = "Reference song.flac: compared with its loudest part, 0:50 to 1:30."
    assert said in target.warnings
    assert target.references == ("song.flac",)
    chorus, whole = measure_mix(open_audio(song).section(50.0, 90.0)), measure_mix(open_audio(song))
    assert chorus is not None
    assert whole is not None
    of_the_whole = ("integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "plr_db")
    for field in fields(MixProfile):
        expected = getattr(whole if field.name in of_the_whole else chorus, field.name)
        if field.name in of_the_whole:
            expected = pytest.approx(expected, abs=SAME_DB)
        assert getattr(target.profile, field.name) == expected, field.name
    assert target.loudness_lufs == target.profile.integrated_lufs
    assert whole.loudness_range_lu > chorus.loudness_range_lu + 5.0


def test_the_whole_of_a_long_reference_can_be_asked_for(song):
    target = target_for(None, [Reference(path=song, start_s=0.0)], silent)
    assert target.profile == measure_mix(open_audio(song))
    assert not any("loudest part" in warning for warning in target.warnings)


def test_listening_reports_once_from_nothing_to_all(song, halves):
    told = []
    target_for(
        None,
        [Reference(path=song), Reference(path=halves, start_s=1.0)],
        lambda fraction, stage: told.append((fraction, stage)),
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert {stage for _, stage in told} == {
        "listening to reference song.flac",
        "listening to reference halves.flac@0:01-",
    }


def test_a_long_silent_reference_is_left_out_without_a_part(halves, tmp_path):
    quiet = write(tmp_path / "quiet.wav", music(70, -120))
    target = target_for(None, [Reference(path=quiet), Reference(path=halves)], silent)
    assert target.references == ("halves.flac",)
    assert [w for w in target.warnings if "quiet" in w] == [
        "Reference quiet.wav is silent and was left out."
    ]


def test_a_second_look_at_references_is_the_same_target_and_measures_nothing(song, halves):
    references = [Reference(path=song), Reference(path=halves, start_s=1.0, stop_s=5.0)]
    cache, plain = Kept(), target_for("pop", references, silent)
    assert target_for("pop", references, silent, cache=cache) == plain
    assert (cache.found, len(cache)) == (0, 2)
    assert target_for("pop", references, silent, cache=cache) == plain
    assert (cache.found, len(cache)) == (2, 2)


def test_another_section_and_another_content_are_another_profile(halves, tmp_path):
    cache = Kept()
    path = tmp_path / "song.flac"
    path.write_bytes(halves.read_bytes())
    target_for(None, [Reference(path=halves)], silent, cache=cache)
    same = target_for(None, [Reference(path=path)], silent, cache=cache)
    assert (cache.found, same.references) == (1, ("song.flac",))
    low = target_for(None, [Reference(path=path, start_s=0.0, stop_s=5.0)], silent, cache=cache)
    write(path, tone(2_000.0, 6.0), tone(200.0, 6.0))
    high = target_for(None, [Reference(path=path, start_s=0.0, stop_s=5.0)], silent, cache=cache)
    assert cache.found == 1
    assert (loudest_band_hz(low), loudest_band_hz(high)) == (
        pytest.approx(200.0, rel=0.01),
        pytest.approx(2_000.0, rel=0.01),
    )


def test_a_silent_reference_is_silent_from_the_cache_too(halves, tmp_path):
    cache = Kept()
    quiet = write(tmp_path / "quiet.wav", music(70, -120))
    references = [Reference(path=quiet), Reference(path=halves)]
    first = target_for(None, references, silent, cache=cache)
    assert target_for(None, references, silent, cache=cache) == first
    assert cache.found == 2
    assert any("quiet.wav is silent" in warning for warning in first.warnings)


def test_a_section_that_a_file_lacks_is_refused_with_a_cache_too(halves):
    cache = Kept()
    target_for(None, [Reference(path=halves)], silent, cache=cache)
    with pytest.raises(AudioFileError, match="does not have the section"):
        target_for(None, [Reference(path=halves, start_s=20.0)], silent, cache=cache)


def low_passed(sound, cutoff_hz):
    spectrum = np.fft.rfft(sound.samples)
    spectrum[:, np.fft.rfftfreq(sound.frames, 1.0 / RATE_HZ) > cutoff_hz] = 0.0
    return Audio(np.fft.irfft(spectrum, sound.frames).astype(np.float32), RATE_HZ)


@pytest.fixture(scope="module")
def flawed(tmp_path_factory):
    """Six seconds each of sound music, of music without treble, of music on the left; and of music that is nothing like it."""
    even, dull = music(6, -20), low_passed(music(6, -20, seed=2), 4_000.0)
    left = Audio(music(6, -20, seed=3).samples * np.array([[1.0], [0.3]], np.float32), RATE_HZ)
    odd = low_passed(music(6, -20, seed=4), 150.0)
    return write(tmp_path_factory.mktemp("flawed") / "flawed.flac", even, dull, left, odd)


@pytest.mark.parametrize(
    ("start_s", "dull", "leans"), [(0.0, False, False), (6.0, True, False), (12.0, False, True)]
)
def test_what_is_wrong_with_a_section_alone_is_told_of_that_section(flawed, start_s, dull, leans):
    section = Reference(path=flawed, start_s=start_s, stop_s=start_s + 6.0)
    told = [w for w in target_for(None, [section], silent).warnings if repr(section.name) in w]
    assert any("has next to nothing above 5 kHz" in warning for warning in told) is dull
    assert any("leans to one side" in warning for warning in told) is leans


def test_a_section_that_lies_far_from_the_others_is_named(flawed):
    sections = [
        Reference(path=flawed, start_s=a, stop_s=b)
        for a, b in ((0.0, 3.0), (3.0, 6.0), (18.0, 24.0))
    ]
    warnings = target_for(None, sections, silent).warnings
    far = [warning for warning in warnings if "lies far from the others" in warning]
    assert len(far) == 1
    assert "flawed.flac@0:18-0:24" in far[0]


def levels(*stretches):
    """Return powers second by second for stretches of (seconds, dBFS)."""
    return np.concatenate([np.full(count, 10.0 ** (level / 10.0)) for count, level in stretches])


@pytest.mark.parametrize(
    ("powers", "part"),
    [
        (levels((20, -20)), (0, 20)),
        (levels((30, -20)), (0, 30)),
        (levels((200, -20)), (0, 60)),
        (levels((100, -30), (45, -14), (60, -30)), (100, 145)),
        (levels((100, -30), (10, -8), (50, -30), (40, -14), (20, -30)), (160, 200)),
        (levels((70, -200)), (0, 60)),
    ],
    ids=["short", "just", "even", "chorus", "a burst does not count", "silence"],
)
def test_the_part_is_loud_and_evenly_so(powers, part):
    assert coherent_part_s(powers) == part


def test_power_is_told_second_by_second(halves):
    powers = programme_of(open_audio(halves).section(0.0, 3.5)).powers
    expected = 10.0 ** (-12.0 / 10.0) / 2.0
    assert powers == pytest.approx([expected] * 3, rel=POWER_TOLERANCE)


@pytest.mark.parametrize(
    ("start_s", "stop_s", "said"),
    [
        (12.0, None, "does not have the section 0:12-"),
        (20.0, 30.0, "does not have the section 0:20-0:30"),
        (5.0, 13.5, "does not have the section 0:05-0:13.5"),
        (3.0, 3.5, "is shorter than 1 s"),
        (11.5, None, "is shorter than 1 s"),
    ],
)
def test_a_section_that_the_file_does_not_have_is_refused_with_its_length(
    halves, start_s, stop_s, said
):
    reference = Reference(path=halves, start_s=start_s, stop_s=stop_s)
    with pytest.raises(AudioFileError) as caught:
        session_from_paths([halves], references=[reference])
    assert said in caught.value.message
    assert (caught.value.code, caught.value.hint) == ("AMA-103", "It is 12.0 s long.")


def test_a_section_may_end_within_the_second_after_the_file_does(halves):
    part = open_reference(Reference(path=halves, start_s=6.0, stop_s=12.9))
    assert part.duration_s == pytest.approx(6.0)


@needs_real_data
@pytest.mark.parametrize("name", ["wesnoth_battle_epic", "xmoto_speeditup"])
def test_the_loudest_part_of_real_music_sounds_like_the_whole(name):
    file = open_audio(REFERENCES / f"{name}.ogg")
    start_s, stop_s = coherent_part_s(programme_of(file).powers)
    assert 30 <= stop_s - start_s <= 60
    part, whole = measure_mix(file.section(start_s, stop_s)), measure_mix(file)
    assert part is not None
    assert whole is not None
    assert between(part, whole, load_target("neutral")) < LARGEST_AF
    assert part.integrated_lufs > whole.integrated_lufs


def heard_of(reference, tmp_path):
    written = render_reference(reference, tmp_path / "heard.flac").after
    return written, read_audio(written.path)


def test_what_is_heard_of_a_reference_is_the_part_that_counts(song, tmp_path):
    powers = programme_of(open_audio(song)).powers
    start_s, stop_s = coherent_part_s(powers)
    whole = read_audio(song).samples
    for reference, (from_s, to_s) in (
        (Reference(path=song), (start_s, stop_s)),
        (Reference(path=song, start_s=2.0, stop_s=7.5), (2.0, 7.5)),
    ):
        written, heard = heard_of(reference, tmp_path)
        part = whole[:, round(from_s * RATE_HZ) : round(to_s * RATE_HZ)]
        as_loud = part * 10.0 ** (written.gain_db / 20.0)
        np.testing.assert_allclose(heard.samples, as_loud, atol=2.0**-22)
        assert written.true_peak_dbtp <= CEILING_DBTP


def test_a_mono_reference_is_as_loud_as_it_sounds_from_both_sides(tmp_path):
    one = noise(duration_s=4.0, rms_dbfs=-20.0, sample_rate_hz=RATE_HZ, pink=True)
    both = Audio(np.repeat(one.samples[:1], 2, axis=0), RATE_HZ)
    levels = []
    for name, audio in (("mono", Audio(one.samples[:1], RATE_HZ)), ("both", both)):
        write_audio(tmp_path / f"{name}.wav", audio)
        levels.append(heard_of(Reference(path=tmp_path / f"{name}.wav"), tmp_path)[0])
    assert levels[0].integrated_lufs == pytest.approx(levels[1].integrated_lufs, abs=0.01)


def test_of_a_folder_of_stems_their_mix_is_heard(tmp_path):
    stems = tmp_path / "stems"
    stems.mkdir()
    parts = [tone(200.0, 3.0, level_dbfs=-20.0), tone(2_000.0, 3.0, level_dbfs=-20.0)]
    for name, part in zip(("bass", "keys"), parts, strict=True):
        write(stems / f"{name}.wav", part)
    _, heard = heard_of(Reference(path=stems), tmp_path)
    total = parts[0].samples + parts[1].samples
    np.testing.assert_allclose(heard.samples[0], total[0], atol=1e-5)


def test_a_reference_that_is_gone_is_a_sentence(tmp_path):
    with pytest.raises(AudioFileError, match=r"gone\.flac") as gone:
        render_reference(Reference(path=tmp_path / "gone.flac"), tmp_path / "heard.flac")
    assert gone.value.code == "AMA-101"
