"""Random plans on the fake: what was asked is there as far as the plugins show it, in one undo step, and AMA Revert leaves nothing behind.

500 plans, in both variants of each thing that sources disagree about, on the Lua of REAPER 6 and of REAPER 7.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.daw.reaper import random_plans
from tests.daw.reaper.applying import Desk, request

PLANS_PER_BLOCK = 20
BLOCKS = 25
SLACK = 1 + 1e-5  # of 32-bit floats, and of the fake's frequency scale turned round


def variant(number: int) -> dict[str, Any]:
    """Return one of the ways in which a REAPER may be; 25 blocks meet each value of each."""
    return {
        "lua": ("5.3", "5.4")[number % 2],
        "version": ("6.80", "7.38")[number % 2],
        "eq_gain": ("linear", "db")[number // 2 % 2],
        "eq_curve": ("halves", "quarter")[number // 4 % 2],
        "texts": ("plain", "units", "kilo")[number % 3],
        "eq_fifth_on": number % 5 < 2,
        "formats_ahead": number % 7 != 3,
    }


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_plan_is_there_in_one_step_and_gone_again(block, tmp_path):
    rng = random.Random(block)  # noqa: S311  # no secret, the same plans each time
    for number in range(PLANS_PER_BLOCK):
        folder = tmp_path / str(number)
        folder.mkdir()
        check_cycle(random_plans.made(Desk(folder, **variant(block)), rng))


def check_cycle(made: random_plans.Made) -> None:
    desk, before = made.desk, made.desk.project.state()
    result = desk.apply(request(made.strips))
    assert not result["skipped"]
    assert not result["conflicting"]
    check_values(made)
    for one in result["applied"]:
        assert one["values"], "a suggestion without a value that was read"
    (point,) = desk.fake.undo_points
    assert (
        point.name
        == f"AMA: apply {len(result['applied'])} suggestion{'s' * (len(result['applied']) != 1)}"
    )
    after = desk.project.state()
    desk.fake.undo()
    assert desk.project.state() == before
    desk.fake.redo()
    assert desk.project.state() == after
    report = desk.revert()
    assert not report["conflicting"]
    assert not report["gone"]
    assert desk.project.state() == before
    assert [each.name for each in desk.fake.undo_points] == [
        point.name,
        "AMA: take back what AMA set",
    ]
    assert not desk.journals()


THERE_ALREADY = "take that back first"
"""The only reason for which a plan over another one may leave something out: another device, or another track to hear."""


@pytest.mark.parametrize("block", range(6))
def test_a_plan_over_another_goes_back_to_that_one_and_then_to_none(block, tmp_path):
    rng = random.Random(100 + block)  # noqa: S311  # no secret, the same plans each time
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = random_plans.made(Desk(folder, **variant(block)), rng)
        desk, states = made.desk, [made.desk.project.state()]
        for nth, plan in enumerate((made, *(random_plans.another(desk, rng) for _ in range(2)))):
            result = desk.apply(request(plan.strips, name=f"plan{nth}"))
            assert not result["conflicting"]
            assert all(THERE_ALREADY in one["reason"] for one in result["skipped"])
            if not result["skipped"]:
                check_values(plan)
            if len(desk.journals()) == len(states):  # what sets nothing leaves none
                states.append(desk.project.state())
        while desk.journals():
            assert not desk.revert()["conflicting"]
            states.pop()
            assert desk.project.state() == states[-1]


def check_values(made):
    for what, asked, there, resolution in made.values():
        assert abs(there - asked) <= resolution * SLACK, (what, asked, there)
