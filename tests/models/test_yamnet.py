"""The layers of YAMNet in numpy, held against TensorFlow Lite."""

from pathlib import Path

import numpy as np
import pytest

from ama_analysis.errors import WeightsError
from ama_analysis.models.weights import shipped, weights_to_bytes
from ama_analysis.models.yamnet import (
    FIGURES,
    KIND,
    PICTURE_FRAMES,
    RATE_HZ,
    encoded,
    encoder,
    figures_of_sound,
    log_mel,
)

VECTORS = np.load(Path(__file__).with_name("yamnet.npz"))
"""Independent: what ai-edge-litert 2.3.0 makes of Google's yamnet.tflite (tools/yamnet_weights.py --vectors)."""
NETWORK = 0.03
"""TensorFlow Lite rounds what goes between layers to 8 bits: 1.0 and 1.5 % of the figures' norm were found."""
MEL_LN = 0.1
"""Its spectra come from matrices of 8 bits too; 0.08 was found in noise, the mean is 0.005. In the silence between partials it hears its own rounding."""
MOST_BYTES = 1_700_000
ROUNDING = 1e-5


@pytest.mark.parametrize("name", ["noise", "plucked"])
def test_layers_give_what_tensorflow_lite_gives(name):
    mine = encoded(encoder(), VECTORS[f"{name}.log_mel"][None])[0]
    theirs = VECTORS[f"{name}.figures"]
    assert mine.shape == theirs.shape == (FIGURES,)
    assert np.linalg.norm(mine - theirs) < NETWORK * np.linalg.norm(theirs)


def test_log_mel_pictures_are_those_of_tensorflow_lite():
    mine = log_mel(VECTORS["noise.samples"].astype(np.float32))[:PICTURE_FRAMES]
    assert np.abs(mine - VECTORS["noise.log_mel"]).max() < MEL_LN


def test_pictures_are_heard_one_by_one():
    both = np.stack([VECTORS["noise.log_mel"], VECTORS["plucked.log_mel"]])
    alone = [encoded(encoder(), picture[None])[0] for picture in both]
    np.testing.assert_allclose(encoded(encoder(), both), alone, atol=ROUNDING)


def test_a_sound_is_the_mean_of_its_pictures_and_a_short_one_has_one():
    noise = VECTORS["noise.samples"].astype(np.float32)
    once = figures_of_sound(noise)
    assert once.shape == (FIGURES,)
    assert (once >= 0.0).all()
    np.testing.assert_allclose(figures_of_sound(noise[: RATE_HZ // 2]).shape, (FIGURES,))
    long = np.tile(noise[: 960 * 16], 3)
    assert np.linalg.norm(figures_of_sound(long) - once) < 0.2 * np.linalg.norm(once)
    assert np.isfinite(figures_of_sound(np.zeros(0))).all()


def test_the_weights_are_small_and_have_a_card_and_their_licence():
    place = shipped("yamnet")
    assert place.stat().st_size < MOST_BYTES
    assert "Apache-2.0" in place.with_suffix(".md").read_text(encoding="utf-8")
    licence = place.with_name("LICENSE-Apache-2.0.txt").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0" in licence


def test_damaged_and_other_weights_are_refused_with_a_sentence(tmp_path):
    data = bytearray(shipped("yamnet").read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="damaged"):
        encoder(path)
    few = tmp_path / "few.safetensors"
    few.write_bytes(weights_to_bytes({"1.weights": np.zeros((9, 32))}, kind=KIND, about={}))
    with pytest.raises(WeightsError, match="does not fit"):
        encoder(few)
