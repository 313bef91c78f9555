"""What people read of a plan in a terminal, and what of names never reaches it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.plan import MASTER, Action, Effect, Gain, HighPass, MixPlan, Sidechain, Suggestion
from ama_bridge.commands import terminal
from ama_bridge.commands.plan_text import WIDEST, in_words, plan_lines
from tests.bridge.plans import plan_of, session_of

DUCK = Sidechain(trigger="kick", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)
STAYS = Gain(delta_db=0.0, fader_db=0.0)
CUT = HighPass(cutoff_hz=80.0)


def test_a_fader_is_told_by_its_step_alone() -> None:
    """Where it stands in the DAW depends on the DAW's pan law."""
    assert in_words(Gain(delta_db=2.0, fader_db=-4.0)) == "fader +2.0 dB"
    assert in_words(Gain(delta_db=0.0, fader_db=-4.0)) == "fader stays"


def test_a_side_chain_is_told_by_the_name_of_its_trigger() -> None:
    assert in_words(DUCK, trigger="Kick").startswith("side-chain from Kick, -30.0 dB, 2.0:1")


def one(
    rule: str,
    track: str,
    action: Action,
    delta: float = 0.0,
    because: str = "It is so.",
    **more: Any,
) -> Suggestion:
    effect = Effect(
        distance_delta=delta,
        tonal_delta_db=0.0,
        width_delta_db=0.0,
        track_loudness_delta_lu=None,
        excerpt_s=10.0,
        **more,
    )
    return Suggestion(
        id=f"{rule}:{track}",
        track=track,
        action=action,
        because=because,
        confidence=0.75,
        effect=effect,
    )


def plan_with(*suggestions: Suggestion) -> MixPlan:
    plan = plan_of(session_of(Path("/stems")))
    assert plan.verification is not None
    verified = replace(plan.verification, before=0.1, after=0.05)
    tracks = tuple(replace(track, name=track.id) for track in plan.session.tracks)
    session = replace(plan.session, tracks=tracks)
    return replace(
        plan, session=session, suggestions=suggestions, dropped=(), verification=verified
    )


def said(plan: MixPlan, columns: int = WIDEST) -> list[str]:
    return [line for line, _ in plan_lines(plan, columns)]


def test_the_track_on_which_most_changes_stands_first_and_the_master_last() -> None:
    plan = plan_with(
        one("level", "kick", Gain(delta_db=1.0, fader_db=1.0), -0.001),
        one("high_pass", "bass", CUT, 0.02),
        one("master_eq", MASTER, plan_of(session_of(Path("/stems"))).suggestions[-1].action, -0.09),
    )
    titles = [line for line, style in plan_lines(plan, WIDEST) if style == "bold"]
    assert [title.split()[0] for title in titles] == ["bass", "kick", MASTER]


def test_a_setting_stands_beside_what_it_brings_and_above_its_reason_and_id() -> None:
    lines = said(plan_with(one("high_pass", "bass", CUT, -0.0123, "There is rumble.")))
    at = next(i for i, line in enumerate(lines) if "high-pass 80 Hz" in line)
    assert lines[at].split("  ")[1] == "high-pass 80 Hz, 12 dB/oct"
    assert lines[at].endswith("12 % nearer   75 % sure")
    assert lines[at + 1] == "      There is rumble. [high_pass:bass]"


@pytest.mark.parametrize("columns", [10, 60, 80, 100, 300])
def test_no_line_of_the_suggestions_is_longer_than_the_terminal(columns: int) -> None:
    plan = plan_with(one("sidechain", "bass", DUCK, 0.0, because="The kick hides the bass. " * 20))
    wide = max(map(len, said(plan, columns)[:20]))
    assert wide <= max(80, min(columns, WIDEST))


def test_faders_that_stay_are_named_in_one_place() -> None:
    text = "\n".join(said(plan_with(one("keep", "kick", STAYS, because="It sits well."))))
    assert "Faders that stay where they are\n  It sits well. 75 % sure [keep:kick]\n" in text
    assert "after 0 suggestions" in text


