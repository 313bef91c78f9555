"""Sound in and out: the one place that decodes, resamples and writes audio files.

Audio is float32 of shape (channels, frames), one or two channels, with its rate. Everything that is long is read and written in blocks.
WAV, AIFF, FLAC, OGG and MP3 are decoded by libsndfile, what it does not know (AAC in .m4a, for one) by PyAV; rates change through soxr.
An edit list (`edit_list`) names pieces of sound files that make one stem, and is opened like a file. Decoded files may go over full scale and are left as they are. A file with more than two channels is refused.
"""

from __future__ import annotations

from ama_analysis.audio.edit_list import Curve, EditList, Part, Source, edit_list_bytes
from ama_analysis.audio.file import AudioFile
from ama_analysis.audio.opening import SUFFIXES, open_audio, read_audio
from ama_analysis.audio.sound import (
    BLOCK_FRAMES,
    Audio,
    Block,
    DerivedSound,
    Sound,
    as_stereo,
    in_memory,
    resampled,
)
from ama_analysis.audio.writing import (
    AudioWriter,
    audio_writer,
    refuse_audio_name,
    write_audio,
)

__all__ = [
    "BLOCK_FRAMES",
    "SUFFIXES",
    "Audio",
    "AudioFile",
    "AudioWriter",
    "Block",
    "Curve",
    "DerivedSound",
    "EditList",
    "Part",
    "Sound",
    "Source",
    "as_stereo",
    "audio_writer",
    "edit_list_bytes",
    "in_memory",
    "open_audio",
    "read_audio",
    "refuse_audio_name",
    "resampled",
    "write_audio",
]
