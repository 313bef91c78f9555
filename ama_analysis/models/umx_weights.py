"""The weights of Open-Unmix: which files are published, and whether those in a folder are whole.

    vocals-b62c91ce.pth drums-... bass-... other-...    as published (UMX-HQ): a state dict a target, its SHA-256 begins with the name's digits
    vocals.pth ... and separator.json                   as `openunmix` saves what somebody trained

Stöter et al. 2019, "Open-Unmix - A Reference Implementation for Music Source Separation" (JOSS 4(41)); weights: Zenodo record 3370489, MIT.
Nothing here imports torch or reaches into a network.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ama_analysis.cache import installed_version
from ama_analysis.errors import WeightsError

RECORD_URL: Final = "https://zenodo.org/records/3370489"
PUBLISHED_BYTES: Final = 35_637_796
"""Each of the four files has this size."""
MOST_BYTES: Final = 1 << 30
"""UMX-L's files, the largest published, have 113 MB; what is larger than this is no such file (AMA's choice)."""
PUBLISHED: Final[dict[str, str]] = {
    "vocals-b62c91ce.pth": "b62c91cedbc7a066f1778ead5b5cecb377aa3a46a31af1cce7c5c8769339d083",
    "drums-9619578f.pth": "9619578f885c54737cb0234f9f9a4a679ee4f31438fd77fd1dbe02bb16c2da0a",
    "bass-8d85a5bd.pth": "8d85a5bd3f996a8867fca0e8442e077e5a3f5ec747a6112742452a8f347b39c8",
    "other-b52fbbf7.pth": "b52fbbf76479e752bd72e02304c602ac7802aa5bfbfb9cd12054b2695d5093ab",
}
"""File names of UMX-HQ with their SHA-256, as public lock files have them; the first eight digits are the publisher's own, from the names."""
SETTINGS_NAME: Final = "separator.json"
RESIDUAL: Final = "residual"
"""What the parts leave of the mix; no target may have this name."""
_FIRST: Final = ("vocals", "drums", "bass", "other")
_FILE: Final = re.compile(r"([a-z][a-z0-9_]{0,31})(?:-([0-9a-f]{8,64}))?\.pth")
_HINT: Final = "Fetch UMX-HQ with `ama separate --download`, or name a folder with --weights."


@dataclass(frozen=True, slots=True, kw_only=True)
class UmxSettings:
    """The transform that a model was trained with; the defaults are those of the published models."""

    sample_rate_hz: int = 44_100
    fft_size: int = 4096
    hop_size: int = 1024
    channels: int = 2

    def __post_init__(self) -> None:
        if not 8_000 <= self.sample_rate_hz <= 192_000:
            raise ValueError(f"a sample rate of {self.sample_rate_hz} Hz")
        if not (64 <= self.fft_size <= 65_536 and self.fft_size % 2 == 0):
            raise ValueError(f"a transform of {self.fft_size} points")
        if not 1 <= self.hop_size <= self.fft_size // 2:
            raise ValueError(f"a hop of {self.hop_size} in a transform of {self.fft_size} points")
        if self.channels != 2:
            raise ValueError(f"{self.channels} channels, where AMA separates stereo")


@dataclass(frozen=True, slots=True, kw_only=True)
class UmxFile:
    """The state dict of one target; `sha256` is that of the file when it was checked."""

    target: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UmxWeights:
    """A folder of weights that was found whole: one file a target, vocals first."""

    files: tuple[UmxFile, ...]
    settings: UmxSettings

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the parts."""
        return tuple(file.target for file in self.files)

    @property
    def content(self) -> str:
        """A hash of all that a separation by these weights follows from."""
        told = [str(self.settings), *(f"{file.target} {file.sha256}" for file in self.files)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def weights_in(folder: Path) -> UmxWeights:
    """Return the weights in a folder; `WeightsError` (AMA-902) where there are none, or one of them is not whole."""
    found: dict[str, UmxFile] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        named = _FILE.fullmatch(path.name)
        if named is None:
            continue
        target, digits = named.groups()
        if target in found:
            raise _refused(
                path, f"is a second file for {target!r}, beside {found[target].path.name}"
            )
        if target == RESIDUAL:
            raise _refused(path, "is named as what remains of a mix, which no model gives")
        found[target] = UmxFile(target=target, path=path, sha256=_checked(path, digits or ""))
    if not found:
        message = f"There are no weights for separation in {folder}."
        raise WeightsError(message, hint=_HINT)
    order = {target: at for at, target in enumerate(_FIRST)}
    files = sorted(found.values(), key=lambda file: (order.get(file.target, 99), file.target))
    return UmxWeights(files=tuple(files), settings=_settings(folder / SETTINGS_NAME))


def separating_libraries() -> tuple[str, ...]:
    """Return the libraries that compute a separation, with their versions: another one may give another last bit."""
    return tuple(f"{name} {installed_version(name)}".strip() for name in ("torch", "openunmix"))


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256; `WeightsError` where it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _refused(path, f"is larger than {MOST_BYTES >> 20} MiB")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})") from error


def _checked(path: Path, digits: str) -> str:
    """Return the SHA-256 of a file that is whole: by the sum that is published, by the digits in its name, else by its archive's own sums."""
    sha256 = sha256_of(path)
    if not sha256.startswith(PUBLISHED.get(path.name, digits)):
        raise _refused(path, "is damaged: its checksum is not the one of its name")
    if not digits:
        _check_archive(path)
    return sha256


def _check_archive(path: Path) -> None:
    """Refuse a file whose archive is damaged (`torch.save` writes a ZIP with a CRC-32 an entry), or that is none and cannot be checked."""
    import zipfile
    import zlib

    if not zipfile.is_zipfile(path):
        why = "has no checksum: neither in its name, as in vocals-b62c91ce.pth, nor inside it"
        raise _refused(path, why)
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise _refused(path, "is damaged: its archive cannot be read") from error
    if damaged is not None:
        raise _refused(path, "is damaged: a checksum inside it does not fit")


def _settings(path: Path) -> UmxSettings:
    if not path.exists():
        return UmxSettings()
    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
        return UmxSettings(
            sample_rate_hz=int(told["sample_rate"]),
            fft_size=int(told["nfft"]),
            hop_size=int(told["nhop"]),
            channels=int(told["nb_channels"]),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _refused(path, f"does not describe a separator ({error})") from error


def _refused(path: Path, why: str) -> WeightsError:
    return WeightsError(f"The weight file {path} {why}.", hint=_HINT)
