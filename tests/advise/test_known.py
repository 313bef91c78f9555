"""References that hold the session's own tracks, all the way from files to the plan, and references that are folders of stems."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.advise import advise, session_from_paths
from ama_analysis.advise.reference_stems import MEASURED_TOLERANCE_LU, heard_stems, with_roles_of
from ama_analysis.advise.targets import target_for
from ama_analysis.audio import Audio, write_audio
from ama_analysis.errors import SessionError
from ama_analysis.plan import Gain, Pan
from ama_analysis.presets import load_target
from ama_analysis.progress import silent
from ama_analysis.reference import Reference, parse_reference
from tests.measure.made_mixes import mix_of, stem
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise

GAINS_DB = (-3.0, 2.0, -8.0, 0.5)
PANS = (0.0, -0.5, 0.4, 0.0)
READ_DB = 0.15
"""Values are rounded to 0.1 dB."""
READ_PAN = 0.015
NAMES = ("Kick", "Guitar", "Keys", "Vocals")
LOOP_DB, OVER_DB, OVER_PAN = 1.0, 2.0, 0.2
LEVEL_LU = 0.2
"""Two sounds that do not meet, told apart by gated loudness."""


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Return a folder of four stems, a mix of them, and the whole song, of which they are the bars from 4 s on."""
    folder = tmp_path_factory.mktemp("song")
    whole = [stem(seed, duration_s=12.0) for seed in range(4)]
    stems = [Audio(np.ascontiguousarray(one.samples[:, 4 * 44_100 :]), 44_100) for one in whole]
    (folder / "stems").mkdir()
    for name, one in zip(NAMES, stems, strict=True):
        write_audio(folder / "stems" / f"{name}.wav", one)
    mix = mix_of(stems, GAINS_DB, PANS)
    write_audio(folder / "bounce.wav", Audio(0.25 * mix.samples, 44_100))
    album = mix_of(whole, GAINS_DB, PANS)
    write_audio(folder / "album.wav", Audio(0.25 * album.samples, 44_100))
    return folder


def moved(plan):
    """Return faders and pans of a plan's tracks with all suggestions."""
    faders = {t.id: t.fader_db for t in plan.session.tracks}
    pans = {t.id: t.pan for t in plan.session.tracks}
    for suggestion in plan.suggestions:
        if isinstance(suggestion.action, Gain):
            faders[suggestion.track] = suggestion.action.fader_db
        if isinstance(suggestion.action, Pan):
            pans[suggestion.track] = suggestion.action.pan
    return [faders[name] for name in NAMES], [pans[name] for name in NAMES]


@pytest.mark.parametrize("name", ["bounce.wav", "album.wav"])
def test_faders_of_a_reference_that_is_a_mix_of_these_stems_are_offered_as_they_are(song, name):
    session = session_from_paths([song / "stems"], references=[Reference(path=song / name)])
    plan = advise(session)
    assert any("mix of these very tracks" in warning for warning in plan.warnings)
    faders, pans = moved(plan)
    apart = np.array(faders) - np.array(GAINS_DB)
    assert np.abs(apart - np.median(apart)).max() <= READ_DB
    assert np.abs(np.array(pans) - np.array(PANS)).max() <= READ_PAN
    read = [s for s in plan.suggestions if s.rule in {"read_level", "read_pan"}]
    assert len(read) >= 5
    assert any("read from its waveform" in s.because for s in read)


