"""Ardour sessions written by hand, for what headless Ardours of one version cannot write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ama_analysis.audio import EditList
from ama_bridge.daw.ardour.disk.file import read_session_file

_rng = np.random.default_rng(5)


def noise(frames, channels=1):
    return (0.2 * _rng.standard_normal((channels, frames))).astype(np.float32)


def session_xml(
    *,
    version=7002,
    regions,
    sources='<Source name="a.wav" type="audio" id="10" channel="0" gain="1"/>',
    tempo='<TempoMap superclocks-per-second="282240000"/>',
    route="",
    routes="",
    locations="",
    flags="AudioTrack,OrderSet",
    inputs=1,
):
    ports = '<Port type="audio" name="A/audio_in"/>' * inputs
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Session version="{version}" name="by hand" sample-rate="48000">
  <Sources>{sources}</Sources>{locations}
  <Routes>
    <Route id="1" name="Master"><PresentationInfo flags="MasterOut,OrderSet"/></Route>
    <Route id="2" name="A" active="1" audio-playlist="3"><PresentationInfo flags="{flags}"/>
      <IO direction="Input">{ports}</IO>
      <IO direction="Output"><Port type="audio"><Connection other="Master/audio_in 1"/></Port></IO>
      <Processor type="amp"><Controllable name="gaincontrol" value="1"/></Processor>{route}
    </Route>{routes}
  </Routes>
  <Playlists><Playlist id="3" name="A" type="audio">{regions}</Playlist></Playlists>
  {tempo}
</Session>"""


def region(**attributes):
    text = {
        "name": "r",
        "muted": "0",
        "opaque": "1",
        "start": "a0",
        "length": "a282240000@a0",
        "source-0": "10",
        "fade-in-active": "0",
        "fade-out-active": "0",
        "layering-index": "0",
    } | {name.replace("_", "-"): value for name, value in attributes.items()}
    return "<Region " + " ".join(f'{k}="{v}"' for k, v in text.items() if v is not None) + "/>"


@dataclass(frozen=True)
class ByHand:
    """Writes a session by hand and returns what AMA reads; its one source, a.wav, is a second of noise."""

    folder: Path
    samples: np.ndarray

    @property
    def audio(self):
        return self.folder / "interchange" / "x" / "audiofiles"

    def __call__(self, **parts):
        file = self.folder / "by hand.ardour"
        file.write_text(session_xml(**parts), encoding="utf-8")
        return read_session_file(file)


def by_hand_in(folder):
    made = ByHand(folder, noise(48_000)[0])
    made.audio.mkdir(parents=True)
    soundfile.write(made.audio / "a.wav", made.samples, 48_000, subtype="FLOAT")
    return made


def only_part(session):
    (found,) = session.tracks
    assert isinstance(found.stem, EditList)
    (part,) = found.stem.parts
    return part


def tempo_map(*tempos, superclocks=282_240_000):
    inner = "".join(
        f'<Tempo npm="{npm}" enpm="{npm}" note-type="4" sclock="{clock}" quarters="{quarters}"/>'
        for npm, clock, quarters in tempos
    )
    return f'<TempoMap superclocks-per-second="{superclocks}"><Tempos>{inner}</Tempos></TempoMap>'
