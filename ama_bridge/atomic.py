"""Files that are whole or not there: written under another name, flushed to the disk, then given their name."""

from __future__ import annotations

import os
from pathlib import Path

from ama_analysis.errors import DeliveryError
from ama_analysis.whole_file import whole_file


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one; makes its folder. `DeliveryError` (AMA-701) on failure."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part, part.open("wb") as file:
            file.write(data)
            file.flush()
            if part != path:  # a device or a pipe has no disk behind it
                os.fsync(file.fileno())
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror or error})."
        raise DeliveryError(message, hint="Check the folder and the space on the disk.") from error
