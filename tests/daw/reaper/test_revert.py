"""AMA Revert on the fake: what AMA did goes back exactly, what somebody did since stays and is told."""

from __future__ import annotations

import pytest

from tests.daw.reaper.applying import (
    BELL,
    REACOMP,
    Desk,
    applied,
    band,
    control,
    insert,
    part,
    request,
    strip,
)
from tests.daw.reaper.fake.project import Send


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def kept(report):
    return {(one["name"], one["what"]): one["reason"] for one in report["conflicting"]}


def ducked(desk):
    """Apply a fader, an equaliser and a compressor that hears another track."""
    bass, kick = desk.project.add("Bass", D_VOL=0.3), desk.project.add("Kick")
    entries = [
        control("g", "fader_db", -3.0),
        insert("reaeq", part("e", BELL)),
        insert("reacomp", part("d", **REACOMP), hears=kick),
    ]
    before = desk.project.state()
    assert applied(desk.apply(request([strip(bass, *entries)]))) == {"g", "e", "d"}
    return bass, kick, before


def test_numbers_go_back_to_the_last_bit(desk):
    track = desk.project.add(
        "Vox",
        D_VOL=0.12345678901234567,
        D_PAN=-1 / 3,
        D_PLAY_OFFSET=480.0,
        I_PLAY_OFFSET_FLAG=2,
        B_PHASE=1,
    )
    before = desk.project.state()
    every = [
        control(name, name, value)
        for name, value in (
            ("fader_db", -6.6),
            ("pan", 0.21),
            ("polarity", 0.0),
            ("delay_ms", 3.25),
        )
    ]
    assert applied(desk.apply(request([strip(track, *every)]))) == {
        "fader_db",
        "pan",
        "polarity",
        "delay_ms",
    }
    assert track.values["I_PLAY_OFFSET_FLAG"] == 0
    assert track.values["D_PLAY_OFFSET"] == 0.00325
    report = desk.revert()
    assert desk.project.state() == before
    assert len(report["restored"]) == 4


def test_a_fader_that_was_moved_since_stays(desk):
    bass, _, _ = ducked(desk)
    bass.volume = 0.5
    report = desk.revert()
    assert kept(report) == {
        ("Bass", "fader"): "it was moved since (-6.02 dB, AMA had set -3.00 dB)"
    }
    assert bass.volume == 0.5
    assert bass.fx == []


def test_the_least_move_counts(desk):
    bass, _, _ = ducked(desk)
    bass.volume *= 1.001  # 0.009 dB
    assert ("Bass", "fader") in kept(desk.revert())


def test_a_fader_that_was_automated_since_stays(desk):
    bass, _, _ = ducked(desk)
    bass.automate("Volume")
    assert kept(desk.revert()) == {("Bass", "fader"): "its fader follows automation"}


@pytest.mark.parametrize("at", [0, 4, 8, 15])
def test_an_equaliser_that_was_turned_since_stays(desk, at):
    bass, _, _ = ducked(desk)
    bass.fx[0].set(at, 0.61)
    assert kept(desk.revert()) == {("Bass", "AMA EQ"): "it was changed by hand since AMA set it"}
    assert [fx.shown_name for fx in bass.fx] == ["AMA EQ"]


def test_where_all_of_a_plan_was_changed_since_nothing_is_done_and_no_undo_point_made(desk):
    bass = desk.project.add("Bass")
    desk.apply(request([strip(bass, insert("reaeq", part("e", BELL)))]))
    bass.fx[0].set(0, 0.61)
    before, points = desk.project.state(), len(desk.fake.undo_points)
    assert kept(desk.revert()) == {("Bass", "AMA EQ"): "it was changed by hand since AMA set it"}
    assert desk.project.state() == before
    assert len(desk.fake.undo_points) == points


