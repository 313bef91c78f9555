"""Nothing is written over what a session is read from, whatever it is and by whatever name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ama_analysis.advise import inputs_of, refuse_to_overwrite, session_from_paths
from ama_analysis.audio import EditList, Part, Source
from ama_analysis.audio.edit_list import edit_list_bytes
from ama_analysis.errors import OptionError
from ama_analysis.reference import Reference
from tests.advise.conftest import write_tone


@pytest.fixture
def session(folder, tmp_path):
    others = tmp_path / "others"
    others.mkdir()
    recording = write_tone(others / "take.wav", channels=1)
    state = recording.stat()
    source = Source(path=recording, channel=0, bytes=state.st_size, changed_ns=state.st_mtime_ns)
    part = Part(sources=(source,), at_frame=0, skip_frames=0, frames=1_000, gains=(1.0,))
    edits = EditList(sample_rate_hz=44_100, channels=1, frames=1_000, parts=(part,))
    (folder / "take.stem.json").write_bytes(edit_list_bytes(edits))
    (others / "song.rpp").write_text("<REAPER_PROJECT")
    (others / "songs" / "deep").mkdir(parents=True)
    for document in ("session.json", "separation.json"):
        (folder / document).write_text("{}")
    songs = [Reference(path=write_tone(others / "ref.wav")), Reference(path=others / "songs")]
    for name in ("snare.wav", "deep/kick.wav"):
        write_tone(others / "songs" / name)
    stems = [folder / "bass.wav", folder / "take.stem.json"]
    session = session_from_paths(stems, references=songs, mix=folder / "mix.wav")
    return replace(session, project=others / "song.rpp", separated_from=folder / "Mix.flac")


@pytest.mark.parametrize(
    "name",
    [
        "song/bass.wav",
        "song/../song/bass.wav",
        "song/take.stem.json",
        "others/take.wav",
        "song/mix.wav",
        "song/session.json",
        "song/separation.json",
        "song/Mix.flac",
        "others/song.rpp",
        "others/ref.wav",
        "others/songs/snare.wav",
        "others/songs/deep/kick.wav",
        "hard.wav",
        "soft.wav",
    ],
)
def test_no_input_is_written_over(session, tmp_path, name):
    (tmp_path / "hard.wav").hardlink_to(tmp_path / "others" / "take.wav")
    (tmp_path / "soft.wav").symlink_to(tmp_path / "song" / "bass.wav")
    with pytest.raises(OptionError, match="is an input"):
        refuse_to_overwrite([None, tmp_path / name], inputs_of(session))


def test_other_names_are_free_but_not_twice(session, tmp_path):
    free = [tmp_path / "song" / "plan.json", tmp_path / "others" / "songs" / "new.wav"]
    refuse_to_overwrite(free, inputs_of(session))
    with pytest.raises(OptionError, match="named twice"):
        refuse_to_overwrite([*free, free[0]], inputs_of(session))


@pytest.mark.parametrize(
    "there", [b"RIFF....WAVE", b"<REAPER_PROJECT", b"ama.plan/1", b'{"schema": "ama.session/1"}']
)
def test_a_document_takes_the_place_of_its_like_alone(tmp_path, there):
    path = tmp_path / "plan.json"
    path.write_bytes(there)
    with pytest.raises(OptionError, match="holds something else"):
        refuse_to_overwrite([path], [], schema="ama.plan/1")
    refuse_to_overwrite([path], [])
    for before in (b"", b'{\n  "schema": "ama.plan/2",'):
        path.write_bytes(before)
        refuse_to_overwrite([path, tmp_path / "new.json"], [], schema="ama.plan/1")
