"""Sessions for training from tracker modules (.xm, .it, .s3m, .mod): `python tools/module_sessions.py FOLDER OUT`.

Needs libopenmpt (Debian libopenmpt0). A stretch of each song is rendered once for each of its instruments (samples, in formats without
instruments) with all others muted, so the stems' sum is the author's balance; session.json has gain_db 0 and pan 0, since the author's pans are in
the stems. Instruments more than 45 dB below the loudest are left out. Roles come from instrument names, which seldom name one.
"""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

RATE_HZ, EXCERPT_S, PLACE = 44_100, 20.0, 0.35
RANGE_DB, LEAST_PARTS, MOST_PARTS = 45.0, 3, 24
_MUTE = 12
"""The place of set_instrument_mute_status in libopenmpt's interactive interface (libopenmpt_ext.h)."""


def library() -> Any:  # noqa: ANN401  # ctypes
    """Return libopenmpt with the types of what is used."""
    lib = ctypes.CDLL("libopenmpt.so.0")
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
    lib.openmpt_module_ext_create_from_memory.restype = pointer
    lib.openmpt_module_ext_create_from_memory.argtypes = [ctypes.c_char_p, size, *[pointer] * 7]
    lib.openmpt_module_ext_get_module.restype = pointer
    for name in (
        "ext_destroy",
        "ext_get_module",
        "get_num_instruments",
        "get_num_samples",
        "get_duration_seconds",
    ):
        getattr(lib, f"openmpt_module_{name}").argtypes = [pointer]
    lib.openmpt_module_ext_get_interface.argtypes = [pointer, ctypes.c_char_p, pointer, size]
    lib.openmpt_module_get_duration_seconds.restype = ctypes.c_double
    lib.openmpt_module_set_position_seconds.argtypes = [pointer, ctypes.c_double]
    lib.openmpt_module_set_position_seconds.restype = ctypes.c_double
    lib.openmpt_module_read_float_stereo.argtypes = [pointer, number, size, pointer, pointer]
    lib.openmpt_module_read_float_stereo.restype = size
    for name in ("instrument", "sample"):
        called = getattr(lib, f"openmpt_module_get_{name}_name")
        called.argtypes, called.restype = [pointer, number], ctypes.c_char_p
    return lib


class Song:
    """A module that plays one instrument at a time."""

    def __init__(self, lib: Any, data: bytes) -> None:  # noqa: ANN401  # ctypes
        """Open a module; ValueError where libopenmpt cannot."""
        self._lib = lib
        self._ext = lib.openmpt_module_ext_create_from_memory(data, len(data), *[None] * 7)
        if not self._ext:
            raise ValueError("libopenmpt cannot read it")
        self._module = lib.openmpt_module_ext_get_module(self._ext)
        table = (ctypes.c_void_p * 16)()
        lib.openmpt_module_ext_get_interface(self._ext, b"interactive", table, ctypes.sizeof(table))
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int)
        self._mute = kind(table[_MUTE] or 0)
        instruments = lib.openmpt_module_get_num_instruments(self._module)
        self._named = "instrument" if instruments else "sample"
        self.parts = instruments or lib.openmpt_module_get_num_samples(self._module)

    def name(self, part: int) -> str:
        """Return what a part is called."""
        called = getattr(self._lib, f"openmpt_module_get_{self._named}_name")(self._module, part)
        return (
            " ".join((called or b"").decode("utf-8", "replace").split())
            or f"{self._named} {part + 1}"
        )

    def play(self, only: int) -> np.ndarray[Any, Any]:
        """Return one part's excerpt, (2, frames)."""
        for part in range(self.parts):
            self._mute(self._ext, part, int(part != only))
        length_s = self._lib.openmpt_module_get_duration_seconds(self._module)
        start_s = max(min(PLACE * length_s, length_s - EXCERPT_S), 0.0)
        self._lib.openmpt_module_set_position_seconds(self._module, start_s)
        wanted = round(min(EXCERPT_S, length_s) * RATE_HZ)
        sides, done = np.zeros((2, wanted), np.float32), 0
        while done < wanted:
            left, right = (side[done:].ctypes.data for side in sides)
            count = self._lib.openmpt_module_read_float_stereo(
                self._module, RATE_HZ, wanted - done, left, right
            )
            if not count:
                break
            done += count
        return sides[:, :done]

    def close(self) -> None:
        """Let go of it."""
        self._lib.openmpt_module_ext_destroy(self._ext)


def make_session(lib: Any, path: Path, out: Path) -> int:  # noqa: ANN401  # ctypes
    """Write the session of one module; return how many stems it has (0: nothing was written)."""
    song = Song(lib, path.read_bytes())
    played = {part: song.play(part) for part in range(song.parts)}
    names = {part: song.name(part) for part in played}
    song.close()
    level_db = {
        part: 10 * np.log10(np.square(s).mean() + 1e-12) for part, s in played.items() if s.size
    }
    heard = [
        p for p, level in level_db.items() if level > max(max(level_db.values()) - RANGE_DB, -70.0)
    ]
    if not LEAST_PARTS <= len(heard) <= MOST_PARTS:
        return 0
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for part in heard:
        peak = float(np.abs(played[part]).max())
        file = f"{part:02d}.flac"
        soundfile.write(out / file, played[part].T * (0.7 / peak), RATE_HZ, subtype="PCM_16")
        gain_db = float(20.0 * np.log10(peak / 0.7))
        rows.append({"file": file, "name": names[part], "gain_db": round(gain_db, 3), "pan": 0.0})
    document = {
        "name": out.name, "style": "tracker", "source": path.name, "pan_known": False,
        "tracks": rows, "mix": {"file": None},
    }  # fmt: skip
    (out / "session.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    return len(rows)


def main(folder: Path, out: Path) -> None:
    """Make a session of every module below a folder."""
    lib = library()
    for path in sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in {".xm", ".it", ".s3m", ".mod", ".mtm"}
    ):
        name = f"module_{path.stem}".replace(" ", "_").lower()
        try:
            stems = make_session(lib, path, out / name)
        except (OSError, ValueError) as error:
            print(f"{path.name}: left out ({error})", file=sys.stderr)
            continue
        print(f"{name}: {stems} stems", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