@pytest.mark.parametrize("key", ["BANDTYPE0", "BANDTYPE1", "BANDENABLED1", "BANDENABLED4"])
def test_a_band_that_was_switched_or_retyped_since_counts_too(desk, key):
    bass, _, _ = ducked(desk)
    eq = bass.fx[0]
    eq.set_named(key, "3" if "TYPE" in key else str(int(eq.named(key) == "0")))
    assert ("Bass", "AMA EQ") in kept(desk.revert())


def test_a_bypass_is_no_change(desk):
    bass, _, before = ducked(desk)
    bass.fx[0].set(16, 1.0)
    assert not desk.revert()["conflicting"]
    assert desk.project.state() == before


def test_a_compressor_that_stays_keeps_its_send_and_its_channels(desk):
    bass, kick, _ = ducked(desk)
    bass.fx[1].set(1, 0.5)
    report = desk.revert()
    assert kept(report) == {
        ("Bass", "AMA Comp"): "it was changed by hand since AMA set it",
        ("Kick", "send to AMA Comp"): "AMA Comp stays, so this does",
        ("Bass", "channels for AMA Comp"): "AMA Comp stays, so this does",
    }
    assert (len(kick.sends), bass.values["I_NCHAN"]) == (1, 4)


def test_a_send_that_was_turned_since_stays(desk):
    bass, kick, _ = ducked(desk)
    kick.sends[0].values["D_VOL"] = 0.5
    assert set(kept(desk.revert())) == {
        ("Kick", "send to AMA Comp"),
        ("Bass", "channels for AMA Comp"),
    }
    assert bass.fx == []


def test_channels_that_something_else_uses_by_now_stay(desk):
    bass, kick, _ = ducked(desk)
    kick.sends.append(Send(bass))
    kick.sends[-1].values["I_DSTCHAN"] = 2.0
    report = desk.revert()
    assert kept(report) == {
        ("Bass", "channels for AMA Comp"): "something else uses the track's channels 3/4 since"
    }
    assert bass.values["I_NCHAN"] == 4
    assert len(kick.sends) == 1


def test_more_channels_than_ama_gave_stay(desk):
    bass, _, _ = ducked(desk)
    bass.values["I_NCHAN"] = 8.0
    assert kept(desk.revert()) == {
        ("Bass", "channels for AMA Comp"): "the track has 8 channels since"
    }


def test_what_somebody_removed_is_gone_and_no_trouble(desk):
    bass, kick, _ = ducked(desk)
    del bass.fx[0]
    kick.sends.clear()
    report = desk.revert()
    assert not report["conflicting"]
    assert {one["what"] for one in report["gone"]} == {"AMA EQ", "send to AMA Comp"}
    assert (bass.fx, bass.values["I_NCHAN"]) == ([], 2)


def test_effects_that_were_moved_in_the_chain_are_found(desk):
    bass, _, _ = ducked(desk)
    bass.fx.reverse()
    bass.fx.insert(1, desk.fake.add_effect("VST: Somebody's (Else)"))
    assert not desk.revert()["conflicting"]
    assert [fx.shown_name for fx in bass.fx] == ["VST: Somebody's (Else)"]


def test_a_deleted_track_takes_its_changes_with_it(desk):
    bass, kick, _ = ducked(desk)
    desk.project.delete(bass)
    report = desk.revert()
    assert not report["conflicting"]
    assert len(report["gone"]) == 5
    assert (
        desk.fake.undo_points[-1].name == "AMA: apply 3 suggestions"
    )  # nothing was left to do, so nothing to undo
    assert kick.sends == []


def test_what_reaper_s_undo_took_back_counts_as_taken_back(desk):
    _, _, before = ducked(desk)
    desk.fake.undo()
    report = desk.revert()
    assert not report["conflicting"]
    assert [one["what"] for one in report["restored"]] == ["fader", "channels for AMA Comp"]
    assert desk.project.state() == before
    assert not desk.journals()


