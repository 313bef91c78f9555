"""AMA Apply on the fake: what it leaves alone and why, and what it does together or not at all."""

from __future__ import annotations

import pytest

from tests.daw.reaper.applying import (
    BELL,
    REACOMP,
    Desk,
    applied,
    control,
    insert,
    part,
    reasons,
    request,
    strip,
)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_an_automated_fader_is_skipped(desk):
    track = desk.project.add("Vox")
    track.automate("Volume")
    before = desk.project.state()
    result = desk.apply(request([strip(track, control("g", "fader_db", -3.0))]))
    assert reasons(result, "skipped") == {"g": "its fader follows automation"}
    assert desk.project.state() == before
    assert desk.fake.undo_points == []


@pytest.mark.parametrize(
    ("mode", "goes"), [(0, True), (1, True), (2, False), (3, False), (4, False)]
)
def test_an_envelope_that_is_off_counts_where_the_mode_writes(desk, mode, goes):
    track = desk.project.add("Vox", automation=mode)
    track.automate("Pan", active=False)
    result = desk.apply(request([strip(track, control("p", "pan", 0.5))]))
    assert (applied(result) == {"p"}) is goes


def test_an_older_reaper_tells_an_envelope_by_its_text(desk):
    track = desk.project.add("Vox")
    track.automate("Pan", active=False)
    track.automate("Volume")
    desk.fake.fail("GetSetEnvelopeInfo_String", returns=(False, ""))
    result = desk.apply(
        request([strip(track, control("p", "pan", 0.5), control("g", "fader_db", -3.0))])
    )
    assert applied(result) == {"p"}


def test_an_envelope_before_the_effects_does_not_hold_the_fader(desk):
    track = desk.project.add("Vox")
    track.automate("Volume (Pre-FX)")
    assert applied(desk.apply(request([strip(track, control("g", "fader_db", -3.0))]))) == {"g"}


@pytest.mark.parametrize(
    ("own", "project", "words"),
    [(6, 3, "dual pan"), (5, 3, "stereo pan"), (-1, 6, "dual pan"), (-1, 5, "stereo pan")],
)
def test_other_pan_modes_are_skipped_and_their_faders_are_not(desk, own, project, words):
    desk.project.pan_mode = project
    track = desk.project.add("Vox", I_PANMODE=own)
    result = desk.apply(
        request([strip(track, control("p", "pan", 0.5), control("g", "fader_db", -3.0))])
    )
    assert words in reasons(result, "skipped")["p"]
    assert applied(result) == {"g"}


def test_a_track_that_is_gone_is_skipped(desk):
    track, other = desk.project.add("Vox"), desk.project.add("Bass")
    asked = request(
        [strip(track, control("g", "fader_db", -3.0)), strip(other, control("h", "fader_db", -3.0))]
    )
    desk.project.delete(track)
    result = desk.apply(asked)
    assert reasons(result) == {"g": 'the track "Vox" is not in this project any more'}
    assert applied(result) == {"h"}


def test_tracks_of_a_plan_that_was_made_elsewhere_are_found_by_name(desk):
    desk.project.add("Twice")
    desk.project.add("Twice")
    vox = desk.project.add("Vox")
    strips = [
        {**strip(name, control(name, "fader_db", -3.0)), "by_name": True}
        for name in ("Vox", "Twice", "Nobody")
    ]
    result = desk.apply(request(strips))
    assert applied(result) == {"Vox"}
    assert vox.volume == pytest.approx(10 ** (-3 / 20))
    assert reasons(result) == {
        "Twice": 'more than one track is named "Twice"',
        "Nobody": 'there is no track named "Nobody" in this project',
    }


def test_what_was_moved_since_is_a_conflict_and_stays(desk):
    track = desk.project.add("Vox", D_VOL=1.0, D_PAN=-0.5)
    result = desk.apply(
        request(
            [
                strip(
                    track,
                    control("g", "fader_db", -3.0, expected=-6.0),
                    control("p", "pan", 0.5, expected=-0.5),
                )
            ]
        )
    )
    assert reasons(result, "conflicting") == {
        "g": "the fader was moved since (+0.00 dB instead of -6.00 dB)"
    }
    assert applied(result) == {"p"}
    assert track.volume == 1.0


def test_what_stands_where_it_should_is_no_conflict(desk):
    track = desk.project.add("Vox", D_VOL=10 ** (-3 / 20))
    assert applied(
        desk.apply(request([strip(track, control("g", "fader_db", -3.0, expected=0.0))]))
    ) == {"g"}


@pytest.mark.parametrize(("state", "done"), [(1, True), (0, True), (5, False)])
def test_nothing_is_done_while_reaper_records(desk, state, done):
    track = desk.project.add("Vox")
    desk.project.play_state = state
    result = desk.apply(request([strip(track, control("g", "fader_db", -3.0))]))
    assert bool(result["applied"]) is done
    assert done or reasons(result) == {"g": "REAPER is recording"}


@pytest.mark.parametrize("name", ["Song", "Song.rpp", "Song.RPP", ""])
def test_a_request_is_for_its_project(desk, name):
    track = desk.project.add("Vox")
    assert desk.apply(request([strip(track, control("g", "fader_db", -3.0))], session=name))[
        "applied"
    ]


def test_a_request_for_another_project_is_refused(desk):
    track = desk.project.add("Vox")
    result = desk.apply(request([strip(track, control("g", "fader_db", -3.0))], session="Other"))
    assert reasons(result) == {
        "g": 'what AMA wants to apply is for the project "Other", and "Song" is in front'
    }