def plucked(*, seed):
    """Return ten seconds of plucked notes, a quarter of a second each, none twice the same."""
    random = np.random.default_rng(seed)
    time_s = np.arange(44_100 // 4) / 44_100
    notes = []
    for _ in range(40):
        freq_hz = random.choice((440.0, 523.3, 587.3, 659.3)) * (
            1 + 0.002 * random.standard_normal()
        )
        waves = [np.sin(2 * np.pi * freq_hz * k * time_s) / k for k in range(1, 9)]
        notes.append(sum(waves) * np.exp(-time_s / 0.1))
    return Audio(np.tile(0.1 * np.concatenate(notes), (2, 1)).astype(np.float32), 44_100)


def test_what_plays_other_bars_over_a_loop_is_heard_where_the_loop_is_read(tmp_path):
    """Three stems come back sample for sample; of the fourth the same notes in another order."""
    loop = [stem(seed, duration_s=10.0) for seed in range(3)]
    (tmp_path / "stems").mkdir()
    here = [*loop, plucked(seed=1)]
    for name, one in zip(NAMES, here, strict=True):
        write_audio(tmp_path / "stems" / f"{name}.wav", one)
    there = [*loop, plucked(seed=2)]
    song = mix_of(there, GAINS_DB, PANS)
    write_audio(tmp_path / "song.wav", Audio(0.25 * song.samples, 44_100))
    reference = Reference(path=tmp_path / "song.wav")
    plan = advise(session_from_paths([tmp_path / "stems"], references=[reference]))
    assert any("Heard in its spectrum: Vocals." in warning for warning in plan.warnings)
    faders, pans = moved(plan)
    apart = np.array(faders) - np.array(GAINS_DB)
    apart -= np.median(apart[:3])
    assert np.abs(apart[:3]).max() < LOOP_DB
    assert abs(apart[3]) < OVER_DB
    assert pans[3] == pytest.approx(PANS[3], abs=OVER_PAN)
    because = {s.track: s.because for s in plan.suggestions if isinstance(s.action, Gain)}
    assert "heard in its spectrum" in because["Vocals"]
    assert "read from its waveform" in because["Kick"]


def test_another_song_is_not_taken_for_a_mix_of_these_stems(song, tmp_path):
    write_audio(tmp_path / "other.wav", noise(duration_s=9.0, sample_rate_hz=44_100, pink=True))
    reference = Reference(path=tmp_path / "other.wav")
    plan = advise(session_from_paths([song / "stems"], references=[reference]))
    assert not any("these very tracks" in warning for warning in plan.warnings)
    assert plan.engine == "reference"


@needs_real_data
@pytest.mark.slow
def test_the_balance_of_other_bars_is_what_the_faders_come_near_to(tmp_path):
    """Stems of the first half of a real song at unity, the human mix of its second half as reference."""
    source = SESSIONS / "lmms_makeme"
    session = session_from_paths([source])
    rows = json.loads((source / "session.json").read_text(encoding="utf-8"))["tracks"]
    human = {row["file"].removesuffix(".flac"): row["gain_db"] for row in rows}
    reference = parse_reference(f"{source / 'mix.flac'}@10-")
    tracks = []
    for track in session.tracks:
        from ama_analysis.audio import in_memory, open_audio

        write_audio(
            tmp_path / f"{track.id}.wav", in_memory(open_audio(track.path).section(0.0, 10.0))
        )
        tracks.append(track.id)
    plan = advise(session_from_paths([tmp_path], references=[reference]))
    assert any("in other bars" in warning for warning in plan.warnings)
    faders = {t.id: t.fader_db for t in plan.session.tracks}
    for suggestion in plan.suggestions:
        if isinstance(suggestion.action, Gain):
            faders[suggestion.track] = suggestion.action.fader_db
    apart = np.array([faders[name] - human[name] for name in tracks])
    assert np.abs(apart - np.median(apart)).mean() <= HEARD_DB


HEARD_DB = 2.0
"""1.1 to 1.5 dB measured; equal loudness scores 4.5 dB there."""


def test_a_folder_of_stems_says_how_loud_its_roles_are(tmp_path):
    """Two stems that do not sound at once: the bass 6 dB below the kick."""
    loud = noise(duration_s=4.0, pink=True, rms_dbfs=-20.0, seed=5).samples
    nothing = np.zeros_like(loud)
    kick = np.concatenate((loud, nothing), axis=1)
    bass = np.concatenate((nothing, 0.5 * loud), axis=1)
    for name, samples in (("kick", kick), ("bass", bass)):
        write_audio(tmp_path / f"{name}.wav", Audio(samples, 48_000))
    heard = heard_stems(Reference(path=tmp_path), silent)
    assert heard.profile is not None
    assert heard.roles["kick"] - heard.roles["bass"] == pytest.approx(6.02, abs=LEVEL_LU)
    target = target_for("pop", [Reference(path=tmp_path)], silent)
    assert target.roles["kick"].level_lu == pytest.approx(heard.roles["kick"])
    assert target.roles["lead vocal"] == load_target("pop").roles["lead vocal"]
    assert any("balance of its stems" in warning for warning in target.warnings)


def test_a_section_of_a_folder_is_a_section_of_all_its_stems(tmp_path):
    loud = noise(duration_s=4.0, pink=True, seed=5).samples
    for name, factor in (("kick", 1.0), ("bass", 0.25)):
        both = np.concatenate((loud, np.float32(factor) * loud), axis=1)
        write_audio(tmp_path / f"{name}.wav", Audio(both, 48_000))
    first = heard_stems(parse_reference(f"{tmp_path}@0-4"), silent)
    second = heard_stems(parse_reference(f"{tmp_path}@4-"), silent)
    assert first.roles["kick"] == pytest.approx(first.roles["bass"], abs=LEVEL_LU)
    assert second.roles["kick"] - second.roles["bass"] == pytest.approx(12.04, abs=LEVEL_LU)


def test_roles_of_several_references_are_their_median_with_half_their_range():
    styles = load_target("pop").roles
    merged = with_roles_of(styles, [{"bass": -6.0}, {"bass": -10.0}, {"bass": -7.0}])
    assert merged["bass"].level_lu == -7.0
    assert merged["bass"].tolerance_lu == 2.0
    alone = with_roles_of(styles, [{"bass": -6.0}])
    assert alone["bass"].tolerance_lu == MEASURED_TOLERANCE_LU
    assert alone["bass"].pan == styles["bass"].pan


def test_an_empty_folder_is_no_reference(song, tmp_path):
    with pytest.raises(SessionError, match="holds no stems"):
        session_from_paths([song / "stems"], references=[Reference(path=tmp_path)])


class Kept:
    """A cache in memory that counts what it was asked for in vain."""

    def __init__(self):
        self.held: dict[str, bytes] = {}
        self.missed = 0

    def get(self, key: str) -> bytes | None:
        found = self.held.get(key)
        self.missed += found is None
        return found

    def put(self, key: str, data: bytes) -> None:
        self.held[key] = data


def test_a_second_run_finds_everything_that_was_measured(song):
    session = session_from_paths([song / "stems"], references=[Reference(path=song / "bounce.wav")])
    cache = Kept()
    first = advise(session, cache=cache)
    assert cache.missed > 5
    cache.missed = 0
    assert advise(session, cache=cache) == first
    assert cache.missed == 0


def test_another_fader_is_another_mix_of_the_same_stems(song):
    session = session_from_paths([song / "stems"], references=[Reference(path=song / "bounce.wav")])
    cache = Kept()
    advise(session, cache=cache)
    louder = replace(session.tracks[0], fader_db=3.0)
    turned = replace(session, tracks=(louder, *session.tracks[1:]))
    found = advise(turned, cache=cache)
    assert found.verification is not None
    assert found == advise(turned)


@pytest.mark.parametrize("fader_db", [-200.0, 60.0])
def test_faders_at_the_ends_of_their_range_give_a_plan(song, fader_db):
    session = session_from_paths([song / "stems"], references=[Reference(path=song / "bounce.wav")])
    first = replace(session.tracks[0], fader_db=fader_db)
    plan = advise(replace(session, tracks=(first, *session.tracks[1:]), references=()))
    assert plan.verification is not None
    tracks = tuple(replace(track, fader_db=60.0) for track in session.tracks)
    for references in ((), session.references):
        plan = advise(replace(session, tracks=tracks, references=references))
        assert plan.verification is not None
