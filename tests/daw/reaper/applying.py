"""Requests for AMA Apply, and a fake REAPER that carries them out: what the tests of apply and revert share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ama_bridge.daw import lua_scripts
from tests.daw.fake_reaper import FakeReaper
from tests.daw.reaper.fake.project import Track
from tests.daw.reaper.fake.reaeq import Band, ReaEQ

JSFX = Path(lua_scripts.__file__).parent / "scripts" / "reaper" / "jsfx"
EFFECTS = {f"AMA/{path.name}": path for path in sorted(JSFX.glob("*.jsfx"))}
"""AMA's own JSFX where `ama install reaper` puts it."""

Json = dict[str, Any]


class Desk:
    """A fake REAPER with a mailbox: posts requests, runs AMA's scripts, reads what they answer."""

    def __init__(self, folder: Path, *, own_effects: bool = True, **variants: Any) -> None:
        self.fake = FakeReaper(folder=folder, jsfx=EFFECTS if own_effects else {}, **variants)
        self.project = self.fake.project
        self.mailbox = folder / "mailbox"
        self.mailbox.mkdir(parents=True)
        self._texts = {
            name: lua_scripts.script(
                f"reaper/{name}", {"mailbox": str(self.mailbox), "command": ""}
            )
            for name in ("apply", "revert")
        }

    def text(self, name: str) -> str:
        """Return a script as it is installed: "apply" or "revert"."""
        return self._texts[name]

    def apply(self, asked: Json) -> Json:
        """Put a request into the mailbox, run AMA Apply and return the result."""
        self.post("request.json", asked)
        self.fake.run(self._texts["apply"], name="AMA Apply")
        self.fake.spin(1)
        return self.read(f"result-{asked['id']}.json")

    def start(self, asked: Json) -> None:
        """Put a request into the mailbox and start AMA Apply: a window asks."""
        self.post("request.json", asked)
        self.fake.run(self._texts["apply"], name="AMA Apply")
        self.fake.spin(0.3)

    def revert(self, *, ask: bool = False, wanted: str = "") -> Json:
        """Let AMA Revert take back the newest plan, or the one that is wanted, and return its report."""
        self.post("revert.json", {"schema": "ama.revert/1", "ask": ask, "id": wanted})
        for old in self.mailbox.glob("reverted-*.json"):
            old.unlink()
        self.fake.run(self._texts["revert"], name="AMA Revert")
        self.fake.spin(1)
        (path,) = self.mailbox.glob("reverted-*.json")
        return json.loads(path.read_text(encoding="utf-8"))

    def press_revert(self) -> None:
        """Start AMA Revert as a user does: a window asks."""
        self.fake.run(self._texts["revert"], name="AMA Revert")
        self.fake.spin(0.3)

    def post(self, name: str, document: Json) -> None:
        (self.mailbox / name).write_text(json.dumps(document), encoding="utf-8")

    def read(self, name: str) -> Json:
        found: Json = json.loads((self.mailbox / name).read_text(encoding="utf-8"))
        return found

    def journals(self) -> list[str]:
        """Return the ids of the journals that are not taken back."""
        path = self.mailbox / "journals.json"
        return list(json.loads(path.read_text(encoding="utf-8"))["ids"]) if path.exists() else []


def request(
    strips: Sequence[Json],
    *,
    ask: bool = False,
    session: str = "",
    name: str = "r1",
    unticked: Iterable[str] = (),
) -> Json:
    """Return a request that offers every suggestion that its strips name."""
    left = set(unticked)
    offered: list[Json] = []
    for each in strips:
        for entry in (
            *each["controls"],
            *(part for insert in each["inserts"] for part in insert["parts"]),
        ):
            if entry["suggestion"] not in [one["id"] for one in offered]:
                offered.append({"id": entry["suggestion"], "track": each["track"], "track_name": each["name"], "label": entry["suggestion"],
                                "because": "It was measured.", "ticked": entry["suggestion"] not in left})  # fmt: skip
    return {"schema": "ama.reaper/1", "id": name, "session": session, "ask": ask, "mailbox": "", "suggestions": offered, "skipped": [],
            "strips": list(strips)}  # fmt: skip


def strip(track: Track | str, *entries: Json, by_name: bool = False) -> Json:
    """Return what is asked of a track ("master" is the master)."""
    name = track if isinstance(track, str) else track.name
    return {"track": track if isinstance(track, str) else track.guid, "name": name, "by_name": by_name,
            "controls": [each for each in entries if "control" in each], "inserts": [each for each in entries if "device" in each]}  # fmt: skip


def control(
    suggestion: str, name: str, value: float, expected: float | None = None, **conditions: Any
) -> Json:
    return {
        "suggestion": suggestion,
        "control": name,
        "value": value,
        "expected": expected,
        **conditions,
    }


def insert(
    device: str,
    *parts: Json,
    key: str = "",
    label: str = "",
    hears: Track | None = None,
    **more: Any,
) -> Json:
    """Return an effect; key and label are the device's usual ones."""
    usual = {"reaeq": ("eq", "AMA EQ"), "ama_eq": ("eq", "AMA EQ"), "reacomp": ("comp", "AMA Comp"), "ama_compressor": ("comp", "AMA Comp"),
             "realimit": ("limiter", "AMA Limiter"), "ama_gate": ("gate", "AMA Gate")}[device]  # fmt: skip
    return {"key": key or usual[0], "label": label or usual[1], "device": device, "parts": list(parts),
            "sidechain_from": hears.guid if hears else None, **more}  # fmt: skip


def part(suggestion: str, *bands: Json, **values: Any) -> Json:
    """Return what a suggestion sets of an effect: bands, values by name, `when` and `unless`."""
    conditions = {name: list(values.pop(name, ())) for name in ("when", "unless")}
    figures = [{"name": name, "value": value} for name, value in values.items()]
    return {"suggestion": suggestion, "bands": list(bands), "values": figures, **conditions}


def band(
    shape: str, freq_hz: float, gain_db: float = 0.0, *, q: float = 1.0, bandwidth_oct: float = 1.39
) -> Json:
    return {
        "shape": shape,
        "freq_hz": freq_hz,
        "gain_db": gain_db,
        "q": q,
        "bandwidth_oct": bandwidth_oct,
    }


def heard(track: Track, nth: int = 0) -> list[Band]:
    """Return the bands of a track's ReaEQ that do something."""
    eq = track.fx[nth]
    assert isinstance(eq, ReaEQ)
    return [
        each
        for each in eq.bands
        if each.on and ("pass" in each.shape or abs(each.gain_db) > FLAT_DB)
    ]


def reasons(result: Json, *lists: str) -> dict[str, str]:
    """Return why suggestions were skipped, or are in conflict (both, where no list is named)."""
    return {
        one["suggestion"]: one["reason"]
        for name in lists or ("skipped", "conflicting")
        for one in result[name]
    }


def applied(result: Json) -> set[str]:
    return {one["suggestion"] for one in result["applied"]}


BELL = band("bell", 400.0, -3.0)
FLAT_DB = 0.05  # half of what ReaEQ shows
COMPRESSOR = {
    "threshold_db": -18.0,
    "ratio": 3.0,
    "attack_ms": 12.5,
    "release_ms": 140.0,
    "knee_db": 6.0,
    "makeup_db": 2.5,
}
REACOMP = {**COMPRESSOR, "rms_ms": 0.0}
"""A usual compressor, for ReaComp with the size of its window."""
