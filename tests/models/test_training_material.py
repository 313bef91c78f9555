"""Multitracks found by their layout, and the faders of the humans who mixed them. Needs no torch."""

import json

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from ama_analysis.errors import AudioFileError, OptionError, SessionError
from ama_analysis.models.training.batches import batch_of, plain_batch
from ama_analysis.models.training.examples import example_of, examples_in
from ama_analysis.models.training.held_out import fader_error_db, folds_of, held_out, ridge_of
from ama_analysis.models.training.material import MUSDB_STEMS, found_in, role_of
from ama_analysis.models.training.settings import Recipe
from ama_analysis.models.training.solver_teacher import solver_teacher
from ama_analysis.models.training.stem_streams import stream_of
from ama_analysis.models.training.teachers import human_gains
from tests.models.stems import RATE_HZ, sounds, written
from tests.signals import noise, silence, sine

READ_DB = 0.05
"""How near least squares comes to the gains of a made mix."""


def put(path, audio=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_audio(path, audio or noise(sample_rate_hz=RATE_HZ, duration_s=1.0), subtype="FLOAT")


def a_session(folder, gains_db=None, **more):
    folder.mkdir(parents=True)
    written(folder)
    gains = gains_db or {"bass": -3.0, "hihat": -9.0, "vocals": 0.0, "pad": -12.0}
    rows = [
        {"file": f"{n}.wav", "name": n, "gain_db": g, "pan": 0.2 * (n == "pad")}
        for n, g in gains.items()
    ]
    (folder / "session.json").write_text(json.dumps({"tracks": rows} | more), encoding="utf-8")


def test_sessions_with_a_document_are_found_with_their_gains(tmp_path):
    a_session(tmp_path / "one", style="jazz")
    a_session(tmp_path / "whole_one")
    found = found_in(tmp_path)
    assert [one.name for one in found] == ["one", "whole_one"]
    assert {one.song for one in found} == {"one"}
    assert found[0].style == "jazz"
    assert human_gains(found[0]) == (-3.0, -9.0, 0.0, -12.0)
    assert found[0].tracks[0].role == "bass"


@pytest.mark.parametrize("document", ["{", "[]", '{"tracks": [{"file": "x.wav"}]}'])
def test_a_broken_document_is_refused(tmp_path, document):
    (tmp_path / "session.json").write_text(document)
    with pytest.raises(SessionError) as caught:
        found_in(tmp_path)
    assert caught.value.code == "AMA-204"


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(SessionError, match="holds no multitracks"):
        found_in(tmp_path)


def test_musdb_hq_is_found_by_its_layout(tmp_path):
    for name in ("mixture", *MUSDB_STEMS):
        put(tmp_path / "train" / "A Song" / f"{name}.wav")
    (song,) = found_in(tmp_path)
    assert song.name == "A Song"
    assert [t.role for t in song.tracks] == ["drums", "bass", "other", "lead vocal"]
    assert song.mix == tmp_path / "train" / "A Song" / "mixture.wav"


def test_medleydb_is_found_by_its_layout(tmp_path):
    folder = tmp_path / "Artist_Song"
    for number in (1, 2):
        put(folder / "Artist_Song_STEMS" / f"Artist_Song_STEM_0{number}.wav")
    put(folder / "Artist_Song_MIX.wav")
    (folder / "Artist_Song_METADATA.yaml").write_text(
        "album: x\ngenre: Jazz\nstems:\n  S01:\n    component: bass\n    filename: Artist_Song_STEM_01.wav\n"
        "    instrument: electric bass\n    raw:\n      R01:\n        filename: Artist_Song_RAW_01_01.wav\n"
        "        instrument: electric bass\n  S02:\n    component: ''\n"
        "    filename: Artist_Song_STEM_02.wav\n    instrument: male singer\n    raw:\n"
    )
    (song,) = found_in(tmp_path)
    assert song.style == "Jazz"
    assert [t.path.name for t in song.tracks] == [
        "Artist_Song_STEM_01.wav",
        "Artist_Song_STEM_02.wav",
    ]
    assert [t.role for t in song.tracks] == ["bass", "lead vocal"]


def test_slakh_is_found_by_its_layout(tmp_path):
    folder = tmp_path / "Track00001"
    put(folder / "stems" / "S00.flac".replace("flac", "wav"))
    put(folder / "stems" / "S02.wav")
    put(folder / "mix.wav")
    (folder / "metadata.yaml").write_text(
        "UUID: x\nstems:\n  S00:\n    inst_class: Bass\n    is_drum: false\n  S01:\n    inst_class: Piano\n"
        "  S02:\n    inst_class: Drums\n    is_drum: true\n"
    )
    (song,) = found_in(tmp_path)
    assert [t.role for t in song.tracks] == ["bass", "drums"]
    assert song.mix is not None


def stem_file(path):
    """Write a file of five streams, the mix and four tones of 200, 400, 600 and 800 Hz."""
    import av

    tones = [sine(200.0 * n, duration_s=1.0, sample_rate_hz=44_100).samples for n in (1, 2, 3, 4)]
    with av.open(str(path), "w", format="mp4") as container:
        pairs = []
        for samples in (np.sum(tones, axis=0), *tones):
            stream = container.add_stream("aac", rate=44_100)
            stream.layout = "stereo"
            pairs.append((stream, samples))
        for stream, samples in pairs:
            for start in range(0, samples.shape[1] - 1024, 1024):
                part = np.ascontiguousarray(samples[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = 44_100, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))


def test_musdb_stem_files_are_unpacked_stream_by_stream(tmp_path):
    path = tmp_path / "Artist - Song.stem.mp4"
    stem_file(path)
    (song,) = found_in(tmp_path)
    assert [t.stream for t in song.tracks] == [1, 2, 3, 4]
    for number in (1, 2, 3, 4):
        samples, rate = stream_of(path, number)
        spectrum = np.abs(np.fft.rfft(samples[0]))
        peak_hz = spectrum.argmax() * rate / samples.shape[1]
        assert peak_hz == pytest.approx(200.0 * number, abs=2.0)
    with pytest.raises(AudioFileError, match="no audio stream 7"):
        stream_of(path, 7)
    example = example_of(song)
    assert example is not None
    assert example.count == 4


def test_faders_are_read_from_stems_and_mix_where_nobody_tells_them(tmp_path):
    gains_db = {"drums": -2.0, "bass": -6.0, "other": -11.0, "vocals": 1.5}
    mix = np.zeros((2, 2 * RATE_HZ))
    for seed, (name, gain_db) in enumerate(gains_db.items()):
        stem = noise(seed=seed, sample_rate_hz=RATE_HZ, duration_s=2.0)
        put(tmp_path / f"{name}.wav", stem)
        mix = mix + stem.samples * 10.0 ** (gain_db / 20.0)
    put(tmp_path / "mixture.wav", Audio(mix.astype(np.float32), RATE_HZ))
    (song,) = found_in(tmp_path)
    gains = human_gains(song)
    assert gains is not None
    read = dict(zip(MUSDB_STEMS, gains, strict=True))
    for name, gain_db in gains_db.items():
        assert read[name] == pytest.approx(gain_db, abs=READ_DB)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("snare_clap", "snare"),
        ("backing vocal", "backing vocal"),
        ("Kick In", "kick"),
        ("x", "other"),
    ],
)
def test_collectors_words_are_roles(word, role):
    assert role_of(word)[0] == role


