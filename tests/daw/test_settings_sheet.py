"""The sheet that lies in a delivery: every setting of the plan, typed by hand into any DAW."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ama_analysis.measurements import SessionMeasurements
from ama_analysis.plan import (
    MASTER,
    Action,
    Compressor,
    EqBand,
    Gain,
    Limiter,
    MixPlan,
    Sidechain,
    Suggestion,
    TargetSummary,
)
from ama_analysis.session import Session, Track
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.settings_sheet import settings_sheet

ACTIONS: tuple[tuple[str, Action], ...] = (
    ("bass", Sidechain(trigger="kick", threshold_db=-30.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)),
    ("kick", Gain(delta_db=-4.0, fader_db=-6.5)),
    ("kick", EqBand(type="bell", freq_hz=900.0, gain_db=-3.0, q=1.4)),
    ("kick", Compressor(threshold_db=-18.0, ratio=3.0, attack_ms=10.0, release_ms=120.0, knee_db=6.0)),
    (MASTER, Limiter(ceiling_dbtp=-1.0, gain_db=2.0)),
)  # fmt: skip


def plan() -> MixPlan:
    tracks = tuple(
        Track(id=name, name=name.title(), path=Path(f"/{name}.wav"), role="other", role_confidence=1.0)
        for name in ("kick", "bass", "keys")
    )  # fmt: skip
    return MixPlan(
        engine="rules",
        target=TargetSummary(name="pop", kind="style", loudness_lufs=-14.0, ceiling_dbtp=-1.0),
        session=Session(name="song", sample_rate_hz=48_000, duration_s=3.0, tracks=tracks),
        suggestions=tuple(
            Suggestion(id=f"{at}", track=track, action=action, because=f"Reason {at}.", confidence=1.0, effect=None)
            for at, (track, action) in enumerate(ACTIONS)
        ),
        measurements=SessionMeasurements(tracks={}, pairs=(), skipped={}),
        verification=None,
    )  # fmt: skip


SHEET = """\
Settings for song, to come near to pop

Kick
  - -4.0 dB fader, to -6.5 dB
      Reason 1.
  - -3.0 dB at 900 Hz, Q 1.4
      Reason 2.
  - compressor 3:1 at -18.0 dB, attack 10 ms, release 120 ms, knee 6 dB
      Reason 3.

Bass
  - ducked by Kick: compressor 4:1 at -30.0 dB, attack 5 ms, release 80 ms, knee 0 dB
      Reason 0.

Master bus
  - limiter, +2.0 dB into -1.0 dBTP
      Reason 4.

As they are: Keys.
"""


def test_the_sheet_says_everything_in_the_order_of_the_session() -> None:
    assert settings_sheet(plan()) == SHEET


def test_a_folder_gets_the_sheet_of_what_is_handed_over(tmp_path: Path) -> None:
    receipt = FolderDaw().apply(plan(), plan_id="p", folder=tmp_path, agreed=frozenset({"1"}))
    assert receipt.files[0] == "settings.txt"
    only = replace(plan(), suggestions=plan().suggestions[1:2])
    assert (tmp_path / "settings.txt").read_text(encoding="utf-8") == settings_sheet(only)
    assert "As they are: Bass, Keys." in settings_sheet(only)
