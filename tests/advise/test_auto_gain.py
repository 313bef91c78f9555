"""Faders that AMA sets before stems are mixed by hand: by its rules, and near to a reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ama_analysis import StemMixer
from ama_analysis.audio import Audio, Block, in_memory, write_audio
from ama_analysis.measure import measure_session
from ama_analysis.plan import Gain
from ama_analysis.presets import load_target
from ama_analysis.roles import Role
from ama_analysis.session import Session, Track
from ama_analysis.suggest import suggest_tracks
from tests.measure.made_mixes import mix_of
from tests.measure.made_mixes import stem as made_stem
from tests.render.material import difference_db, level_db
from tests.signals import noise, silence

PEAK_TOLERANCE_DB = 0.01
"""The meter's figure after a gain of 32 bits."""


@pytest.mark.parametrize("auto_gain", [True, "rules"])
def test_auto_gain_sets_the_faders_that_the_rules_suggest_and_gains_come_on_top(auto_gain):
    given = {"kick": noise(rms_dbfs=-32.0, channels=1), "pad": noise(rms_dbfs=-12.0, seed=2)}
    roles: dict[str, Role] = {"kick": "kick", "pad": "synth"}
    session = Session(
        name="stems",
        tracks=tuple(
            Track(id=name, name=name, path=Path(name), role=role, role_confidence=1.0)
            for name, role in roles.items()
        ),
        sample_rate_hz=48_000,
        duration_s=1.0,
    )
    measured = measure_session(session, lambda track: given[track.id])
    suggested = suggest_tracks(session, measured, load_target("neutral"))
    faders = {s.track: s.action.fader_db for s in suggested if isinstance(s.action, Gain)}
    assert faders["kick"] > faders["pad"]
    faders["pad"] -= 3.0
    mixed = StemMixer().mix_stems(given, auto_gain=auto_gain, gains={"pad": -3.0})
    wanted = sum(given[name].samples * 10.0 ** (db / 20.0) for name, db in faders.items())
    off_db = level_db(mixed.samples) - level_db(np.asarray(wanted, np.float32))
    assert off_db <= PEAK_TOLERANCE_DB
    scaled = wanted * 10.0 ** (off_db / 20.0)
    assert difference_db(mixed.samples, scaled) < -80.0


GAINS_DB = {"Kick": -3.0, "Guitar": 2.0, "Keys": -8.0, "Vocals": 0.5}

PANS = {"Kick": 0.0, "Guitar": -0.5, "Keys": 0.4, "Vocals": 0.0}

READ_NULL_DB = -30.0
"""Faders are rounded to 0.1 dB, pans to 0.01; one whole step would leave -25 dB of a track."""


@pytest.fixture(scope="module")
def band() -> dict[str, Audio]:
    return {name: made_stem(seed, duration_s=8.0) for seed, name in enumerate(GAINS_DB)}


@pytest.fixture(scope="module")
def bounce(band: dict[str, Audio], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bounce") / "bounce.wav"
    mix = made_mix(band, GAINS_DB, PANS)
    write_audio(path, Audio(np.float32(0.25) * mix, 44_100))
    return path


def made_mix(band: dict[str, Audio], gains_db: dict[str, float], pans: dict[str, float]) -> Block:
    return mix_of(list(band.values()), list(gains_db.values()), list(pans.values())).samples


def apart_db(mixed: Block, wanted: Block) -> float:
    """Return how far two mixes lie apart when they are equally loud, against one of them."""
    scaled = wanted * (np.vdot(wanted, mixed) / np.vdot(wanted, wanted))
    return difference_db(mixed, scaled.astype(np.float32)) - level_db(mixed)


def test_auto_gain_takes_faders_and_pans_from_a_reference(band, bounce):
    mixed = StemMixer().mix_stems(band, auto_gain="reference", references=[bounce])
    assert apart_db(mixed.samples, made_mix(band, GAINS_DB, PANS)) < READ_NULL_DB
    assert apart_db(mixed.samples, made_mix(band, dict.fromkeys(GAINS_DB, 0.0), PANS)) > -10.0


def test_gains_come_on_top_of_a_reference_and_pans_in_its_place(band, bounce):
    mixed = StemMixer().mix_stems(
        band,
        auto_gain="reference",
        references=[f"{bounce}@0-"],
        gains={"Guitar": -6.0},
        pans={"Keys": -0.2},
    )
    wanted = made_mix(band, GAINS_DB | {"Guitar": -4.0}, PANS | {"Keys": -0.2})
    assert apart_db(mixed.samples, wanted) < READ_NULL_DB


def test_a_mix_near_to_a_reference_sets_nothing_but_faders_and_pans(band, bounce):
    mix = StemMixer().mixdown(band, auto_gain="reference", references=[bounce])
    assert mix.suggestions == ()
    assert mix.session.duration_s == pytest.approx(8.0)
    assert any("mix of these very tracks" in told for told in mix.session.warnings)


def test_a_bus_among_the_stems_does_not_count_twice_beside_a_reference(band, bounce):
    bus = Audio(band["Guitar"].samples + band["Keys"].samples + band["Vocals"].samples, 44_100)
    mix = StemMixer().mixdown(
        {**band, "Bus": bus}, auto_gain="reference", references=[bounce], gains={"Bus": 3.0}
    )
    assert [track.id for track in mix.session.tracks if track.muted] == ["Bus"]
    assert any("Bus was left out" in told for told in mix.session.warnings)
    assert apart_db(in_memory(mix).samples, made_mix(band, GAINS_DB, PANS)) < READ_NULL_DB


def test_silence_stays_silence_beside_a_reference(bounce):
    mixed = StemMixer().mix_stems(
        {"nothing": silence()}, auto_gain="reference", references=[bounce]
    )
    assert not mixed.samples.any()