def test_the_solver_teaches_where_nobody_mixed(tmp_path):
    a_session(tmp_path / "one")
    (session,) = found_in(tmp_path)
    reference = tmp_path / "song.wav"
    mix = np.sum([np.broadcast_to(a.samples, (2, 2 * RATE_HZ)) for a in sounds().values()], axis=0)
    write_audio(reference, Audio(np.asarray(mix, np.float32), RATE_HZ), subtype="FLOAT")
    teacher = solver_teacher([reference])
    gains = teacher.gains(session)
    assert gains == solver_teacher([reference]).gains(session)
    assert gains is not None
    assert all(gain is not None and np.isfinite(gain) for gain in gains)
    example = example_of(session, teacher)
    assert example is not None
    assert np.ptp(example.wanted_lufs) > 1.0
    assert not np.allclose(example.wanted_lufs, example_of(session).wanted_lufs)  # type: ignore[union-attr]  # it is one


def test_a_silent_song_teaches_nothing(tmp_path):
    put(tmp_path / "silent.wav", silence(sample_rate_hz=RATE_HZ))
    with pytest.raises(AudioFileError, match="silent"):
        solver_teacher([tmp_path / "silent.wav"])


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("material")
    for number in range(3):
        a_session(folder / f"song{number}", pan_known=number != 1)
    return examples_in(found_in(folder), folder / "work")


