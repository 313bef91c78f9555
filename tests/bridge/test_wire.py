"""Plans to bytes and back; garbage to sentences."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import pytest

from ama_analysis.errors import OptionError, PlanError
from ama_analysis.measurements import MixProfile
from ama_analysis.plan import ACTIONS, Gain, MixPlan
from ama_bridge import wire
from tests.bridge.plans import EVERY_ACTION, plan_of, session_of

FOLDER = Path("/music/song")
FUZZ_ROUNDS = 400


@pytest.fixture(scope="module")
def plan() -> MixPlan:
    return plan_of(session_of(FOLDER))


@pytest.fixture(scope="module")
def document(plan: MixPlan) -> dict[str, Any]:
    return json.loads(wire.plan_bytes(plan))


def read(data: bytes) -> MixPlan:
    return wire.plan_from_bytes(data, name="plan.json", folder=FOLDER)


def test_a_plan_read_equals_the_plan_written(plan: MixPlan) -> None:
    assert read(wire.plan_bytes(plan)) == plan


def test_a_plan_without_verification_and_suggestions_survives_too(plan: MixPlan) -> None:
    empty = replace(plan, suggestions=(), verification=None, warnings=())
    assert read(wire.plan_bytes(empty)) == empty


def test_what_was_dropped_stands_in_the_form_of_suggestions(document: dict[str, Any]) -> None:
    (dropped,) = document["dropped"]
    assert dropped["values"] == {"type": "low_shelf", "freq_hz": 120.0, "gain_db": 1.5, "q": 0.7}
    assert dropped.keys() == document["suggestions"][0].keys()


@pytest.mark.parametrize(("key", "value"), [("track", "no such"), ("id", "gain:kick")])
def test_what_was_dropped_is_checked_as_suggestions_are(
    document: dict[str, Any], key: str, value: str
) -> None:
    broken = copy.deepcopy(document)
    broken["dropped"][0][key] = value
    with pytest.raises(PlanError, match=rf"dropped\[0\]\.{key}"):
        read(json.dumps(broken).encode())


LATER: Final = tuple(field.name for field in fields(MixProfile) if field.default is None)
"""What profiles have had since plans began to be written."""


def test_a_plan_of_an_older_version_lacks_the_later_figures_and_is_read(
    plan: MixPlan, document: dict[str, Any]
) -> None:
    older = copy.deepcopy(document)
    for name in ("mix_before", "mix_after", "aim"):
        for figure in LATER:
            del older["verification"][name][figure]
    read_plan = read(json.dumps(older).encode())
    assert read_plan.verification is not None
    assert read_plan.verification.aim.band_crest_db is None
    assert read_plan == plan


def test_the_later_figures_survive(plan: MixPlan) -> None:
    assert plan.verification is not None
    levels = dict.fromkeys(LATER, (0.1 + 0.2, -1e-300))
    aim = replace(plan.verification.aim, **levels)  # type: ignore[arg-type]  # six tuples of numbers
    moving = replace(plan, verification=replace(plan.verification, aim=aim))
    assert read(wire.plan_bytes(moving)) == moving


def test_the_same_plan_gives_the_same_bytes(plan: MixPlan) -> None:
    data = wire.plan_bytes(plan)
    assert wire.plan_bytes(read(data)) == data


def test_the_document_has_the_documented_keys(document: dict[str, Any]) -> None:
    assert list(document)[:6] == [
        "schema",
        "engine",
        "target",
        "session",
        "suggestions",
        "verification",
    ]
    assert document["schema"] == "ama.plan/1"
    track = document["session"]["tracks"][0]
    assert {"id", "name", "role", "role_confidence", "path", "fader_db", "pan"} <= set(track)
    assert document["suggestions"][0] == {
        "id": "gain:kick",
        "track": "kick",
        "kind": "gain",
        "values": {"delta_db": -2.25, "fader_db": -8.25},
        "because": "The kick is 2.3 dB above its place.",
        "confidence": 0.75,
        "effect": None,
    }
    parts = document["verification"]["parts"]
    assert parts["tonal_db"] == {"before": 4.0, "after": 3.0}
    assert document["verification"]["after"] == 0.1 + 0.2


def test_every_kind_of_action_is_in_the_closed_list() -> None:
    assert set(wire.KINDS.values()) == set(ACTIONS)
    assert {type(action) for _, action in EVERY_ACTION} == set(ACTIONS)


def test_stems_with_relative_paths_lie_beside_the_plan(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["session"]["tracks"][0]["path"] = "stems/kick.wav"
    assert read(json.dumps(changed).encode()).session.tracks[0].path == FOLDER / "stems/kick.wav"


def test_references_are_written_as_they_are_given(document: dict[str, Any]) -> None:
    assert document["session"]["references"] == [
        f"{FOLDER}/reference.flac",
        f"{FOLDER}/reference.flac@1:02.1-1:34",
        f"{FOLDER}/other@home.ogg@0:00.1-",
    ]


def test_file_names_that_are_not_unicode_survive(plan: MixPlan) -> None:
    odd = replace(plan.session.tracks[0], path=Path("/music/\udcff.wav"))
    session = replace(plan.session, tracks=(odd, *plan.session.tracks[1:]))
    changed = replace(plan, session=session)
    assert read(wire.plan_bytes(changed)) == changed


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"\xff\xfe\x00\x00",
        b"null",
        b"[]",
        b"{}",
        b'{"schema": "ama.plan/2"}',
        b'{"schema": ["ama.plan/1"]}',
        b'{"schema": "ama.plan/1", "x": NaN}',
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"9" * 10_000,
    ],
)
def test_garbage_is_a_sentence(data: bytes) -> None:
    with pytest.raises(PlanError) as caught:
        read(data)
    assert caught.value.code == "AMA-401"
    assert caught.value.sentence().endswith(".")


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("engine", 5, "engine"),
        ("engine", None, "engine"),
        ("session.tracks.0.pan", 2.0, "pan"),
        ("session.tracks.0.pan", "left", "session.tracks[0].pan"),
        ("session.tracks.0.role", "kazoo", "session.tracks[0].role"),
        ("session.tracks.0.id", "master", "master"),
        ("session.tracks.0.id", "bass", "bass"),
        ("session.tracks.0.path", "a\0b", "session.tracks[0].path"),
        ("session.sample_rate_hz", 44_100.5, "session.sample_rate_hz"),
        ("session.sample_rate_hz", True, "session.sample_rate_hz"),
        ("session.sample_rate_hz", 0, "the sample rate 0"),
        ("session.sample_rate_hz", 10_000_000, "the sample rate 10000000"),
        ("session.duration_s", 10**400, "session.duration_s"),
        ("session.references", ["song.flac@1:34-1:02"], "session.references[0]"),
        ("session.references", ["song.flac@1:75-"], "session.references[0]"),
        ("session.references", [{"path": "song.flac"}], "session.references[0]"),
        ("target.kind", "dream", "target.kind"),
        ("suggestions", {}, "suggestions"),
        ("suggestions.0.kind", "reverb", "suggestions[0].kind"),
        ("suggestions.0.kind", ["gain"], "suggestions[0].kind"),
        ("suggestions.0.track", "nobody", "suggestions[0].track"),
        ("suggestions.0.values.delta_db", 99.0, "suggestions[0].values"),
        ("suggestions.0.values.delta_db", "loud", "suggestions[0].values.delta_db"),
        ("suggestions.0.values.extra", 1, "suggestions[0].values.extra"),
        ("suggestions.0.values.kind", "pan", "suggestions[0].values.kind"),
        ("suggestions.0.because", "", "suggestions[0]"),
        ("suggestions.0.confidence", 1.5, "suggestions[0]"),
        ("suggestions.2.values.slope_db_per_oct", 13, "suggestions[2].values"),
        ("suggestions.6.values.trigger", "nobody", "suggestions[6].values.trigger"),
        ("suggestions.0.id", "", "suggestions[0]"),
        ("suggestions.1.id", "gain:kick", "suggestions[1].id"),
        ("verification.parts.tonal_db", [1.0, 2.0], "verification.parts.tonal_db"),
        ("verification.aim.third_octave_db", "flat", "verification.aim.third_octave_db"),
        ("measurements.tracks.kick.duration_s", None, "measurements.tracks.kick.duration_s"),
        ("surprise", 1, "surprise"),
    ],
)
def test_what_does_not_fit_is_named(
    document: dict[str, Any], key: str, value: object, named: str
) -> None:
    changed = copy.deepcopy(document)
    *path, last = key.split(".")
    place: Any = changed
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    with pytest.raises(PlanError) as caught:
        read(json.dumps(changed).encode())
    assert caught.value.code == "AMA-401"
    assert named in caught.value.message


@pytest.mark.parametrize(
    "key", ["schema", "engine", "target", "session", "suggestions", "verification"]
)
def test_a_missing_key_is_named(document: dict[str, Any], key: str) -> None:
    changed = {k: v for k, v in document.items() if k != key}
    with pytest.raises(PlanError, match=key):
        read(json.dumps(changed).encode())


def test_a_plan_changed_anywhere_is_read_or_refused_but_never_crashes(
    document: dict[str, Any],
) -> None:
    rng = random.Random(42)  # noqa: S311  # seeded: the same bytes every time
    values: list[object] = [None, True, -1, 1e300, "", "x", [], {}, [[]], {"a": {}}, 0.5]
    without_figures = {**document, "measurements": {"tracks": {}, "pairs": [], "skipped": {}}}
    refused = 0
    for _ in range(FUZZ_ROUNDS):
        changed = copy.deepcopy(without_figures)
        place: Any = changed
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = rng.choice(keys)
            if isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8:
                place = place[key]
                continue
            place[key] = rng.choice(values)
            break
        try:
            read(json.dumps(changed).encode())
        except PlanError as error:
            refused += error.code == "AMA-401"
    assert refused > FUZZ_ROUNDS / 2


@pytest.mark.parametrize(("track", "action"), EVERY_ACTION)
def test_flat_values_give_the_action_back(track: str, action: Any) -> None:
    assert wire.action_of(action.kind, wire.flat_values(action)) == action


def test_an_edit_replaces_the_first_values_alone() -> None:
    assert wire.edited(Gain(delta_db=1.0, fader_db=2.0), [3.0]) == Gain(delta_db=3.0, fader_db=2.0)


@pytest.mark.parametrize("values", [[], [1.0, 2.0, 3.0], ["loud"], [float("nan")], [500.0]])
def test_an_edit_that_does_not_fit_is_refused(values: list[Any]) -> None:
    with pytest.raises(OptionError):
        wire.edited(Gain(delta_db=1.0, fader_db=2.0), values)


def test_a_value_that_json_cannot_hold_is_never_written(plan: MixPlan) -> None:
    assert plan.verification
    broken = replace(plan, verification=replace(plan.verification, after=float("nan")))
    with pytest.raises(ValueError, match="JSON"):
        wire.plan_bytes(broken)
