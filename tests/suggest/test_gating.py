"""The gate that the rule suggests, on hits of real stems with a real band behind them: the hits stay, the bleed goes down."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, open_audio
from ama_analysis.measure import measure_sound
from ama_analysis.presets import load_target
from ama_analysis.render import Chained
from ama_analysis.render.plugins import settings_of
from ama_analysis.roles import Role
from ama_analysis.suggest.gating import gate
from ama_analysis.suggest.rule import scene_of
from tests.real_data import SESSIONS, needs_real_data
from tests.suggest import factory

RATE = 44_100
FRAME = RATE // 20
HITS: dict[str, Role] = {
    "lmms_dearjondoe/sidestick01": "snare",
    "lmms_makeme/clap_layer": "snare",
    "evr_caesium/kick": "kick",
    "lmms_mauiwowi/bassdrum_acoustic01": "kick",
}
BAND = ("bass_guitar", "clav", "drums", "horns", "lead_guitar")
HITS_LOSE_DB = 0.05
HIT_LOSES_DB = 0.6
"""All hits together, and the worst 50 ms of them: 0.03 and 0.5 dB were measured."""
BLEED_LOSES_DB = (7.5, 13.0)
"""The median frame between hits: the rule aims at 10 dB; 8.2 to 12.4 dB were measured."""
HIT_WITHIN_DB, BETWEEN_BELOW_DB = 12.0, 40.0
"""What counts as a hit and as between hits, below the loudest frame of the dry stem."""


@cache
def stem(name: str) -> Block:
    (path,) = SESSIONS.glob(f"{name}.*")
    samples = np.concatenate(list(open_audio(path, sample_rate_hz=RATE).blocks()), axis=1)
    mono: Block = samples.mean(axis=0, keepdims=True)
    return mono


def frames_db(samples: Block) -> np.ndarray:
    whole = samples.shape[1] // FRAME * FRAME
    power = (samples[0, :whole].astype(np.float64).reshape(-1, FRAME) ** 2).mean(axis=1)
    return 10.0 * np.log10(power + 1e-20)


def power_db(levels_db: np.ndarray) -> float:
    return float(10.0 * np.log10((10.0 ** (levels_db / 10.0)).mean()))


def with_band(dry: Block, below_db: float) -> Block:
    """Return hits with a band behind them that lies so far below them."""
    band = np.sum([stem(f"mdn_funk/{name}")[:, : dry.shape[1]] for name in BAND], axis=0)
    hits_db = frames_db(dry)
    level_db = power_db(hits_db[hits_db > hits_db.max() - HIT_WITHIN_DB]) - below_db
    gain = 10.0 ** ((level_db - power_db(frames_db(band))) / 20.0)
    return (dry[:, : band.shape[1]] + gain * band).astype(np.float32)


def suggested(samples: Block, role: Role):
    heard = measure_sound(Audio(samples=samples, sample_rate_hz=RATE))
    session = factory.session(factory.track("Mic", role))
    return gate(scene_of(session, factory.measured({"Mic": heard}, []), load_target("pop")))


@needs_real_data
@pytest.mark.parametrize("below_db", [24.0, 36.0])
@pytest.mark.parametrize("name", HITS)
def test_hits_stay_and_bleed_goes_down(name, below_db):
    dry = stem(name)
    bled = with_band(dry, below_db)
    (suggestion,) = suggested(bled, HITS[name])
    sound = Chained(Audio(samples=bled, sample_rate_hz=RATE), settings_of(suggestion.action))
    gated = np.concatenate(list(sound.blocks()), axis=1)
    before_db, after_db, dry_db = frames_db(bled), frames_db(gated), frames_db(dry)
    dry_db = dry_db[: before_db.size]
    hits, between = dry_db > dry_db.max() - HIT_WITHIN_DB, dry_db < dry_db.max() - BETWEEN_BELOW_DB
    assert power_db(before_db[hits]) - power_db(after_db[hits]) < HITS_LOSE_DB
    assert (before_db - after_db)[hits].max() < HIT_LOSES_DB
    least, most = BLEED_LOSES_DB
    assert least < np.median((before_db - after_db)[between]) < most


@needs_real_data
@pytest.mark.parametrize("name", HITS)
def test_stems_without_bleed_are_left_alone(name):
    assert suggested(stem(name), HITS[name]) == ()
