"""A finished mix in a file to a folder of its parts, with separation.json beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ama_analysis.audio import open_audio
from ama_analysis.cache import content_of
from ama_analysis.errors import AudioFileError, OptionError
from ama_analysis.models.extra import is_there, required
from ama_analysis.models.separation import write_parts
from ama_analysis.models.separation_document import (
    SeparationDocument,
    separation_in,
    write_separation,
)
from ama_analysis.models.umx_model import EXTRA, UmxModel
from ama_analysis.models.umx_weights import RESIDUAL, UmxWeights
from ama_analysis.progress import OnProgress

_NAME_LETTERS: Final = 60
_NAME_DIGITS: Final = 16


def separation_is_there() -> bool:
    """Return whether the libraries for separation are installed, without importing them."""
    return is_there("torch") and is_there("openunmix")


def check_separation_is_there() -> None:
    """Raise `MissingExtraError` (AMA-901) where the libraries for separation are not installed."""
    for module in ("torch", "openunmix"):
        if not is_there(module):
            required(module, extra=EXTRA)


def separate_file(
    mix: Path, folder: Path, weights: UmxWeights, *, on_progress: OnProgress
) -> SeparationDocument:
    """Write the parts of a mix into a folder, which is made, and return what separation.json then says.

    Files that are already there are only replaced where the folder's separation.json names them; `OptionError` (AMA-501) for others.
    """
    earlier = separation_in(folder)
    ours = set(earlier.parts.values()) if earlier else set()
    for name in (*weights.targets, RESIDUAL):
        path = folder / f"{name}.wav"
        if path.exists() and (path.name not in ours or path.samefile(mix)):
            message = f"{path} is there already, and is not a part that AMA wrote."
            raise OptionError(message, hint="Name another folder with --out.")
    return _written(mix, folder, weights, on_progress)


def _written(
    mix: Path, folder: Path, weights: UmxWeights, on_progress: OnProgress
) -> SeparationDocument:
    sound, model = open_audio(mix), UmxModel(weights)
    _make(folder)
    written = write_parts(sound, model, folder, on_progress=on_progress)
    document = SeparationDocument(
        mix=mix.absolute(),
        content=content_of(mix) or "",
        weights={file.target: file.sha256 for file in weights.files},
        model=weights.content,
        parts={name: path.name for name, path in written.files.items()},
        residual_db=written.residual_db,
        sum_error_db=written.sum_error_db,
    )
    write_separation(folder, document)
    return document


def kept_parts(mix: Path, root: Path, weights: UmxWeights, *, on_progress: OnProgress) -> Path:
    """Return the folder below `root` with the parts of a mix by these weights, which are made where they are not there yet."""
    content = content_of(mix)
    if content is None:
        message = f"{mix} cannot be read."
        raise AudioFileError(message, hint="Check its permissions.", code="AMA-101")
    folder = (
        root
        / f"{mix.stem[:_NAME_LETTERS]}-{content[:_NAME_DIGITS]}-{weights.content[:_NAME_DIGITS]}"
    )
    found = separation_in(folder)
    if found is None or not all((folder / name).is_file() for name in found.parts.values()):
        _written(mix, folder, weights, on_progress)
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {folder} cannot be made ({error.strerror})."
        raise AudioFileError(message, hint="Name another with --out.", code="AMA-107") from error
