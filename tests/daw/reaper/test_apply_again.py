"""One plan over another: AMA's own effects are set anew, not added twice, and what somebody turned is left alone."""

from __future__ import annotations

import pytest

from tests.daw.reaper.applying import (
    BELL,
    REACOMP,
    Desk,
    applied,
    band,
    heard,
    insert,
    part,
    reasons,
    request,
    strip,
)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_second_plan_sets_the_same_effect_anew(desk):
    track = desk.project.add("Vox")
    desk.apply(
        request(
            [
                strip(
                    track,
                    insert("reaeq", part("e", BELL, band("high_pass", 80.0))),
                    insert("reacomp", part("c", **REACOMP)),
                )
            ]
        )
    )
    effects, first = list(track.fx), desk.project.state()
    second = request(
        [
            strip(
                track,
                insert("reaeq", part("e", band("low_pass", 9000.0))),
                insert("reacomp", part("c", **{**REACOMP, "ratio": 8.0})),
            )
        ],
        name="r2",
    )
    assert applied(desk.apply(second)) == {"e", "c"}
    assert track.fx == effects
    assert [each.shape for each in heard(track)] == ["low_pass"]
    desk.revert()
    assert desk.project.state() == first
    desk.revert()
    assert track.fx == []


def test_a_new_effect_goes_in_front_of_one_that_stands(desk):
    track = desk.project.add("Vox")
    track.fx.append(desk.fake.add_effect("VST: Somebody's (Else)"))
    desk.apply(request([strip(track, insert("reacomp", part("c", **REACOMP)))]))
    both = [
        insert("reaeq", part("e", BELL)),
        insert("reacomp", part("c", **{**REACOMP, "ratio": 5.0})),
    ]
    result = desk.apply(request([strip(track, *both)], name="r2"))
    assert applied(result) == {"e", "c"}
    assert [fx.shown_name for fx in track.fx] == ["VST: Somebody's (Else)", "AMA EQ", "AMA Comp"]
    assert track.fx[2].show(1, track.fx[2].get(1)) == "5.00"


def test_an_effect_that_was_changed_by_hand_is_not_set_anew(desk):
    track = desk.project.add("Vox")
    desk.apply(request([strip(track, insert("reacomp", part("c", **REACOMP)))]))
    track.fx[0].set(5, 0.3)  # one that AMA never wrote
    result = desk.apply(request([strip(track, insert("reacomp", part("c", **REACOMP)))], name="r2"))
    assert reasons(result, "conflicting") == {"c": "AMA Comp was changed by hand since AMA set it"}


def test_an_effect_that_is_bypassed_is_switched_on_again(desk):
    track = desk.project.add("Vox")
    desk.apply(request([strip(track, insert("reaeq", part("e", BELL)))]))
    track.fx[0].set(16, 1.0)
    assert not track.fx[0].enabled
    assert applied(
        desk.apply(request([strip(track, insert("reaeq", part("e", BELL)))], name="r2"))
    ) == {"e"}
    assert track.fx[0].enabled
    desk.revert()
    assert not track.fx[0].enabled


def test_another_device_or_another_trigger_has_to_be_taken_back_first(desk):
    bass, kick = desk.project.add("Bass"), desk.project.add("Kick")
    desk.apply(
        request(
            [strip(bass, insert("reaeq", part("e", BELL)), insert("reacomp", part("c", **REACOMP)))]
        )
    )
    result = desk.apply(
        request(
            [
                strip(
                    bass,
                    insert("ama_eq", part("e", BELL)),
                    insert("reacomp", part("c", **REACOMP), hears=kick),
                )
            ],
            name="r2",
        )
    )
    assert set(reasons(result, "skipped").values()) == {
        f"another AMA {name} of AMA is there already; take that back first (AMA Revert)"
        for name in ("EQ", "Comp")
    }


def test_what_was_undone_in_reaper_is_put_in_again(desk):
    track = desk.project.add("Vox")
    asked = [strip(track, insert("reaeq", part("e", BELL)))]
    desk.apply(request(asked))
    desk.fake.undo()
    assert applied(desk.apply(request(asked, name="r2"))) == {"e"}
    assert len(track.fx) == 1


@pytest.mark.parametrize("device", ["reaeq", "ama_eq"])
def test_a_bypass_behind_a_second_plan_is_no_change_and_stays(desk, device):
    track = desk.project.add("Vox")
    desk.apply(request([strip(track, insert(device, part("e", BELL)))]))
    desk.apply(
        request([strip(track, insert(device, part("e", band("bell", 900.0, 2.0))))], name="r2")
    )
    (eq,) = track.fx
    eq.set(len(eq.parameters) - 3, 1.0)
    assert not desk.revert()["conflicting"]
    assert not eq.enabled
    assert not desk.revert()["conflicting"]
    assert track.fx == []


def other(plan, *strips, name):
    """A request of another plan, which heard all tracks without AMA's effects."""
    document = request(list(strips), name=name)
    return document | {"plan": plan, "heard": [*(one["track"] for one in strips), "master"]}


def test_an_effect_that_the_new_plan_does_not_use_is_switched_off(desk):
    track = desk.project.add("Vox")
    both = strip(track, insert("reaeq", part("e", BELL)), insert("reacomp", part("c", **REACOMP)))
    desk.apply(other("one", both, name="r1"))
    first = desk.project.state()
    only = strip(track, insert("reaeq", part("e", BELL)))
    softer = strip(track, insert("reaeq", part("e", band("low_pass", 9000.0))))
    again = desk.apply(other("one", softer, name="r2"))
    assert again["notes"] == []
    assert [fx.enabled for fx in track.fx] == [True, True]
    desk.revert()
    result = desk.apply(other("two", only, name="r3"))
    assert applied(result) == {"e"}
    assert result["notes"] == ["AMA Comp of an earlier plan on Vox does nothing from now on."]
    assert [fx.enabled for fx in track.fx] == [True, False]
    desk.revert()
    assert desk.project.state() == first
    desk.apply(other("two", only, name="r4"))
    assert desk.apply(other("two", only, name="r5"))["notes"] == []
    result = desk.apply(other("three", both, name="r6"))
    assert (applied(result), result["notes"]) == ({"e", "c"}, [])
    assert [fx.enabled for fx in track.fx] == [True, True]


def test_an_effect_of_an_earlier_plan_that_was_turned_by_hand_works_on_and_is_told(desk):
    track = desk.project.add("Vox")
    desk.apply(other("one", strip(track, insert("reacomp", part("c", **REACOMP))), name="r1"))
    track.fx[0].set(5, 0.3)
    result = desk.apply(other("two", strip(track, insert("reaeq", part("e", BELL))), name="r2"))
    assert track.fx[0].enabled or track.fx[1].enabled
    assert all(fx.enabled for fx in track.fx)
    assert result["notes"] == [
        "AMA Comp of an earlier plan on Vox works as before: AMA Comp was changed by hand since AMA set it."
    ]
