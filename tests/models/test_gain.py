"""The gain predictor that ships: what it may not depend on, what it says, and what the engine and the mixer do with it."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from ama_analysis import StemMixer
from ama_analysis.advise import advise, complete_session
from ama_analysis.audio import Audio
from ama_analysis.data import data_folder
from ama_analysis.errors import WeightsError
from ama_analysis.models.gain_figures import NAMES, figures_of, level_lufs
from ama_analysis.models.gain_inputs import louder_by, position
from ama_analysis.models.gain_pictures import BANDS, FRAMES, PICTURES, mel_powers, pictures_of
from ama_analysis.models.gain_predictor import SHIPPED, Prediction, predictor_of
from ama_analysis.models.gain_suggest import learned_faders
from ama_analysis.models.weights import shipped
from ama_analysis.presets import load_target
from ama_analysis.session import track_of
from ama_analysis.suggest import scene_of
from tests.models.stems import RATE_HZ, louder, seen, sounds, written
from tests.signals import noise, silence, sine

SAME_DB = 0.15
"""Loudness is counted in bins of 0.01 LU, and picture levels in steps of 0.5 dB, of which a last bit may turn some."""
PACKED_MB = 5.0
"""The issue: a few MB at most."""


def wanted(stems, **options):
    said = predictor_of().predictions([seen(n, a) for n, a in stems.items()], **options)
    return {one.track: one for one in said}


def test_levels_of_the_stems_change_nothing():
    plain = wanted(sounds())
    gains = {"bass": 15.0, "hihat": -20.0, "vocals": -7.0, "pad": 3.0}
    moved = wanted({name: louder(audio, gains[name]) for name, audio in sounds().items()})
    for name, one in plain.items():
        assert moved[name].wanted_lufs == pytest.approx(one.wanted_lufs, abs=SAME_DB)
        assert moved[name].level_lufs == pytest.approx(one.level_lufs + gains[name], abs=SAME_DB)


def test_the_order_of_the_stems_changes_nothing():
    plain = wanted(sounds())
    turned = wanted(dict(reversed(sounds().items())))
    for name, one in plain.items():
        assert turned[name].wanted_lufs == pytest.approx(one.wanted_lufs, abs=1e-4)


@pytest.mark.parametrize("count", [1, 2, 9, 40])
def test_any_number_of_stems_gets_an_answer(count):
    stems = {f"synth {n}": sine(200.0 + 30.0 * n, sample_rate_hz=RATE_HZ) for n in range(count)}
    said = wanted(stems)
    assert len(said) == count
    assert all(np.isfinite(one.wanted_lufs) and one.error_db > 0.0 for one in said.values())


def test_a_style_and_a_reference_are_heard():
    plain = wanted(sounds())
    styled = wanted(sounds(), style="jazz")
    matched = wanted(sounds(), reference=load_target("rock").profile)
    for other in (styled, matched):
        assert any(abs(other[n].wanted_lufs - plain[n].wanted_lufs) > 1e-3 for n in plain)


def test_silence_has_no_answer_and_is_no_company():
    plain = wanted(sounds())
    with_silence = wanted(sounds() | {"mute": silence(sample_rate_hz=RATE_HZ)})
    assert set(with_silence) == set(plain)
    assert with_silence["bass"].wanted_lufs == plain["bass"].wanted_lufs


def test_same_input_gives_the_same_answer():
    assert wanted(sounds()) == wanted(sounds())


def test_panning_a_centred_stem_moves_neither_its_level_nor_much_of_its_figures():
    plain = sounds()["vocals"]
    panned = Audio(plain.samples * np.array([[0.4], [1.0]], np.float32), RATE_HZ)
    one, other = seen("vocals", plain), seen("vocals", panned)
    assert level_lufs(one.heard) == pytest.approx(level_lufs(other.heard), abs=SAME_DB)
    np.testing.assert_array_equal(one.pictures.levels, other.pictures.levels)


@pytest.mark.parametrize("damage", ["one bit", "cut", "missing"])
def test_a_damaged_weight_file_is_refused_in_a_sentence(tmp_path, damage):
    path = tmp_path / f"{damage}.safetensors"
    data = bytearray(shipped(SHIPPED).read_bytes())
    if damage == "one bit":
        data[len(data) // 2] ^= 4
    if damage != "missing":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else data)
    with pytest.raises(WeightsError) as caught:
        predictor_of(path)
    assert caught.value.code == "AMA-902"
    assert str(path) in caught.value.sentence()


def test_what_ships_is_small_and_its_card_tells_the_held_out_figures():
    assert shipped(SHIPPED).stat().st_size < PACKED_MB * 1e6
    card = (data_folder("models") / "gain.md").read_text(encoding="utf-8")
    about = predictor_of().about
    for figure in ("cnn_db", "ridge_db", "rules_db", "equal_db"):
        score = about["held_out"][figure]
        assert f"{score['mean']:.2f} ± {score['sd']:.2f}" in card


def test_nothing_here_imports_torch():
    code = (
        "import sys; from ama_analysis.models.gain_predictor import predictor_of; predictor_of();"
        "import ama_analysis.advise.engine; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pictures_show_where_the_sound_is():
    low, high = (mel_powers(sine(f, sample_rate_hz=44_100).samples, 44_100) for f in (100, 5000))
    assert low.mean(1).argmax() < BANDS // 4
    assert high.mean(1).argmax() > BANDS // 2


def test_pictures_are_of_the_loudest_moments_in_their_order():
    quiet = noise(rms_dbfs=-60.0, duration_s=40.0, sample_rate_hz=RATE_HZ, channels=1)
    samples = quiet.samples.copy()
    tone = sine(1000.0, duration_s=3.0, sample_rate_hz=RATE_HZ, channels=1).samples
    samples[:, 20 * RATE_HZ : 23 * RATE_HZ] += tone
    levels = pictures_of(Audio(samples, RATE_HZ)).levels
    assert levels.shape == (PICTURES, BANDS, FRAMES)
    peaks = levels.max(axis=(1, 2))
    assert peaks.max() > peaks.min() + 40


def test_short_and_empty_sounds_have_pictures_too():
    assert len(pictures_of(sine(500.0, duration_s=0.05)).levels) == 1
    assert len(pictures_of(silence()).levels) == 0
    assert len(pictures_of(silence(duration_s=0.0)).levels) == 0


def test_mel_bands_are_those_of_torchaudio():
    try:
        import torchaudio
    except (ImportError, OSError, RuntimeError):  # it may be made for another torch
        pytest.skip("torchaudio is not installed, or does not load")
    import torch

    sound = noise(sample_rate_hz=44_100, channels=1)
    front = torchaudio.transforms.MelSpectrogram(
        sample_rate=44_100, n_fft=2048, hop_length=1024, f_min=30.0, f_max=16_000.0,
        n_mels=BANDS, center=False,
    )  # fmt: skip
    theirs = front(torch.tensor(sound.samples))[0].numpy()
    np.testing.assert_allclose(mel_powers(sound.samples, 44_100), theirs, rtol=1e-3)


def test_figures_are_named_and_finite():
    for name, audio in sounds().items():
        row = figures_of(seen(name, audio).heard, "bass", 0.9)
        assert row.shape == (len(NAMES),)
        assert np.isfinite(row).all()
        assert row[NAMES.index("role bass")] == pytest.approx(0.9)


@pytest.mark.parametrize(("balance_db", "pan"), [(0.0, 0.5), (0.0, -0.3), (-6.0, 0.2), (3.0, 0.0)])
def test_places_count_the_stems_own_balance(balance_db, pan):
    sides = np.array([1.0, 10.0 ** (balance_db / 20.0)])
    after = sides * [1.0 - max(pan, 0.0), 1.0 + min(pan, 0.0)]
    assert position(balance_db, pan) == pytest.approx((after[1] - after[0]) / after.max())
    assert louder_by(balance_db, pan) == pytest.approx(20 * np.log10(after.max() / sides.max()))


def scene_at(faders_db, pans=None):
    from dataclasses import replace

    from ama_analysis.measurements import SessionMeasurements
    from ama_analysis.session import Session

    heard = {name: seen(name, audio).heard for name, audio in sounds().items()}
    tracks = tuple(
        replace(
            track_of(shipped(SHIPPED).with_name(f"{name}.wav")),
            fader_db=faders_db[name],
            pan=(pans or {}).get(name, 0.0),
        )
        for name in heard
    )
    session = Session(name="made", tracks=tracks, sample_rate_hz=RATE_HZ, duration_s=2.0)
    measured = SessionMeasurements(tracks=heard, pairs=(), skipped={})
    return scene_of(session, measured, load_target("neutral"))


def told(places=None):
    """Return predictions 10 dB from equal loudness, with an error of 6 dB."""
    wanted_lufs = {"bass": 5.0, "hihat": -5.0, "vocals": 5.0, "pad": -5.0}
    return [
        Prediction(
            track=name,
            level_lufs=level_lufs(seen(name, audio).heard) or 0.0,
            wanted_lufs=wanted_lufs[name],
            error_db=6.0,
            place=(places or {}).get(name, 0.0),
            placed=0.0,
            place_error=0.1,
        )
        for name, audio in sounds().items()
    ]


def levels_after(faders):
    return {
        one.voice.track.id: one.prediction.level_lufs + one.fader_db - one.prediction.wanted_lufs
        for one in faders
    }


def test_untouched_faders_go_all_the_way_and_keep_the_loudness():
    moved = learned_faders(scene_at(dict.fromkeys(sounds(), 0.0)).voices, told())
    off = np.array(list(levels_after(moved).values()))
    assert np.ptp(off) < 2.2  # within a deadband of 1 dB on both sides, and rounding


def test_faders_that_somebody_set_count_as_evidence():
    at = {"bass": 0.0, "hihat": -3.0, "vocals": 0.0, "pad": 6.0}
    scene = scene_at(at)
    moved = learned_faders(scene.voices, told())
    now = {
        v.track.id: one.level_lufs + v.track.fader_db
        for v, one in zip(scene.voices, told(), strict=True)
    }
    goal = {one.track: one.wanted_lufs for one in told()}
    for one, other in (("bass", "pad"), ("vocals", "hihat")):
        after = {
            m.voice.track.id: now[m.voice.track.id] + m.fader_db - at[m.voice.track.id]
            for m in moved
        }
        whole = (goal[one] - goal[other]) - (now[one] - now[other])
        went = (after[one] - after[other]) - (now[one] - now[other])
        assert went == pytest.approx(whole / 2.0, abs=1.1)  # equally sure: half way; deadband


def test_what_is_as_good_as_muted_is_raised_by_18_db_at_most():
    moved = learned_faders(scene_at(dict.fromkeys(sounds(), 0.0) | {"pad": -90.0}).voices, told())
    pad = next(one for one in moved if one.voice.track.id == "pad")
    assert pad.fader_db <= -90.0 + 18.0 + 0.05


def test_pans_move_only_where_the_predictor_is_sure():
    voices = scene_at(dict.fromkeys(sounds(), 0.0)).voices
    near = learned_faders(voices, told({"pad": 0.2}))
    far = learned_faders(voices, told({"pad": -0.6}))
    kept = learned_faders(voices, told({"pad": -0.6}), pans=False)
    assert not any(one.pans for one in (*near, *kept))
    assert {one.voice.track.id: one.pan for one in far if one.pans} == {"pad": -0.6}


def test_left_and_right_of_one_recording_go_together():
    from dataclasses import replace

    names = {"pad": "Choir L", "vocals": "Choir R"}
    voices = tuple(
        replace(
            v,
            track=replace(v.track, name=names.get(v.track.id, v.track.id), role="other"),
            heard=replace(v.heard, stereo=replace(v.heard.stereo, width=0.0)),
        )
        for v in scene_at(dict.fromkeys(sounds(), 0.0)).voices
    )
    moved = learned_faders(voices, told({"pad": -0.6}))
    sides = [one for one in moved if one.voice.track.id in names]
    assert sides[0].fader_db == sides[1].fader_db
    assert not any(one.pans for one in sides)


def test_a_pan_printed_into_a_stem_is_taken_out_with_its_gain():
    voices = scene_at(dict.fromkeys(sounds(), 0.0), pans={"pad": 0.5}).voices
    centred = learned_faders(voices, told())
    assert {one.voice.track.id: one.pan for one in centred if one.pans} == {"pad": 0.0}


def test_engine_suggests_and_is_never_worse(tmp_path):
    tracks = [track_of(path) for path in written(tmp_path).values()]
    session = complete_session("made", tracks)
    plan = advise(session, engine="cnn")
    assert plan.engine == "cnn"
    rules = {s.rule for s in plan.suggestions}
    assert rules & {"cnn_level", "cnn_keep", "keep"}
    assert "level" not in rules
    assert plan.verification is not None
    assert plan.verification.after <= plan.verification.before
    assert advise(session, engine="cnn") == plan


def test_engine_takes_references_too(tmp_path):
    from ama_analysis.reference import Reference

    paths = written(tmp_path)
    tracks = [track_of(path) for path in paths.values()]
    session = complete_session("made", tracks, references=[Reference(path=paths["pad"])])
    plan = advise(session, engine="cnn")
    assert plan.target.kind == "reference"


def test_mixer_balances_the_same_however_loud_the_stems_are():
    plain = StemMixer().mix_stems(sounds(), auto_gain="cnn")
    gains = {"bass": -10.0, "hihat": 6.0, "vocals": 0.0, "pad": -3.0}
    moved = {name: louder(audio, gains[name]) for name, audio in sounds().items()}
    other = StemMixer().mix_stems(moved, auto_gain="cnn")
    ratio = np.sqrt(np.square(plain.samples).mean() / np.square(other.samples).mean())
    left = plain.samples - ratio * other.samples
    residual_db = 10.0 * np.log10(np.square(left).mean() / np.square(plain.samples).mean())
    assert residual_db < -12.0  # each fader within the deadband of 1 dB and a rounding of 0.1 dB


def test_weights_lie_where_the_wheel_has_them(tmp_path):
    copy = tmp_path / "gain.safetensors"
    shutil.copy(shipped(SHIPPED), copy)
    assert predictor_of(copy).about == predictor_of().about