def test_what_was_dropped_has_a_line_each_and_what_harms_most_is_first() -> None:
    tried = (one("high_pass", "bass", CUT, 0.003), one("sidechain", "bass", DUCK, 0.02))
    text = " ".join(" ".join(said(replace(plan_with(), dropped=tried))).split())
    first = text.index("bass: side-chain from kick, -30.0 dB, 2.0:1")
    assert first < text.index("bass: high-pass 80 Hz, 12 dB/oct, 3.0 % further [high_pass:bass]")
    assert "20 % further [sidechain:bass]" in text
    assert "after 0 suggestions" in text


def test_of_many_that_were_dropped_the_last_are_counted() -> None:
    tried = tuple(one(f"eq{i}", "bass", CUT, 0.01 - 1e-4 * i) for i in range(20))
    lines = said(replace(plan_with(), dropped=tried))
    assert any("[eq7:bass]" in line for line in lines)
    assert not any("[eq8:bass]" in line for line in lines)
    assert '  and 12 more, in the plan under "dropped"' in lines


def test_what_is_marked_or_disputed_says_so() -> None:
    lines = said(plan_with(one("match_pan", "bass", CUT, 0.002, marked=True)))
    assert "Marked: by itself it does not bring the mix nearer." in " ".join(lines)
    doubted = one("match_level", "bass", CUT, -0.04, checked_delta=0.001, disputed=True)
    told = " ".join(" ".join(said(plan_with(doubted))).split())
    assert "In doubt: rendered on the loudest 10 s it comes to 1.0 % further." in told
    assert "doubt" not in " ".join(said(plan_with(replace_dispute(doubted))))


def replace_dispute(suggestion: Suggestion) -> Suggestion:
    assert suggestion.effect is not None
    return suggestion.with_effect(replace(suggestion.effect, disputed=False))


def test_the_parts_of_the_distance_stand_below_it_with_their_units() -> None:
    plan = plan_with()
    assert plan.verification is not None
    parts = {"tonal_db": (2.04, 1.0), "width_db": (0.01, 0.02), "loudness_lu": (12.5, 0.1)}
    lines = said(replace(plan, verification=replace(plan.verification, parts=parts)))
    assert "  tonal balance        2.0 dB apart before,   1.0 dB after" in lines
    assert "  loudness            12.5 LU apart before,   0.1 LU after" in lines
    assert not any("width" in line for line in lines)


EVIL = "a\x1b]0;owned\x07\n\x9b31m\u202eb\tc"
SHOWN = "a\\u001b]0;owned\\u0007\\n\\u009b31m\\u202eb\\tc"


def test_what_would_move_the_cursor_or_begin_a_line_is_escaped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.out(EVIL)
    terminal.note(EVIL)
    heard = capsys.readouterr()
    assert (heard.out, heard.err) == (f"{SHOWN}\n", f"{SHOWN}\n")


def test_a_style_is_for_terminals_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.out("kick", style="bold")
    assert capsys.readouterr().out == "kick\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal.out(EVIL, style="bold")
    assert capsys.readouterr().out == f"\x1b[1m{SHOWN}\x1b[0m\n"


def test_a_document_stays_one_that_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps({"name": EVIL, "more": [1]}, indent=2, ensure_ascii=False)
    terminal.document(text)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"name": EVIL, "more": [1]}
    assert not {"\x1b", "\x9b", "\u202e"} & set(printed)
    assert printed.count("\n") == text.count("\n") + 1


def test_names_of_files_are_escaped_wherever_they_are_printed(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    name = EVIL.replace("/", "")
    folder = tmp_path / name
    folder.mkdir()
    (folder / f"{name}.wav").write_bytes((song / "bass.wav").read_bytes())
    (folder / "kick.wav").write_bytes((song / "kick.wav").read_bytes())
    (folder / "bad\x1b[2J.wav").write_bytes(b"no sound")
    plan = folder / "plan.json"
    for arguments in (
        ("suggest", folder, "--out", plan),
        ("render", plan, "--out", folder / "mix.wav"),
        ("measure", folder / f"{name}.wav"),
        ("measure", folder / "bad\x1b[2J.wav"),
        ("mix", folder, "--out", folder / "mix.wav"),
        ("mix", folder, "--gain", f"{name}=x", "--out", "x.wav"),
        ("presets", "show", name),
    ):
        ran = ama(*arguments)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(ran.out + ran.err), arguments
        assert any(shown in ran.out + ran.err for shown in ("\\u001b", "\\x1b")), arguments
