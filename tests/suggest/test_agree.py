"""Where rules meet: one action of a kind a track, few bands, a fixed order."""

from __future__ import annotations

from ama_analysis.plan import Action, EqBand, Gain, MasterEq, Pan, Suggestion
from ama_analysis.suggest.agree import EQ_MOST, agree


def said(rule: str, track: str, action: Action, *, sure: float = 0.5) -> Suggestion:
    return Suggestion(
        id=f"{rule}:{track}", track=track, action=action, because=f"{rule} 1.", confidence=sure
    )


def bell(freq_hz: float, gain_db: float) -> EqBand:
    return EqBand(type="bell", freq_hz=freq_hz, gain_db=gain_db, q=1.0)


def test_two_rules_that_want_the_same_become_one_with_both_reasons():
    (one,) = agree(
        [said("pan", "a", Pan(pan=0.0)), said("stereo_bass", "a", Pan(pan=0.0))], order=["a"]
    )
    assert one.id == "pan:a"
    assert one.because == "pan 1. stereo_bass 1."
    assert one.confidence == 0.55


def test_the_surer_of_two_that_differ_wins_alone():
    proposals = [
        said("pan", "a", Pan(pan=0.3), sure=0.4),
        said("stereo_bass", "a", Pan(pan=0.0), sure=0.7),
    ]
    (one,) = agree(proposals, order=["a"])
    assert one.id == "stereo_bass:a"
    assert one.because == "stereo_bass 1."


def test_bands_that_work_on_the_same_thing_leave_the_deeper_one():
    (one,) = agree(
        [said("mud", "a", bell(300, -1.0)), said("masking", "a", bell(350, -2.5))], order=["a"]
    )
    assert (one.action, one.because, one.confidence) == (bell(350, -2.5), "masking 1.", 0.55)


def test_bands_that_work_against_each_other_are_no_allies():
    proposals = [said("mud", "a", bell(300, -1.0)), said("match_eq", "a", bell(350, 2.5))]
    (one,) = agree(proposals, order=["a"])
    assert (one.action, one.confidence) == (bell(350, 2.5), 0.5)


def test_bands_apart_and_tracks_apart_stay():
    proposals = [
        said("mud", "a", bell(300, -1)),
        said("masking", "a", bell(3000, -1)),
        said("mud", "b", bell(300, -1)),
    ]
    assert agree(proposals, order=["a", "b"]) == tuple(proposals)


def test_a_track_gets_three_bands_at_most_and_keeps_the_strongest():
    gains = [-1.0, -3.0, -2.0, -0.5]
    proposals = [said(f"r{i}", "a", bell(100 * 4**i, gain)) for i, gain in enumerate(gains)]
    kept = agree(proposals, order=["a"])
    assert len(kept) == EQ_MOST
    assert proposals[3] not in kept


def test_bands_of_the_master_are_merged_but_not_counted_against_tracks():
    band = MasterEq(type="bell", freq_hz=300, gain_db=-1, q=1)
    assert (
        len(
            agree(
                [said("master_eq", "master", band), said("mud", "a", bell(300, -1))],
                order=["a", "master"],
            )
        )
        == 2
    )


def test_order_is_that_of_the_tracks_then_of_the_rules():
    gain = Gain(delta_db=1.0, fader_db=1.0)
    proposals = [said("level", "b", gain), said("level", "a", gain), said("pan", "b", Pan(pan=0.0))]
    assert [s.id for s in agree(proposals, order=["a", "b"])] == ["level:a", "level:b", "pan:b"]