def test_the_newest_plan_goes_first_and_then_the_one_before(desk):
    track = desk.project.add("Vox", D_VOL=0.5)
    states = [desk.project.state()]
    for at, value in enumerate((-3.0, -5.0, -9.0)):
        eq = insert("reaeq", part("e", band("bell", 500.0 * (at + 1), value / 2)))
        desk.apply(request([strip(track, control("g", "fader_db", value), eq)], name=f"plan{at}"))
        states.append(desk.project.state())
    assert len(track.fx) == 1
    for at in (2, 1, 0):
        assert desk.revert()["id"] == f"plan{at}"
        assert desk.project.state() == states[at]
    assert desk.revert()["reason"] == "there is nothing to take back in this project"


def test_a_plan_can_be_named_and_what_a_later_one_moved_stays(desk):
    track = desk.project.add("Vox", D_VOL=0.5)
    desk.apply(
        request(
            [strip(track, control("g", "fader_db", -3.0), control("p", "pan", 0.5))], name="first"
        )
    )
    desk.apply(request([strip(track, control("g", "fader_db", -9.0))], name="second"))
    report = desk.revert(wanted="first")
    assert kept(report) == {("Vox", "fader"): "it was moved since (-9.00 dB, AMA had set -3.00 dB)"}
    assert track.pan == 0.0
    assert desk.revert(wanted="nobody")["reason"] == "there is nothing to take back in this project"


def test_the_same_id_twice_keeps_two_journals(desk):
    track = desk.project.add("Vox", D_VOL=0.5)
    for value in (-3.0, -9.0):
        desk.apply(request([strip(track, control("g", "fader_db", value))]))
    assert desk.journals() == ["r1", "r1-2"]


def test_another_project_s_plan_is_not_taken_back_here(tmp_path):
    here, there = Desk(tmp_path / "here"), Desk(tmp_path / "there")
    track = here.project.add("Vox")
    here.apply(request([strip(track, control("g", "fader_db", -3.0))]))
    for path in here.mailbox.glob("journal*"):
        (there.mailbox / path.name).write_bytes(path.read_bytes())
    (tmp_path / "here" / "Song" / "Song.rpp").write_text("there is a file", encoding="utf-8")
    assert there.revert()["reason"] == "there is nothing to take back in this project"


def test_a_project_that_was_not_saved_is_known_by_its_tracks_when_it_is(tmp_path):
    desk = Desk(tmp_path, saved=False)
    track = desk.project.add("Vox")
    desk.apply(request([strip(track, insert("reaeq", part("e", BELL)))]))
    desk.project.path = tmp_path / "Later.rpp"
    assert not desk.revert()["conflicting"]
    assert track.fx == []


def test_a_project_that_was_not_saved_is_no_other_one(tmp_path):
    desk = Desk(tmp_path, saved=False)
    desk.apply(request([strip(desk.project.add("Vox"), control("g", "fader_db", -3.0))]))
    desk.project.tracks.clear()
    desk.project.add("Other")
    desk.project.path = tmp_path / "Other.rpp"
    assert desk.revert()["reason"] == "there is nothing to take back in this project"


def test_a_project_that_was_moved_keeps_its_journal(desk):
    track = desk.project.add("Vox")
    desk.apply(request([strip(track, insert("reaeq", part("e", BELL)))]))
    desk.project.path = desk.fake.folder / "Elsewhere" / "Song.rpp"
    desk.revert()
    assert track.fx == []


def test_nothing_is_taken_back_while_reaper_records(desk):
    bass, _, _ = ducked(desk)
    desk.project.play_state = 5
    assert desk.revert()["reason"] == "REAPER is recording"
    assert len(bass.fx) == 2
    assert desk.journals()


def test_what_reaper_refuses_to_take_back_is_told_and_the_rest_goes(desk):
    bass, _, _ = ducked(desk)
    desk.fake.fail("TrackFX_Delete", nth=1, returns=False)
    report = desk.revert()
    assert kept(report) == {("Bass", "AMA Comp"): "REAPER did not take it back"}
    assert [fx.shown_name for fx in bass.fx] == ["AMA Comp"]