def test_what_translation_skipped_stands_in_the_result(desk):
    track = desk.project.add("Vox")
    asked = request([strip(track, control("g", "fader_db", -3.0))])
    asked["skipped"] = [{"suggestion": "x", "reason": "REAPER has no such thing"}]
    assert reasons(desk.apply(asked)) == {"x": "REAPER has no such thing"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"control": "width"}, "this version knows no control width"),
        ({"value": None}, "has no number at value"),
        ({"suggestion": "nobody"}, "which it does not offer"),
    ],
)
def test_a_request_that_does_not_fit_changes_nothing(desk, wrong, words):
    track = desk.project.add("Vox")
    asked = request([strip(track, control("g", "fader_db", -3.0))])
    asked["strips"][0]["controls"][0].update(wrong)
    before = desk.project.state()
    desk.start(asked)
    told = (
        " ".join(desk.fake.window.texts)
        if desk.fake.running
        else reasons(desk.read("result-r1.json"))["g"]
    )
    assert words in told
    assert desk.project.state() == before


def test_a_journal_that_cannot_be_written_keeps_everything_as_it_is(desk):
    track = desk.project.add("Vox")
    before = desk.project.state()
    (desk.mailbox / "journal-r1.json.part").mkdir()
    result = desk.apply(request([strip(track, control("g", "fader_db", -3.0))]))
    assert reasons(result)["g"].startswith("the journal cannot be written")
    assert desk.project.state() == before


def test_conditions_choose_the_value_that_holds(desk):
    track = desk.project.add("Vox")
    both = [
        control("g", "fader_db", -3.0, unless=["h"]),
        control("g", "fader_db", -5.0, when=["h"]),
        control("h", "pan", 0.5),
    ]
    desk.apply(request([strip(track, *both)]))
    assert track.volume == pytest.approx(10 ** (-5 / 20))
    desk.apply(request([strip(track, *both)], name="r2", unticked=["h"]))
    assert track.volume == pytest.approx(10 ** (-3 / 20))


def test_a_suggestion_that_fails_takes_the_values_with_it_that_hold_with_it_alone(desk):
    track = desk.project.add("Vox", I_PANMODE=6)
    result = desk.apply(request([strip(track, control("g", "fader_db", -3.0, unless=["h"]), control("g", "fader_db", -5.0, when=["h"]),
                                       control("h", "pan", 0.5))]))  # fmt: skip
    assert applied(result) == {"g"}
    assert track.volume == pytest.approx(10 ** (-3 / 20))


def test_a_suggestion_is_done_whole_or_not_at_all(desk):
    one, two = desk.project.add("Vox"), desk.project.add("Bass")
    two.automate("Volume")
    before = desk.project.state()
    result = desk.apply(
        request(
            [strip(one, control("g", "fader_db", -3.0)), strip(two, control("g", "fader_db", -3.0))]
        )
    )
    assert reasons(result) == {"g": "its fader follows automation"}
    assert desk.project.state() == before


def test_an_effect_that_is_missing_leaves_the_rest_in_one_step(desk):
    desk.fake.missing_effects.add("VST: ReaComp (Cockos)")
    track = desk.project.add("Vox")
    result = desk.apply(
        request(
            [
                strip(
                    track,
                    insert("reaeq", part("e", BELL)),
                    insert("reacomp", part("c", **REACOMP)),
                    control("g", "fader_db", -3.0),
                )
            ]
        )
    )
    assert applied(result) == {"e", "g"}
    assert [fx.shown_name for fx in track.fx] == ["AMA EQ"]
    assert [point.name for point in desk.fake.undo_points] == ["AMA: apply 2 suggestions"]


def test_a_value_that_reads_differently_is_a_conflict_and_the_rest_goes_on(desk):
    track = desk.project.add("Vox", D_PAN=0.25)
    desk.fake.fail("SetMediaTrackInfo_Value", nth=2, returns=True)
    result = desk.apply(
        request([strip(track, control("g", "fader_db", -3.0), control("p", "pan", -0.5))])
    )
    assert reasons(result, "conflicting") == {
        "p": "REAPER shows 25 % right of the pan where 50 % left was set"
    }
    assert applied(result) == {"g"}
    assert track.pan == 0.25


def test_a_plugin_that_shows_another_value_is_searched_once_and_then_left_out(desk):
    track = desk.project.add("Vox")
    desk.fake.after(
        "TrackFX_SetParamNormalized",
        lambda track, at, parameter, _value: track.fx[at].norms.__setitem__(parameter, 0.77),
    )
    result = desk.apply(
        request(
            [strip(track, insert("reacomp", part("c", **REACOMP)), control("g", "fader_db", -3.0))]
        )
    )
    assert applied(result) == {"g"}
    assert (
        reasons(result, "conflicting")["c"] == "AMA Comp threshold_db reads +3.8 where -18 was set"
    )
    assert track.fx == []


def test_a_track_that_is_deleted_in_the_middle_takes_only_its_own_along(desk):
    one, two = desk.project.add("Vox"), desk.project.add("Bass")
    desk.fake.before(
        "TrackFX_SetEQParam",
        lambda *_: desk.project.delete(two) if two in desk.project.tracks else None,
        nth=5,
    )
    asked = request(
        [
            strip(
                each,
                insert("reaeq", part(f"e{each.name}", BELL)),
                control(f"g{each.name}", "fader_db", -3.0),
            )
            for each in (one, two)
        ]
    )
    result = desk.apply(asked)
    assert applied(result) == {"eVox", "gVox"}
    assert [fx.shown_name for fx in one.fx] == ["AMA EQ"]
    assert set(reasons(result).values()) <= {
        "its track was deleted meanwhile",
        'the track "Bass" is not in this project any more',
    }
    assert not desk.revert()["conflicting"]
    assert one.fx == []
