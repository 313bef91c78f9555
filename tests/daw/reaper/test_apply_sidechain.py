"""Compressors that hear another track: sends, channels, detectors, and no loops."""

from __future__ import annotations

import pytest

from tests.daw.reaper.applying import (
    BELL,
    REACOMP,
    Desk,
    applied,
    insert,
    part,
    reasons,
    request,
    strip,
)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def ducked(desk, **more):
    bass, kick = desk.project.add("Bass", **more), desk.project.add("Kick")
    return (
        bass,
        kick,
        request(
            [
                strip(
                    bass,
                    insert(
                        "reacomp", part("d", **REACOMP), key="duck", label="AMA Ducker", hears=kick
                    ),
                )
            ]
        ),
    )


def test_a_compressor_hears_another_track_on_channels_3_and_4(desk):
    bass, kick, asked = ducked(desk)
    assert applied(desk.apply(asked)) == {"d"}
    (send,) = kick.sends
    assert send.to is bass
    assert (
        send.values["I_DSTCHAN"],
        send.values["I_SRCCHAN"],
        send.values["D_VOL"],
        send.values["I_MIDIFLAGS"],
    ) == (2, 0, 1.0, 31)
    assert bass.values["I_NCHAN"] == 4
    (comp,) = bass.fx
    assert comp.show(8, comp.get(8)) == "Auxiliary L+R"
    desk.revert()
    assert (bass.values["I_NCHAN"], bass.fx, kick.sends) == (2, [], [])


def test_the_trigger_is_heard_behind_the_user_s_effects_and_before_ama_s(desk):
    _, kick, asked = ducked(desk)
    asked["strips"].insert(0, strip(kick, insert("reaeq", part("e", BELL))))
    asked["suggestions"].append({**asked["suggestions"][0], "id": "e"})
    desk.apply(asked)
    assert kick.sends[0].values["I_SENDMODE"] == 1  # before the effects, which are all AMA's
    desk.revert()
    kick.fx.append(desk.fake.add_effect("VST: Somebody's (Else)"))
    desk.apply({**asked, "id": "r2"})
    assert kick.sends[0].values["I_SENDMODE"] == 3  # behind the effects


def test_a_track_that_has_the_channels_keeps_them(desk):
    bass, _, asked = ducked(desk, I_NCHAN=6)
    desk.apply(asked)
    assert bass.values["I_NCHAN"] == 6
    desk.revert()
    assert bass.values["I_NCHAN"] == 6


def test_two_that_hear_each_other_are_a_loop(desk):
    one, two = desk.project.add("One"), desk.project.add("Two")
    result = desk.apply(
        request(
            [
                strip(one, insert("reacomp", part("a", **REACOMP), hears=two)),
                strip(two, insert("reacomp", part("b", **REACOMP), hears=one)),
            ]
        )
    )
    assert applied(result) == {"a"}
    assert reasons(result) == {"b": '"Two" would listen to itself by way of "One"'}


def test_a_track_does_not_hear_the_folder_that_it_is_in(desk):
    bus = desk.project.add("Bus", I_FOLDERDEPTH=1)
    child = desk.project.add("Child", I_FOLDERDEPTH=-1)
    result = desk.apply(request([strip(child, insert("reacomp", part("a", **REACOMP), hears=bus))]))
    assert reasons(result) == {"a": '"Child" would listen to itself by way of "Bus"'}


def test_a_detector_that_cannot_be_told_is_no_side_chain(desk, monkeypatch):
    monkeypatch.setattr("tests.daw.reaper.fake.reacomp._input", lambda norm: f"{norm:.3f}")
    _, kick, asked = ducked(desk)
    before = desk.project.state()
    result = desk.apply(asked)
    assert reasons(result) == {
        "d": "ReaComp does not tell which setting of its detector is the auxiliary input"
    }
    assert desk.project.state() == before
    assert kick.sends == []


def test_pins_that_were_led_elsewhere_are_led_right(desk):
    _, _, asked = ducked(desk)
    desk.fake.after(
        "TrackFX_AddByName",
        lambda track, *_: track.fx[-1].pins.update({(False, 2): 1, (False, 3): 2}),
    )
    assert applied(desk.apply(asked)) == {"d"}


def test_ama_s_own_compressor_hears_too(desk):
    bass, kick = desk.project.add("Bass"), desk.project.add("Kick")
    values = {name: value for name, value in REACOMP.items() if name != "rms_ms"}
    assert applied(
        desk.apply(
            request([strip(bass, insert("ama_compressor", part("d", **values), hears=kick))])
        )
    ) == {"d"}
    assert bass.fx[0].get(6) == 1.0


@pytest.mark.parametrize("child_first", [True, False])
def test_a_folder_and_a_track_in_it_do_not_mix_what_they_hear(desk, child_first):
    bus, child = (
        desk.project.add("Bus", I_FOLDERDEPTH=1),
        desk.project.add("Child", I_FOLDERDEPTH=-1),
    )
    kick = desk.project.add("Kick")
    strips = [
        strip(each, insert("reacomp", part(each.name, **REACOMP), hears=kick))
        for each in (bus, child)
    ]
    result = desk.apply(request(strips[::-1] if child_first else strips))
    assert applied(result) == {"Child" if child_first else "Bus"}
    assert "more than two channels" in next(iter(reasons(result).values()))


def test_a_track_whose_channels_would_reach_a_wide_master_hears_nobody(desk):
    bass, _, asked = ducked(desk)
    desk.project.master.values["I_NCHAN"] = 6.0
    result = desk.apply(asked)
    assert reasons(result) == {
        "d": "its channels 3/4 would go on into the master, which has more than two channels"
    }
    assert bass.values["I_NCHAN"] == 2


def test_a_plan_applied_twice_hears_as_before(desk):
    bass, kick, asked = ducked(desk)
    desk.apply(asked)
    assert applied(desk.apply({**asked, "id": "r2"})) == {"d"}
    assert (len(bass.fx), len(kick.sends)) == (1, 1)
