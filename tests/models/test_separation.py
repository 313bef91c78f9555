"""Taking a mix apart with small weights in the published formats: the parts sum to the mix, whatever the mix; bad weights are refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ama_analysis.audio import Audio, Block, read_audio
from ama_analysis.errors import CancelledError, MissingExtraError, SessionError, WeightsError
from ama_analysis.models.separation import separated, write_parts
from ama_analysis.models.separation_document import (
    SeparationDocument,
    separation_in,
    write_separation,
)
from ama_analysis.models.umx_model import UmxModel
from ama_analysis.models.umx_weights import weights_in
from tests.models.umx_files import (
    RATE_HZ,
    TARGETS,
    needs_umx,
    one_thread,
    write_published,
    write_trained,
)

SUM_DB = -120.0
"""Five parts of 24 bits of mantissa each; the issue asks for -60 dB."""
SHORT_S = 8.0
"""Long enough for two stretches of 5 s that overlap by 2 s."""
SAME_DB = -100.0
"""Single precision on the way to and from double."""


class Halves:
    """A model that needs no weights: parts are fixed shares of what it hears."""

    targets = ("low", "high")

    def __init__(self, rate_hz: int = RATE_HZ) -> None:
        self.sample_rate_hz = rate_hz

    def parts_of(self, samples: Block, tick: Any) -> NDArray[np.float32]:
        tick()
        tick()
        return np.stack((samples * np.float32(0.25), samples * np.float32(0.5)))


class Endless:
    """A long sound that takes no room: the same noise again and again."""

    sample_rate_hz, channels = 8_000, 2

    def __init__(self, duration_s: float) -> None:
        self.frames = round(duration_s * self.sample_rate_hz)

    def blocks(self, block_frames: int = 1 << 16) -> Iterator[Block]:
        block = noise(block_frames / self.sample_rate_hz, rate_hz=self.sample_rate_hz).samples
        for start in range(0, self.frames, block_frames):
            yield block[:, : self.frames - start]


def noise(duration_s: float, *, rate_hz: int = RATE_HZ, channels: int = 2) -> Audio:
    frames = round(duration_s * rate_hz)
    samples = np.random.default_rng(3).normal(0.0, 0.1, (channels, frames))
    return Audio(samples.astype(np.float32), rate_hz)


def decibel(part: NDArray[np.floating], whole: NDArray[np.floating]) -> float:
    energies = [float(np.square(one, dtype=np.float64).sum()) for one in (part, whole)]
    return 10.0 * np.log10(max(energies[0], 1e-30) / energies[1])


def joined(sound: Any, model: Any, **options: Any) -> dict[str, Block]:
    stretches = list(separated(sound, model, **options))
    names = stretches[0].parts
    return {name: np.concatenate([s.parts[name] for s in stretches], axis=1) for name in names}


@pytest.fixture(scope="module")
def weights_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trained(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def model(weights_folder: Path) -> UmxModel:
    return UmxModel(weights_in(weights_folder))


@needs_umx
@pytest.mark.parametrize(
    ("rate_hz", "channels", "duration_s"),
    [(44_100, 2, SHORT_S), (48_000, 2, SHORT_S), (96_000, 1, 4.0), (22_050, 1, SHORT_S), (44_100, 2, 0.003)],
)  # fmt: skip
def test_the_parts_sum_to_the_mix_at_every_rate_and_length(
    model: UmxModel, rate_hz: int, channels: int, duration_s: float
) -> None:
    mix = noise(duration_s, rate_hz=rate_hz, channels=channels)
    parts = joined(mix, model, chunk_s=5.0)
    assert set(parts) == {*TARGETS, "residual"}
    assert all(part.shape == mix.samples.shape for part in parts.values())
    assert decibel(sum(parts.values()) - mix.samples, mix.samples) < SUM_DB


@needs_umx
def test_the_small_model_tells_parts_apart(model: UmxModel) -> None:
    parts = joined(noise(3.0), model)
    vocals, drums = parts["vocals"], parts["drums"]
    assert decibel(vocals - drums, vocals) > -20.0, "a test with equal parts would say nothing"


@needs_umx
def test_silence_and_a_mono_mix_come_apart_without_a_number_that_is_none(model: UmxModel) -> None:
    silence = Audio(np.zeros((2, RATE_HZ * 3), np.float32), RATE_HZ)
    assert all(not part.any() for part in joined(silence, model).values())
    one = noise(3.0, channels=1).samples
    mono = Audio(np.concatenate((one, one)), RATE_HZ)
    parts = joined(mono, model)
    assert all(np.isfinite(part).all() for part in parts.values())
    assert decibel(parts["residual"], mono.samples) < -40.0


@needs_umx
def test_the_filter_is_the_one_of_openunmix_in_doubles() -> None:
    import torch

    from ama_analysis.models import umx_filter, umx_model

    umx_model._openunmix()
    from openunmix.filtering import wiener

    torch.manual_seed(1)
    mix = torch.randn(2, 65, 40, dtype=torch.complex128) * 30.0
    masks = torch.rand(4, 2, 65, 40, dtype=torch.float64)
    ours = torch.view_as_real(umx_filter.filtered(torch, masks * mix.abs(), mix))
    told = torch.view_as_real(mix.permute(2, 1, 0).contiguous())
    theirs = wiener((masks * mix.abs()).permute(3, 2, 1, 0), told, 1)
    difference = ours.permute(3, 2, 1, 4, 0) - theirs
    assert decibel(difference.numpy(), theirs.numpy()) < SAME_DB


@needs_umx
def test_the_same_mix_gives_the_same_parts(model: UmxModel) -> None:
    mix = noise(3.0)
    first, second = joined(mix, model), joined(mix, model)
    assert all(np.array_equal(first[name], second[name]) for name in first)


@needs_umx
def test_weights_of_2019_and_of_today_are_read(tmp_path: Path) -> None:
    published = weights_in(write_published(tmp_path / "published"))
    assert published.targets == TARGETS
    assert published.settings.fft_size == 4096
    parts = joined(noise(1.0), UmxModel(published))
    assert set(parts) == {*TARGETS, "residual"}
    trained = weights_in(write_trained(tmp_path / "trained", ("vocals",), 22_050))
    assert (trained.targets, trained.settings.sample_rate_hz) == (("vocals",), 22_050)
    assert set(joined(noise(1.0), UmxModel(trained))) == {"vocals", "residual"}


@needs_umx
@pytest.mark.parametrize("write", [write_published, write_trained])
def test_weights_that_lost_a_bit_are_refused(write: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "weights")
    path = sorted(folder.glob("drums*.pth"))[0]
    whole = path.read_bytes()
    for at in (len(whole) // 3, len(whole) // 2):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(WeightsError, match=rf"{path.name} is damaged"):
            weights_in(folder)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=path.name):
        weights_in(folder)
    path.write_bytes(whole)
    assert weights_in(folder).targets == TARGETS


@needs_umx
def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    import torch

    folder = write_trained(tmp_path / "weights", ("vocals",))
    for state in ({"a": torch.zeros(3)}, [1, 2], {"fc1.weight": torch.full((8, 1536), torch.nan)}):
        torch.save(state, folder / "vocals.pth")
        with pytest.raises(WeightsError, match=r"vocals\.pth"):
            UmxModel(weights_in(folder))


def test_a_folder_without_weights_says_where_to_get_them(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(WeightsError) as refused:
            weights_in(folder)
        assert "ama separate --download" in refused.value.sentence()


def test_a_published_name_has_its_published_checksum(tmp_path: Path) -> None:
    (tmp_path / "vocals-b62c91ce.pth").write_bytes(b"not this")
    with pytest.raises(WeightsError, match="checksum is not the one of its name"):
        weights_in(tmp_path)


def test_a_file_that_cannot_be_checked_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocals.pth").write_bytes(b"\x80\x02 a pickle of 2019")
    with pytest.raises(WeightsError, match="has no checksum"):
        weights_in(tmp_path)


def test_two_files_of_one_target_are_refused(tmp_path: Path) -> None:
    import hashlib

    for content in (b"one", b"two"):
        digits = hashlib.sha256(content).hexdigest()[:8]
        (tmp_path / f"bass-{digits}.pth").write_bytes(content)
    with pytest.raises(WeightsError, match="second file for 'bass'"):
        weights_in(tmp_path)


@pytest.mark.parametrize("text", ["{}", "[1]", "{", '{"sample_rate": 44100, "nfft": 4096, "nhop": 1024, "nb_channels": 1}'])  # fmt: skip
def test_a_separator_json_that_does_not_describe_one_is_refused(tmp_path: Path, text: str) -> None:
    import hashlib

    digits = hashlib.sha256(b"one").hexdigest()[:8]
    (tmp_path / f"bass-{digits}.pth").write_bytes(b"one")
    (tmp_path / "separator.json").write_text(text)
    with pytest.raises(WeightsError, match=r"separator\.json"):
        weights_in(tmp_path)


def test_without_the_extra_a_sentence_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib
    import sys

    digits = hashlib.sha256(b"one").hexdigest()[:8]
    (tmp_path / f"bass-{digits}.pth").write_bytes(b"one")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError) as refused:
        UmxModel(weights_in(tmp_path))
    assert "ama-bridge[separation]" in refused.value.sentence()


def test_stretches_go_over_into_each_other_without_a_seam() -> None:
    mix = noise(20.0, rate_hz=8_000)
    parts = joined(mix, Halves(8_000), chunk_s=5.0)
    assert decibel(parts["low"] - 0.25 * mix.samples, mix.samples) < SUM_DB
    assert decibel(parts["residual"] - 0.25 * mix.samples, mix.samples) < SUM_DB


def test_progress_grows_to_one_and_what_it_raises_ends_the_work(tmp_path: Path) -> None:
    told: list[float] = []
    mix = noise(20.0, rate_hz=8_000)
    joined(mix, Halves(8_000), chunk_s=5.0, on_progress=lambda done, _: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(set(told)) > 10

    def cancel(done: float, _: str) -> None:
        if done > 0.5:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        write_parts(mix, Halves(8_000), tmp_path, on_progress=cancel)
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_length() -> None:
    peaks = []
    for duration_s in (120.0, 1200.0):
        tracemalloc.start()
        for _ in separated(Endless(duration_s), Halves(8_000)):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1, (
        "numpy's arrays are traced; ten times the length, the same peak"
    )


def test_files_are_float_and_sum_to_the_mix(tmp_path: Path) -> None:
    mix = Audio(noise(5.0).samples * np.float32(8.0), RATE_HZ)
    written = write_parts(mix, Halves(), tmp_path)
    read = [read_audio(path).samples for path in written.files.values()]
    assert set(written.files) == {"low", "high", "residual"}
    assert np.abs(read[1]).max() > 1.0
    assert decibel(sum(read) - mix.samples, mix.samples) < SUM_DB
    assert written.sum_error_db < SUM_DB
    assert written.residual_db == pytest.approx(20.0 * np.log10(0.25), abs=0.01)


def test_the_document_of_a_separation_comes_back(tmp_path: Path) -> None:
    assert separation_in(tmp_path) is None
    document = SeparationDocument(
        mix=Path("/music/Größe.flac"),
        content="12",
        weights={"vocals": "ab"},
        model="cd",
        parts={"vocals": "vocals.wav", "residual": "residual.wav"},
        residual_db=-31.5,
        sum_error_db=-140.0,
    )
    write_separation(tmp_path, document)
    assert separation_in(tmp_path) == document
    assert [p.name for p in tmp_path.iterdir()] == ["separation.json"]


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "ama.separation/2"}', '{"mix": 3}'])
def test_a_document_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "separation.json").write_text(text)
    with pytest.raises(SessionError, match="is not valid"):
        separation_in(tmp_path)


def test_a_part_outside_the_folder_is_refused(tmp_path: Path) -> None:
    document = SeparationDocument(
        mix=Path("a"), content="", weights={}, model="", parts={"vocals": "../vocals.wav"},
        residual_db=0.0, sum_error_db=0.0,
    )  # fmt: skip
    write_separation(tmp_path, document)
    with pytest.raises(SessionError, match="outside"):
        separation_in(tmp_path)
