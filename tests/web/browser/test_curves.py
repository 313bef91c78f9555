"""What the page computes by itself agrees with AMA: responses, limits, the order of values, the names of renders."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ama_analysis.plan import Compressor
from ama_analysis.reference import parse_reference
from ama_analysis.suggest.response import band_response_db, butterworth_db
from ama_bridge.wire import KINDS, action_of, value_types
from tests.bridge.plans import EVERY_ACTION
from tests.web.browser.conftest import Desk

pytestmark = pytest.mark.browser

AGREE_DB = 0.001
"""Both compute in double precision; what differs is the order of operations."""
AT_HZ = np.geomspace(20.0, 20_000.0, 60)
CURVES = [
    ("eq_band", {"type": "bell", "freq_hz": 85.0, "gain_db": -2.1, "q": 1.2}),
    ("eq_band", {"type": "low_shelf", "freq_hz": 120.0, "gain_db": 4.0, "q": 0.7}),
    ("master_eq", {"type": "high_shelf", "freq_hz": 8_000.0, "gain_db": -3.0, "q": 0.5}),
    ("high_pass", {"cutoff_hz": 110.0, "slope_db_per_oct": 24}),
    ("low_pass", {"cutoff_hz": 9_000.0, "slope_db_per_oct": 12}),
]
RESPONSE = """
async ([kind, values, hz]) => {
  const { responseOf } = await import("/static/js/responses.js");
  return hz.map(responseOf(kind, values));
}
"""


@pytest.mark.parametrize(("kind", "values"), CURVES)
def test_a_drawn_response_is_the_one_that_ama_computes(
    desk: Desk, kind: str, values: dict[str, Any]
) -> None:
    hands = desk()
    hands.visit()
    drawn = np.array(hands.evaluate(RESPONSE, [kind, values, AT_HZ.tolist()]))
    if "cutoff_hz" in values:
        expected = butterworth_db(
            values["cutoff_hz"],
            values["slope_db_per_oct"],
            AT_HZ,
            high_pass=kind == "high_pass",
        )
    else:
        expected = band_response_db(
            values["type"], values["freq_hz"], values["gain_db"], values["q"], AT_HZ
        )
    assert np.max(np.abs(drawn - expected)) < AGREE_DB


def test_a_compressors_static_curve_has_its_ratio_above_the_knee(desk: Desk) -> None:
    action = Compressor(
        threshold_db=-20.0, ratio=4.0, attack_ms=10.0, release_ms=100.0, knee_db=6.0, makeup_db=2.0
    )
    script = """
    async (values) => {
      const { staticCurve } = await import("/static/js/responses.js");
      return [-40, -23, -20, -17, -8].map(staticCurve(values));
    }
    """
    hands = desk()
    hands.visit()
    values = {
        name: getattr(action, name) for name in ("threshold_db", "ratio", "knee_db", "makeup_db")
    }
    drawn = hands.evaluate(script, values)
    in_the_middle = -20.0 - (1 - 1 / 4.0) * 6.0 / 8.0 + 2.0
    assert drawn == pytest.approx([-38.0, -21.0, in_the_middle, -17.25, -15.0])


def test_a_gates_static_curve_falls_by_its_ratio_below_the_threshold(desk: Desk) -> None:
    script = """
    async (values) => {
      const { gateCurve } = await import("/static/js/responses.js");
      return [-60, -45, -40, -39, 0].map(gateCurve(values));
    }
    """
    hands = desk()
    hands.visit()
    drawn = hands.evaluate(script, {"threshold_db": -40.0, "ratio": 2.5})
    assert drawn == pytest.approx([-90.0, -52.5, -40.0, -39.0, 0.0])


RANGES = "async () => (await import('/static/js/ranges.js')).RANGES"


def test_the_editor_knows_every_value_in_its_order_and_its_limits(desk: Desk) -> None:
    hands = desk()
    hands.visit()
    ranges = hands.evaluate(RANGES)
    assert set(ranges) == set(KINDS)
    examples = {action.kind: action for _, action in EVERY_ACTION}
    for kind, fields in ranges.items():
        assert list(fields) == list(value_types(kind)), kind
        known = {name: getattr(examples[kind], name) for name in fields}
        for name, field in fields.items():
            if "min" not in field:
                continue
            scale = field.get("scale", 1)
            for limit, way in ((field["min"], -1), (field["max"], 1)):
                action_of(kind, list({**known, name: limit / scale}.values()))
                beyond = limit / scale + way * max(1e-6, abs(limit) * 1e-6)
                with pytest.raises(Exception, match=name):
                    action_of(kind, list({**known, name: beyond}.values()))


def test_references_are_taken_apart_and_put_together_again(desk: Desk) -> None:
    hands = desk()
    hands.visit()
    script = """
    async (all) => {
      const { takenApart, putTogether } = await import("/static/js/sections.js");
      return all.map((each) => [takenApart(each), putTogether(takenApart(each))]);
    }
    """
    given = ["/p/a.flac", "/p/a@b.flac@1:02-1:34", "/p/a.flac@62-", "/p/me@home/a.flac"]
    given += ["/p/a.flac@-1:00", "/p/a.flac@59.96-60.5", "/p/a.flac@0.1-119.95", "/p/a.flac@0-"]
    found = hands.evaluate(script, given)
    assert [again for _, again in found] == [str(parse_reference(each)) for each in given]
    assert found[1][0] == {"path": "/p/a@b.flac", "from": "1:02", "to": "1:34"}
    assert found[3][0] == {"path": "/p/me@home/a.flac", "from": "", "to": ""}


def test_the_third_octaves_are_those_of_the_plan(desk: Desk) -> None:
    hands = desk()
    hands.visit()
    script = "async () => (await import('/static/js/balance.js')).FREQ_HZ"
    drawn = hands.evaluate(script)
    assert len(drawn) == 28
    assert math.isclose(drawn[0], 31.6227766, rel_tol=1e-6)
    assert math.isclose(drawn[-1], 15848.93192, rel_tol=1e-6)
