"""Where the weights for separation lie, and how they come there: a download that is asked for, checked, and whole or not there at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO, Final, TypeAlias

from ama_analysis.errors import DeliveryError, WorkError
from ama_analysis.models.umx_weights import PUBLISHED, PUBLISHED_BYTES, RECORD_URL, sha256_of
from ama_analysis.progress import OnProgress
from ama_analysis.whole_file import whole_file

DOWNLOAD_MB: Final = round(len(PUBLISHED) * PUBLISHED_BYTES / 1e6)
TIMEOUT_S: Final = 30.0
"""How long nothing may come."""
_BLOCK_BYTES: Final = 1 << 18
Fetch: TypeAlias = Callable[[str], IO[bytes]]


def download(folder: Path, on_progress: OnProgress, *, fetch: Fetch | None = None) -> None:
    """Fetch the published weights (UMX-HQ) into a folder; files that are there and whole stay.

    `WorkError` (AMA-902) where a file does not come or is not the published one, `DeliveryError` (AMA-701) where it cannot be written.
    """
    for at, (name, sha256) in enumerate(PUBLISHED.items()):
        path, url = folder / name, f"{RECORD_URL}/files/{name}"

        def share(done: float, at: int = at, name: str = name) -> None:
            on_progress((at + done) / len(PUBLISHED), f"fetching {name}")

        share(0.0)
        if path.is_file() and sha256_of(path) == sha256:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part, part.open("wb") as file:
                if _copied(url, fetch or _over_https, file, share) != sha256:
                    message = (
                        f"What {url} gives is not the published file: its checksum is another."
                    )
                    raise WorkError(message, hint="Try again later.", code="AMA-902")
        except OSError as error:
            message = f"{path} cannot be written ({error.strerror or error})."
            raise DeliveryError(message, hint="Check the folder and the disk's space.") from error


def _copied(url: str, fetch: Fetch, file: IO[bytes], share: Callable[[float], None]) -> str:
    """Copy what lies at a URL and return its SHA-256; no more than the published size and a block is taken."""
    content, size = hashlib.sha256(), 0
    for block in _blocks(url, fetch):
        content.update(block)
        file.write(block)
        size += len(block)
        share(min(size / PUBLISHED_BYTES, 1.0))
        if size > PUBLISHED_BYTES:
            break
    return content.hexdigest()


def _blocks(url: str, fetch: Fetch) -> Iterator[bytes]:
    """Yield what lies at a URL; `WorkError` where it does not come."""
    try:
        with fetch(url) as answer:
            while block := answer.read(_BLOCK_BYTES):
                yield block
    except (OSError, HTTPException) as error:
        message = f"{url} could not be fetched ({error})."
        hint = (
            f"Fetch the files of {RECORD_URL} with a browser, and name their folder with --weights."
        )
        raise WorkError(message, hint=hint, code="AMA-902") from error


def _over_https(url: str) -> IO[bytes]:
    from urllib.request import urlopen

    answer: IO[bytes] = urlopen(url, timeout=TIMEOUT_S)  # noqa: S310  # the one address, https
    return answer
