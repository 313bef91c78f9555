"""Every rule speaks where it should and is silent where it should; the cases are data.

A case file `cases/<rule>.toml` holds `[[case]]` tables: `name` (a sentence), `target` (default "pop"), `tracks` (`id`, `role`, `fader_db`,
`pan`, `muted`; everything else goes to `tests.suggest.factory.stem`), `pairs`; or `mix` (what differs from a mix that the target wants); or
`band` (how the made band of `tests.suggest.band` plays, and `gain_db`), to whose envelope compressor and limiter of the master are fitted.
`expect` lists what the rule says, in its order: `track`, `values` (a number or string, or [lowest, highest]), `says` (pieces of the
reason). A case without `expect` demands silence.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.envelope import Envelope
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.plan import MASTER, Suggestion
from ama_analysis.presets import load_target
from ama_analysis.suggest import MASTER_RULES, RULES, TRACK_RULES
from ama_analysis.suggest.master_dynamics import master_dynamics
from ama_analysis.suggest.rule import Bus, scene_of
from tests.suggest import factory
from tests.suggest.band import band

CASES = Path(__file__).parent / "cases"
RULE_IDS = [rule.id for rule in RULES]
TRACK_KEYS = {"role_confidence", "fader_db", "pan", "muted"}


def cases():
    for path in sorted(CASES.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield pytest.param(path.stem, case, id=f"{path.stem}-{case['name']}")


@cache
def envelope_of(*, gain_db: float = 0.0, **played: Any) -> Envelope:
    return measure_envelope(band(duration_s=8.0, **played)).scaled(gain_db)


def spoken(rule_id: str, case: dict[str, Any]) -> tuple[Suggestion, ...]:
    target = load_target(case.get("target", "pop"))
    for master_rule in MASTER_RULES:
        if master_rule.id == rule_id:
            mix = factory.mix_like(target, **case.get("mix", {}))
            heard = envelope_of(**case["band"]) if "band" in case else None
            dynamics = None if heard is None else master_dynamics(heard, target)
            return master_rule.propose(Bus(mix=mix, target=target, dynamics=dynamics))
    tracks, stems = [], {}
    for row in case["tracks"]:
        row = dict(row)
        name, role = row.pop("id"), row.pop("role", "other")
        known = {key: row.pop(key) for key in TRACK_KEYS & row.keys()}
        tracks.append(factory.track(name, role, **known))
        stems[name] = factory.stem(**{"lufs": None} if row.pop("silent", False) else row)
    pairs = [factory.pair(**row) for row in case.get("pairs", ())]
    scene = scene_of(factory.session(*tracks), factory.measured(stems, pairs), target)
    rule = next(rule for rule in TRACK_RULES if rule.id == rule_id)
    return rule.propose(scene)


@pytest.mark.parametrize(("rule_id", "case"), [*cases()])
def test_rule_says_what_its_case_expects(rule_id, case):
    suggestions = spoken(rule_id, case)
    expected = case.get("expect", [])
    assert [s.track for s in suggestions] == [row.get("track", MASTER) for row in expected]
    for suggestion, row in zip(suggestions, expected, strict=True):
        for key, wanted in row.get("values", {}).items():
            value = getattr(suggestion.action, key)
            if isinstance(wanted, list):
                assert wanted[0] <= value <= wanted[1], f"{key} is {value}"
            else:
                assert value == wanted, f"{key} is {value}"
        for piece in row.get("says", ()):
            assert piece in suggestion.because


@pytest.mark.parametrize(("rule_id", "case"), [*cases()])
def test_suggestion_quotes_a_number_and_carries_a_derived_id(rule_id, case):
    for suggestion in spoken(rule_id, case):
        assert re.search(r"\d", suggestion.because)
        assert re.fullmatch(rf"{rule_id}:{re.escape(suggestion.track)}(:\d+)?", suggestion.id)
        assert 0.0 < suggestion.confidence <= 1.0


@pytest.mark.parametrize("rule", RULES, ids=RULE_IDS)
def test_rule_says_what_it_hears_does_and_rests_on(rule):
    text = rule.propose.__doc__ or ""
    for word in ("Hears: ", "Does: ", "Source: "):
        assert word in text, f"{rule.id} lacks {word!r}"


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_rule_has_cases_in_which_it_speaks_and_in_which_it_is_silent(rule_id):
    rows = tomllib.loads((CASES / f"{rule_id}.toml").read_text(encoding="utf-8"))["case"]
    assert any("expect" in row for row in rows)
    assert any("expect" not in row for row in rows)


def test_every_case_file_belongs_to_a_rule():
    assert {path.stem for path in CASES.glob("*.toml")} == set(RULE_IDS)
    assert len(set(RULE_IDS)) == len(RULE_IDS)
