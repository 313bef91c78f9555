"""A session that "AMA Export" sent over OSC, since Ardour's sandbox lets no script write: its stems are Ardour's own files, one a channel.

Pairs of channels are put together here, beside the session.json, as the script does it where it may.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ama_analysis.errors import AudioFileError, SessionError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.store import file_name

_BLOCK_FRAMES: Final = 1 << 16


def in_folder(document: Path) -> Path:
    """Return the folder of a session.json as it was sent, with stems of two channels woven and named in it; `SessionError` (AMA-204)."""
    try:
        session = json_text.from_bytes(document.read_bytes())
    except (OSError, ValueError) as error:
        message = f"The session that Ardour sent cannot be read ({error})."
        raise SessionError(message, hint="Export it again.", code="AMA-204") from error
    tracks = session.get("tracks") if isinstance(session, dict) else None
    for track in tracks if isinstance(tracks, list) else []:
        if isinstance(track, dict):
            _put_together(track, document.parent)
    write_atomically(document, json_text.to_bytes(session))
    return document.parent


def _put_together(track: dict[str, Any], folder: Path) -> None:
    """Name one file as the track's stem."""
    files = track.pop("channel_files", None)
    if not isinstance(files, list) or len(files) != 2:
        return
    out = folder / f"{file_name(str(track.get('id', '')))}.wav"
    _weave(Path(str(files[0])), Path(str(files[1])), out)
    track["stem"] = out.name


def _weave(left: Path, right: Path, out: Path) -> None:
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(left) as one, soundfile.SoundFile(right) as other:
            form = {
                "samplerate": one.samplerate,
                "channels": 2,
                "format": "WAV",
                "subtype": "FLOAT",
            }
            with soundfile.SoundFile(out, "w", **form) as woven:
                while len(block := one.read(_BLOCK_FRAMES, dtype="float32")):
                    woven.write(np.stack([block, other.read(len(block), dtype="float32")], axis=1))
    except (soundfile.LibsndfileError, OSError, ValueError) as error:
        message = f"{left} and {right} cannot be put together ({error})."
        raise AudioFileError(message, hint="Export the session again.") from error