def test_a_user_chooses_what_goes_back_all_the_same(desk):
    bass, kick, before = ducked(desk)
    bass.fx[1].set(1, 0.5)
    bass.volume = 0.5
    desk.press_revert()
    window = desk.fake.window
    window.click_on("Bass, AMA Comp")
    desk.fake.spin(0.5)
    window.click_on("Take back")
    desk.fake.spin(1)
    assert (bass.fx, kick.sends, bass.volume) == ([], [], 0.5)
    assert bass.values["I_NCHAN"] == before["tracks"][0]["values"]["I_NCHAN"]
    assert any("Left as you have it" in text for text in window.texts)


def test_cancelling_takes_nothing_back(desk):
    bass, _, _ = ducked(desk)
    desk.press_revert()
    desk.fake.window.click_on("Cancel")
    desk.fake.spin(1)
    assert desk.read("reverted-r1.json")["reason"] == "it was cancelled in REAPER"
    assert len(bass.fx) == 2
    assert len(desk.fake.undo_points) == 1


def test_what_undo_brings_back_after_a_revert_is_ama_s_again(desk):
    bass, _, before = ducked(desk)
    after = desk.project.state()
    desk.revert()
    desk.fake.undo()
    assert desk.project.state() == after
    again = request([strip(bass, insert("reaeq", part("e", band("bell", 900.0, -2.0))))], name="r2")
    assert applied(desk.apply(again)) == {"e"}
    assert [fx.shown_name for fx in bass.fx] == ["AMA EQ", "AMA Comp"]
    desk.revert()
    desk.revert()
    assert desk.project.state() == before
    assert not desk.journals()


def test_what_stayed_and_what_undo_brings_back_go_together_later(desk):
    bass, _, _ = ducked(desk)
    bass.fx[1].set(1, 0.5)
    desk.revert()
    desk.fake.undo()
    report = desk.revert()
    assert {one["what"] for one in report["restored"]} == {"fader", "AMA EQ"}
    assert len(report["conflicting"]) == 3


def test_what_saving_and_opening_rounds_is_no_change(desk):
    bass, vox = desk.project.add("Bass", D_VOL=0.3), desk.project.add("Vox")
    values = {
        name: value + 0.05 for name, value in REACOMP.items() if name != "rms_ms"
    }  # at the edge of two texts
    eq = insert(
        "reaeq",
        part("e", band("bell", 1000.05, -3.25, bandwidth_oct=1.005), band("high_pass", 80.05)),
    )
    own = insert("ama_eq", part("f", band("bell", 1234.5678, -3.21, q=1 / 3)))
    asked = [
        strip(
            bass,
            eq,
            insert("reacomp", part("d", **values, rms_ms=0.0)),
            control("g", "fader_db", -3.3),
        ),
        strip(vox, own),
    ]
    assert applied(desk.apply(request(asked))) == {"e", "d", "g", "f"}
    for fx in bass.fx:
        fx.norms = [round(norm * (1 + 2e-7), 7) for norm in fx.norms]  # 32-bit floats
    sliders = vox.fx[0]
    sliders.norms = [
        each.norm(round(each.native(norm), 6))
        for each, norm in zip(sliders.parameters, sliders.norms, strict=True)
    ]
    bass.volume = round(bass.volume, 14)
    assert not desk.revert()["conflicting"]
    assert (bass.fx, vox.fx, bass.volume) == ([], [], 0.3)


def test_an_older_reaper_keeps_no_marks_on_sends(tmp_path):
    desk = Desk(tmp_path, version="6.80", lua="5.3")
    bass, kick, before = ducked(desk)
    kick.sends.insert(0, Send(bass))
    desk.revert()
    assert len(kick.sends) == 1
    kick.sends.clear()
    assert desk.project.state() == before
