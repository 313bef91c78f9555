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
