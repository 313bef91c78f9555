"""Chain files of plans: what is played through them is what the plan plays."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from ama_analysis import load_preset
from ama_analysis.chains import load_chain, parse_chain
from ama_analysis.data import data_folder
from ama_analysis.errors import PresetError
from ama_analysis.plan import (
    SLOPES_DB_PER_OCT,
    Action,
    Compressor,
    EqBand,
    Gain,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
    Sidechain,
)
from ama_analysis.render import Chained, chain_document, chain_of, track_sound
from tests.render.material import difference_db, mix_of, rendered, says
from tests.signals import noise

NULL_DB = -120.0
"""What the issue asks for; the files hold doubles, so nothing is lost at all."""
SCHEMA = json.loads((data_folder("presets") / "chain.schema.json").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = {
    "threshold_db": -30.0,
    "ratio": 3.7,
    "attack_ms": 7.3,
    "release_ms": 91.0,
    "knee_db": 5.0,
    "makeup_db": 2.2,
}
TRACK: tuple[Action, ...] = (
    Polarity(invert=True, delay_ms=3.2917),
    HighPass(cutoff_hz=83.7, slope_db_per_oct=24),
    LowPass(cutoff_hz=13_333.0, slope_db_per_oct=18),
    EqBand(type="bell", freq_hz=312.5, gain_db=-2.3, q=1.41),
    EqBand(type="low_shelf", freq_hz=120.0, gain_db=1.7, q=0.7),
    EqBand(type="high_shelf", freq_hz=7_777.0, gain_db=1.1, q=0.7),
    Compressor(**VALUES),
)
MASTER: tuple[Action, ...] = (
    MasterEq(type="bell", freq_hz=333.3, gain_db=-1.1, q=0.7),
    Compressor(**VALUES),
    Limiter(ceiling_dbtp=-1.0, gain_db=6.5),
)


def saved(tmp_path, document):
    path = tmp_path / "chain.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_tracks_file_plays_as_the_plan_plays_the_track(tmp_path):
    stem = noise(duration_s=2.0, rms_dbfs=-12.0)
    mix = mix_of({"a": stem}, *[says("a", action, number=n) for n, action in enumerate(TRACK)])
    planned = rendered(
        track_sound(mix.session, mix.session.track("a"), mix.suggestions, mix.sound_of)
    )
    board = load_preset(saved(tmp_path, chain_document("a", "guitar", TRACK)))
    assert difference_db(board.process(stem.samples, 48_000), planned) < NULL_DB


def test_the_masters_file_plays_as_the_plan_plays_the_master(tmp_path):
    stems = {"a": noise(duration_s=2.0, rms_dbfs=-12.0), "b": noise(duration_s=2.0, seed=4)}
    mix = mix_of(stems, *[says("master", action) for action in MASTER])
    document = chain_document("master", "master", MASTER)
    board = load_preset(saved(tmp_path, document))
    summed = rendered(mix_of(stems))
    assert difference_db(board.process(summed, 48_000), rendered(mix)) < NULL_DB


def test_a_file_read_by_the_mixer_plays_the_same_too(tmp_path):
    stem = noise(duration_s=1.0, rms_dbfs=-12.0)
    chain = load_chain(saved(tmp_path, chain_document("a", "guitar", TRACK)))
    wanted = chain_of(TRACK).process(stem.samples, 48_000)
    assert difference_db(rendered(Chained(stem, chain.plugins)), wanted) < NULL_DB


def test_fader_and_pan_stand_beside_the_plugins():
    actions = (Gain(delta_db=-3.0, fader_db=-7.5), Pan(pan=-0.4), HighPass(cutoff_hz=90.0))
    document = chain_document("Gtr", "guitar", actions)
    assert (document["fader_db"], document["pan"]) == (-7.5, -0.4)
    assert {p["plugin"] for p in document["plugins"]} == {"HighpassFilter", "PeakFilter"}
    assert "fader_db" not in chain_document("Gtr", "guitar", actions[2:])


def test_what_pedalboard_cannot_hold_is_listed_with_its_values():
    document = chain_document("bass", "bass", (Sidechain(trigger="kick", **VALUES),))
    assert document["plugins"] == []
    assert document["not_in_chain"] == [
        {"kind": "sidechain", "values": {"trigger": "kick", **VALUES}}
    ]


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("guitar", TRACK),
        ("master", MASTER),
        ("other", ()),
        ("bass", (Sidechain(trigger="kick", **VALUES), Gain(delta_db=-60.0, fader_db=-150.0))),
        *[("other", (HighPass(cutoff_hz=5.0, slope_db_per_oct=slope),)) for slope in SLOPES_DB_PER_OCT],
        *[("other", (LowPass(cutoff_hz=4e4, slope_db_per_oct=slope),)) for slope in SLOPES_DB_PER_OCT],
        ("other", (Compressor(threshold_db=-80.0, ratio=20.0, attack_ms=500.0, release_ms=5e3, knee_db=24.0),)),
        ("other", (Compressor(threshold_db=0.0, ratio=20.0, attack_ms=0.01, release_ms=1.0, knee_db=24.0),)),
        ("master", (Limiter(ceiling_dbtp=-24.0, gain_db=60.0),)),
        ("other", (Polarity(invert=False, delay_ms=100.0),)),
    ],
)  # fmt: skip
def test_every_action_that_a_plan_can_hold_makes_a_valid_file(role, actions):
    document = json.loads(json.dumps(chain_document("x", role, actions)))
    jsonschema.validate(document, SCHEMA)
    assert len(chain_of(actions)) == len(parse_chain(document, "x").plugins)


def test_a_track_without_a_name_gets_its_roles():
    assert chain_document("", "bass", ())["name"] == "bass"


def test_the_master_of_a_plan_without_master_suggestions_does_nothing(tmp_path):
    board = load_preset(saved(tmp_path, chain_document("master", "master", ())))
    assert len(board) == 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PresetError, match=r"none\.json cannot be read") as caught:
        load_preset(tmp_path / "none.json")
    assert caught.value.code == "AMA-301"
