"""Sums of tracks that were rendered, kept as files for the next time: what a decision changes is often one track.

A mix is the sum of its strips, and the master bus behind it. Where a sum of the same stems is kept that differs in few strips, these alone are
rendered: what they are now is added to it, what they were is taken out; that is the same but for the rounding of 32-bit floats. Else the sum is rendered as a
whole, and kept on the way. Sums that were made of others are not kept, so that rounding does not add up.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.advise.inputs import stem_files
from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import BLOCK_FRAMES, Block, DerivedSound, Sound, audio_writer, open_audio
from ama_analysis.plan import Suggestion
from ama_analysis.render import Exchanged, Mixdown, track_sound
from ama_analysis.session import Session, Track

KEPT_BYTES: Final = 512 << 20
"""So much is kept at most: five sums of a song of four minutes at 48 kHz. Those that were used longest ago go first."""
_SAMPLE_BYTES: Final = 4
_PREFIX: Final = "sums-"

Stamp: TypeAlias = tuple[Path, int, int]
Strip: TypeAlias = tuple[object, ...]
"""All that a track's sound at the bus follows from: stem, settings, and the stems that duck it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A sum in a file, and what it is a sum of."""

    path: Path
    sample_rate_hz: int
    strips: tuple[Strip, ...]
    sounds: tuple[Sound, ...]


class KeptSums:
    """Gives sums of tracks; for one thread at a time. The files go with this object, or when the next one takes the folder up."""

    def __init__(self, folder: Path, *, most_bytes: int = KEPT_BYTES) -> None:
        """Take the folder below which they lie; what a process that was killed has left there is removed."""
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._most_bytes = most_bytes
        self._kept: list[_Kept] = []
        self._count = 0

    def sum_of(self, session: Session, suggestions: tuple[Suggestion, ...]) -> Sound:
        """Return the sum of all tracks with their suggestions, before the master bus; errors as `Mixdown`."""
        sound_of = stems_of(session)
        whole = Mixdown(session=session, suggestions=suggestions, sound_of=sound_of, master=False)
        heard = [track for track in session.tracks if not track.muted]
        sounds = tuple(
            track_sound(session, track, suggestions, sound_of, length_frames=whole.frames)
            for track in heard
        )
        try:
            strips = tuple(
                (_stamps(each.track), each.settings, *map(_stamps, each.triggers))
                for each in sounds
            )
        except OSError:  # rendering will say what is wrong
            return whole
        nearest = self._nearest(session.sample_rate_hz, strips)
        if nearest is None:
            return self._keeping(whole, strips, sounds)
        self._kept.remove(nearest)
        self._kept.append(nearest)
        changed = [at for at, strip in enumerate(strips) if strip != nearest.strips[at]]
        return Exchanged(
            open_audio(nearest.path),
            was=tuple(nearest.sounds[at] for at in changed),
            now=tuple(sounds[at] for at in changed),
        )

    def _nearest(self, sample_rate_hz: int, strips: tuple[Strip, ...]) -> _Kept | None:
        """Return the kept sum of the same stems of which fewest strips are to be rendered, if those are fewer than all."""

        def renders(kept: _Kept) -> int:
            return 2 * sum(a != b for a, b in zip(kept.strips, strips, strict=True))

        alike = [
            kept
            for kept in self._kept
            if kept.sample_rate_hz == sample_rate_hz
            and [strip[0] for strip in kept.strips] == [strip[0] for strip in strips]
        ]
        nearest = min(alike, key=renders, default=None)
        return nearest if nearest is not None and renders(nearest) < len(strips) else None

    def _keeping(
        self, whole: Mixdown, strips: tuple[Strip, ...], sounds: tuple[Sound, ...]
    ) -> Sound:
        if whole.frames * whole.channels * _SAMPLE_BYTES > self._most_bytes:
            return whole
        self._count += 1
        kept = _Kept(
            path=self._folder / f"{self._count}.w64",
            sample_rate_hz=whole.sample_rate_hz,
            strips=strips,
            sounds=sounds,
        )
        return _Keeping(whole, self, kept)

    def keep(self, kept: _Kept) -> None:
        """Take a sum that lies in its file now; those used longest ago make room for it."""
        self._kept.append(kept)
        sizes = [each.path.stat().st_size for each in self._kept]
        while len(self._kept) > 1 and sum(sizes) > self._most_bytes:
            sizes.pop(0)
            self._kept.pop(0).path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Keeping(DerivedSound):
    """A sum that is written into a file as it passes."""

    sums: KeptSums
    kept: _Kept

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the blocks; the last one once the file is whole, since nobody may ask for more."""
        held: Block | None = None
        with audio_writer(
            self.kept.path,
            sample_rate_hz=self.sample_rate_hz,
            channels=self.channels,
            subtype="FLOAT",
        ) as writer:
            for block in self.sound.blocks(block_frames):
                if held is not None:
                    yield held
                writer.write(block)
                held = block
        self.sums.keep(self.kept)
        if held is not None:
            yield held


def _stamps(track: Track) -> tuple[Stamp, ...]:
    """Return which files a stem is made of, and how they lie on the disk; `OSError` where one is gone."""
    found = ((path, path.stat()) for path in stem_files(track))
    return tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in found)