def test_an_example_holds_where_the_human_put_each_stem(examples):
    example = examples[0]
    order = ["bass", "hihat", "vocals", "pad"]
    assert list(example.tracks) == order
    gains = example.wanted_lufs - example.levels_lufs
    np.testing.assert_allclose(gains, [-3.0, -9.0, 0.0, -12.0], atol=1e-4)
    assert example.seen.min() >= 1


def test_examples_are_kept_and_found_again(tmp_path):
    a_session(tmp_path / "one")
    first = examples_in(found_in(tmp_path), tmp_path / "work")
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "work").iterdir()}
    second = examples_in(found_in(tmp_path), tmp_path / "work")
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "work").iterdir()} == kept
    np.testing.assert_array_equal(first[0].figures, second[0].figures)
    np.testing.assert_array_equal(first[0].pictures, second[0].pictures)


def test_a_stem_that_is_missing_leaves_its_session_out_with_a_reason(tmp_path):
    a_session(tmp_path / "one")
    a_session(tmp_path / "two")
    (tmp_path / "one" / "pad.wav").unlink()
    said: list[str] = []
    left = examples_in(found_in(tmp_path), tmp_path / "work", on_skip=said.append)
    assert [e.name for e in left] == ["two"]
    assert "pad.wav" in said[0]


def test_the_same_seed_gives_the_same_batch_and_another_another(examples):
    recipe = Recipe(sessions=4)
    spread = np.ones(plain_batch(examples).figures.shape[2], np.float32)
    one, again, other = (
        batch_of([examples], recipe, np.random.default_rng(seed), spread) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.figures, again.figures)
    np.testing.assert_array_equal(one.pictures, again.pictures)
    assert one.figures.shape != other.figures.shape or not np.array_equal(
        one.figures, other.figures
    )


def test_padding_is_told_from_stems(examples):
    recipe = Recipe(sessions=8, drop=0.6)
    spread = np.ones(plain_batch(examples).figures.shape[2], np.float32)
    batch = batch_of([examples], recipe, np.random.default_rng(0), spread)
    counts = batch.there.sum(1)
    assert counts.min() >= 3
    assert counts.max() == batch.figures.shape[1]
    assert not batch.figures[batch.there == 0.0].any()


def test_folds_keep_the_sessions_of_a_song_together(examples):
    folds = folds_of(examples, 20)
    assert sorted(song for fold in folds for song in fold) == ["song0", "song1", "song2"]
    assert len(folds_of(examples, 2)) == 2


def test_fader_error_forgets_what_is_common():
    human = np.array([0.0, -3.0, -6.0])
    assert fader_error_db(human + 7.0, human) == pytest.approx(0.0)
    assert fader_error_db(human + np.array([0.0, 0.0, 3.0]), human) == pytest.approx(1.0)


def test_held_out_rows_have_the_yardsticks_beside_them(examples):
    from ama_analysis.models.gain_predictor import predictor_of

    (row,) = held_out(predictor_of().members, ridge_of([examples[:2]]), examples[2:])
    assert row.ridge_db < row.equal_db  # the same line-up in all three
    assert row.stems == len(sounds())


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"members": 0}, {"rate": 2.0}, {"seed": -1}])
def test_a_recipe_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        Recipe(**wrong)
