"""What the service and the command line learn, where it lies, and how it is read, carried away and forgotten."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.preferences import NO_PREFERENCES, Lesson, Nudge, Preferences, Votes, taste_of
from ama_analysis.progress import OnProgress, silent
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import OFF, Settings, read_settings
from ama_bridge.daw.port import Receipt, Skipped, receipt_bytes
from ama_bridge.offline import apply_plan_file
from ama_bridge.preference_file import SCHEMA, preferences_bytes, preferences_from_bytes
from ama_bridge.service.handover import Delivery
from ama_bridge.service.learning import Learner
from ama_bridge.store import Decision, Store
from ama_bridge.wire import plan_bytes, plan_from_bytes
from tests.bridge.daws import AskingDaw
from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import client_of, service, tell_session, write_stems
from tests.preferences.listeners import Life, band, fader_of, wants_vocals

ALL_MOVE = 5
"""A band in which every fader is to be moved."""
KNOWN = Preferences(
    lessons=(
        Lesson(
            plan="0123456789ab",
            session="ba9876543210",
            style="pop",
            faders={"lead vocal": Nudge(offset_db=1.5, by="edit")},
            rules={"compressor": Votes(kept=0.5, refused=0.5)},
        ),
    )
)


@dataclass
class TickingDaw(AskingDaw):
    """A DAW in whose dialog the user takes ticks out; `reasons` are what the receipt gives for what was not applied."""

    reasons: dict[str, str] = field(default_factory=dict)

    def apply(
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,
        ask: bool = False,
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        return receipt_where(plan, self.reasons, plan_id)


def receipt_where(plan: MixPlan, reasons: dict[str, str], plan_id: str = "plan") -> Receipt:
    return Receipt(
        plan=plan_id,
        daw="studio",
        applied=tuple(s.id for s in plan.suggestions if s.id not in reasons),
        skipped=tuple(Skipped(suggestion=one, reason=why) for one, why in reasons.items()),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def vocal_edit(plan: MixPlan, by_db: float) -> dict[str, Decision]:
    suggestion, gain = fader_of(plan, "Vox")
    values = {"delta_db": gain.delta_db + by_db, "fader_db": gain.fader_db + by_db}
    return {suggestion.id: Decision(verdict="edit", kind="gain", values=values)}


def test_an_edit_over_osc_and_a_rejection_are_kept_in_the_state_folder(tmp_path: Path) -> None:
    state, stems = tmp_path / "state", write_stems(tmp_path / "stems")
    with service(state) as server, client_of(server) as client:
        tell_session(client, stems)
        client.send("/suggest", "s", "song", "auto")
        client.until("/suggestions/end")
        assert not Store(state).preferences_path.exists()
        assert client.ask("/decide", "d", "compressor:bass", "reject").path == "/ok"
        assert client.ask("/decide", "e", "pan:bass", "accept").path == "/ok"
    (lesson,) = Store(state).preferences().lessons
    assert lesson.rules == {
        "compressor": Votes(kept=0.0, refused=1.0),
        "pan": Votes(kept=1.0, refused=0.0),
    }


def test_a_service_that_is_told_not_to_learns_nothing(tmp_path: Path) -> None:
    state, stems = tmp_path / "state", write_stems(tmp_path / "stems")
    deaf = assistant_for(Settings(state_dir=state, preferences=False), FakeAnalyst())
    with service(state, assistant=deaf) as server, client_of(server) as client:
        tell_session(client, stems)
        client.send("/suggest", "s", "song", "auto")
        client.until("/suggestions/end")
        assert client.ask("/decide", "d", "compressor:bass", "reject").path == "/ok"
    assert not Store(state).preferences_path.exists()


def test_edits_of_ten_plans_shift_the_eleventh(store: Store) -> None:
    learner = Learner(store)
    for number in range(10):
        plan = band(number, preferences=learner.preferences())
        suggestion, _ = fader_of(plan, "Vox")
        learner.decided(plan, vocal_edit(plan, 1.5 - suggestion.learned_db))
    again = Learner(Store(store.folder)).preferences()
    assert again.lessons == learner.preferences().lessons
    assert taste_of(again, "pop").offset_db("lead vocal") == pytest.approx(1.5, abs=0.3)


def test_ticks_in_a_dialog_teach_half_as_much_and_what_could_not_be_done_nothing(
    store: Store, tmp_path: Path
) -> None:
    plan = band(ALL_MOVE)
    vox, kick, bass = (fader_of(plan, name)[0].id for name in ("Vox", "Kick", "Bass"))
    daw = TickingDaw()
    daw.reasons = {vox: "not ticked in REAPER", kick: "there is no such track"}
    path = tmp_path / "plan.json"
    path.write_bytes(plan_bytes(plan))
    to = Delivery(daw=daw, store=store, learner=Learner(store))
    apply_plan_file(path, to, only=[vox, kick, bass], ask=True, on_progress=silent)
    (lesson,) = store.preferences().lessons
    assert lesson.rules == {"level": Votes(kept=0.5, refused=0.25)}
    assert set(lesson.faders) == {"bass"}
    assert lesson.faders["bass"].by == "accept"


@pytest.mark.parametrize("reason", ["the preview in REAPER was cancelled", "nobody was asked"])
def test_a_dialog_that_was_closed_teaches_nothing(
    store: Store, tmp_path: Path, reason: str
) -> None:
    plan = band(1)
    daw = TickingDaw()
    daw.reasons = {s.id: reason for s in plan.suggestions}
    path = tmp_path / "plan.json"
    path.write_bytes(plan_bytes(plan))
    to = Delivery(daw=daw, store=store, learner=Learner(store))
    apply_plan_file(path, to, only=(), ask=True, on_progress=silent)
    assert to.learner is not None
    assert to.learner.preferences() == NO_PREFERENCES


def test_without_a_dialog_what_was_not_ticked_was_not_refused(store: Store) -> None:
    plan = band(1)
    suggestion, _ = fader_of(plan, "Vox")
    receipt = receipt_where(plan, {suggestion.id: "not ticked in REAPER"})
    learner = Learner(store)
    learner.handed_over(plan, {}, receipt, Path("receipt.json"), asked=False)
    (lesson,) = learner.preferences().lessons
    assert lesson.rules["level"] == Votes(kept=1.0, refused=0.0)


def test_what_lies_in_a_folder_teaches_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(plan_bytes(band(1)))
    daw = AskingDaw(asks=False)
    to = Delivery(daw=daw, store=store, learner=Learner(store))
    apply_plan_file(path, to, only=(), ask=True, on_progress=silent)
    assert not store.preferences_path.exists()


def test_an_offer_that_is_answered_later_is_learned_from_then(store: Store, tmp_path: Path) -> None:
    plan, path = band(1), tmp_path / "receipt.json"
    waits = receipt_where(plan, {s.id: "waits for AMA Apply" for s in plan.suggestions})
    learner = Learner(store)
    path.write_bytes(receipt_bytes(waits))
    learner.handed_over(plan, vocal_edit(plan, 2.0), waits, path, asked=True)
    assert learner.preferences() == NO_PREFERENCES
    path.write_bytes(receipt_bytes(receipt_where(plan, {})))
    (lesson,) = learner.preferences().lessons
    assert lesson.faders["lead vocal"] == Nudge(offset_db=2.0, by="edit")
    store.change_preferences(lambda _: NO_PREFERENCES)
    assert learner.preferences() == NO_PREFERENCES  # once is enough


def test_a_rejection_by_name_stays_when_the_rest_is_applied(store: Store) -> None:
    plan = band(1)
    suggestion, _ = fader_of(plan, "Vox")
    rejected = {suggestion.id: Decision(verdict="reject", kind="gain")}
    rest = replace(plan, suggestions=tuple(s for s in plan.suggestions if s.id != suggestion.id))
    learner = Learner(store)
    learner.handed_over(plan, rejected, receipt_where(rest, {}), Path("r.json"), asked=True)
    (lesson,) = learner.preferences().lessons
    assert lesson.rules["level"].refused > 0.0
    assert "lead vocal" not in lesson.faders


def test_a_full_disk_does_not_keep_anybody_from_deciding(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.folder.parent.mkdir(exist_ok=True)
    store.folder.write_bytes(b"a file where the folder should be")
    plan = band(1)
    with caplog.at_level(logging.WARNING):
        Learner(store).decided(plan, vocal_edit(plan, 1.0))
    assert "nothing was learned" in caplog.text


def test_what_was_learned_is_read_back_as_it_was_kept(store: Store) -> None:
    learned = Life(wants_vocals(1.5)).live(*range(4))
    store.change_preferences(lambda _: learned)
    assert store.preferences() == learned
    document = json.loads(store.preferences_path.read_text(encoding="utf-8"))
    assert document["schema"] == SCHEMA
    assert "song" not in store.preferences_path.read_text(encoding="utf-8")


def test_keys_of_a_later_version_are_passed_over() -> None:
    document: Any = json_text.from_bytes(preferences_bytes(KNOWN))
    document["mood"] = "good"
    document["lessons"][0]["weather"] = 3
    document["lessons"][0]["faders"]["lead vocal"]["pan"] = 0.1
    document["lessons"][0]["rules"]["compressor"]["heard"] = True
    assert preferences_from_bytes(json_text.to_bytes(document), name="it") == KNOWN


def test_a_file_of_another_version_is_left_as_it_is(store: Store) -> None:
    later = b'{"schema": "ama.preferences/2", "lessons": {}}'
    write_atomically(store.preferences_path, later)
    with pytest.raises(OptionError, match=r"ama\.preferences/2"):
        store.preferences()
    learner, plan = Learner(store), band(1)
    learner.decided(plan, vocal_edit(plan, 1.0))
    assert learner.preferences() == NO_PREFERENCES
    assert store.preferences_path.read_bytes() == later


@pytest.mark.parametrize(
    "damaged",
    [
        b"{",
        b"[]",
        b'{"schema": "ama.preferences/1"}',
        b'{"schema": "ama.preferences/1", "lessons": [{"plan": "a"}]}',
        preferences_bytes(KNOWN).replace(b"1.5", b"NaN"),
        preferences_bytes(KNOWN).replace(b"1.5", b"1e9"),
        preferences_bytes(KNOWN).replace(b'"edit"', b'"guess"'),
        preferences_bytes(KNOWN).replace(b'"refused": 0.5', b'"refused": -4'),
    ],
)
def test_a_damaged_file_is_set_aside_and_the_rest_goes_on(store: Store, damaged: bytes) -> None:
    write_atomically(store.preferences_path, damaged)
    assert store.preferences() == NO_PREFERENCES
    assert store.preferences_path.with_suffix(".damaged").read_bytes() == damaged


def test_the_switch_is_a_setting() -> None:
    assert read_settings(environment={}).preferences
    assert not read_settings(environment={"AMA_PREFERENCES": "Off"}).preferences
    assert not read_settings(preferences=False, environment={}).preferences
    assert OFF == "off"


def test_learned_parts_of_faders_are_read_back_from_a_plan(tmp_path: Path) -> None:
    plan = band(50, preferences=Life(wants_vocals(1.5)).live(*range(5)))
    back = plan_from_bytes(plan_bytes(plan), name="plan", folder=tmp_path)
    assert fader_of(back, "Vox")[0].learned_db == fader_of(plan, "Vox")[0].learned_db > 0.0


def test_what_was_learned_is_exported_forgotten_and_imported(
    ama: Any, store: Store, tmp_path: Path
) -> None:
    state = ("--state", store.folder)
    assert "Nothing was learned yet" in ama("preferences", "show", *state).out
    assert "nothing learned" in ama("preferences", "reset", *state).out
    store.change_preferences(lambda _: Life(wants_vocals(1.5)).live(*range(5)))
    before = store.preferences()
    shown = ama("preferences", "show", *state).out
    assert "lead vocal" in shown
    assert "used: +1." in shown
    assert "kept 100%" not in shown  # the prior is never certain
    document = ama("preferences", "show", "--json", *state).document
    assert document["learned"]["pop"]["faders"]["lead vocal"]["applied_db"] > 1.0
    file = tmp_path / "mine.json"
    assert ama("preferences", "export", file, *state).code == 0
    assert ama("preferences", "reset", *state).code == 0
    assert not store.preferences_path.exists()
    assert ama("preferences", "import", file, *state).code == 0
    assert store.preferences() == before


def test_nothing_is_written_over_a_file_of_another_version(
    ama: Any, store: Store, tmp_path: Path
) -> None:
    later = b'{"schema": "ama.preferences/2", "lessons": {}}'
    write_atomically(store.preferences_path, later)
    mine = tmp_path / "mine.json"
    mine.write_bytes(preferences_bytes(KNOWN))
    state = ("--state", store.folder)
    for command in (("reset",), ("import", mine)):
        assert "ama.preferences/2" in ama("preferences", *command, *state).sentence()
    with pytest.raises(OptionError, match=r"ama\.preferences/2"):
        Learner(store).forget_all()
    assert store.preferences_path.read_bytes() == later


def test_importing_what_is_no_such_file_changes_nothing(
    ama: Any, store: Store, tmp_path: Path
) -> None:
    store.change_preferences(lambda _: KNOWN)
    state = ("--state", store.folder)
    odd = tmp_path / "odd.json"
    odd.write_text('{"schema": "ama.plan/1"}')
    assert "holds no preferences" in ama("preferences", "import", odd, *state).sentence()
    said = ama("preferences", "export", odd, *state).sentence()
    assert "holds something else" in said
    assert "gone.json" in ama("preferences", "import", tmp_path / "gone.json", *state).sentence()
    assert store.preferences() == KNOWN


def test_suggest_without_a_service_reads_what_was_learned_unless_told_not_to(
    ama: Any, song: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMA_STATE", str(store.folder))
    monkeypatch.delenv("AMA_PREFERENCES")
    plain = ama("suggest", song, "--json").out
    assert not store.preferences_path.exists()
    lessons = tuple(
        Lesson(
            plan=str(n),
            session=str(n),
            style="neutral",
            faders={"bass": Nudge(offset_db=4.0, by="edit")},
        )
        for n in range(8)
    )
    store.change_preferences(lambda _: Preferences(lessons=lessons))
    kept = store.preferences_path.read_bytes()
    assert "as you usually have the bass" in ama("suggest", song, "--json").out
    assert ama("suggest", song, "--json", "--no-preferences").out == plain
    monkeypatch.setenv("AMA_PREFERENCES", "off")
    assert ama("suggest", song, "--json").out == plain
    assert store.preferences_path.read_bytes() == kept
