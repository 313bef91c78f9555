"""What a suggestion is called in a DAW's dialog: an engineer's words, one line."""

from __future__ import annotations

from typing import Final, assert_never

from ama_analysis.plan import (
    Action,
    Compressor,
    EqBand,
    Gain,
    HighPass,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
    Sidechain,
    Suggestion,
)
from ama_analysis.session import Session
from ama_analysis.suggest.by_hand import spoken_hz
from ama_bridge.daw.documents import Offered

_SHAPES: Final = {"bell": "at", "low_shelf": "low shelf at", "high_shelf": "high shelf at"}
_SHOWN_DB: Final = 0.05


def offer_of(
    suggestion: Suggestion, session: Session, track_name: str, note: str, *, ticked: bool
) -> Offered:
    """Return a suggestion as a dialog shows it; `note` is what is to be said of it in this DAW ("In Ardour: ..."), or empty."""
    action = suggestion.action
    trigger = session.track(action.trigger).name if isinstance(action, Sidechain) else ""
    return Offered(
        id=suggestion.id,
        track=suggestion.track,
        track_name=track_name,
        label=label_of(action, trigger=trigger),
        because=f"{suggestion.because} {note}" if note else suggestion.because,
        ticked=ticked,
    )


def label_of(action: Action, *, trigger: str = "") -> str:
    """Return the label of an action; `trigger` is the name of the track that a side-chain listens to."""
    match action.kind:
        case "gain" | "pan" | "polarity":
            return _placing(action)
        case "high_pass" | "low_pass":
            return _filter(action)
        case "eq_band" | "master_eq":
            return _band(action)
        case "compressor" | "sidechain":
            ducked = f"ducked by {trigger}: " if action.kind == "sidechain" else ""
            return ducked + _compressor(action)
        case "gate":
            return f"gate {action.ratio:g}:1 below {action.threshold_db:.1f} dB"
        case "limiter":
            return f"limiter, {_db(action.gain_db)} into {action.ceiling_dbtp:.1f} dBTP"
        case _:
            assert_never(action.kind)


def _placing(action: Gain | Pan | Polarity) -> str:
    match action.kind:
        case "gain":
            stays = abs(action.delta_db) < _SHOWN_DB
            return f"fader stays at {_db(action.fader_db)}" if stays else f"{_db(action.delta_db)} fader"  # fmt: skip
        case "pan":
            return f"pan {_side(action.pan)}"
        case "polarity":
            turned = ["polarity turned"] if action.invert else []
            delayed = [f"delayed by {action.delay_ms:.2f} ms"] if action.delay_ms else []
            return " and ".join([*turned, *delayed]) or "polarity as it is"
        case _:
            assert_never(action.kind)


def _db(value_db: float) -> str:
    return f"{value_db:+.1f} dB"


def _side(pan: float) -> str:
    percent = round(100.0 * abs(pan))
    if not percent:
        return "to the centre"
    return f"{percent} % {'left' if pan < 0.0 else 'right'}"


def _filter(action: HighPass | LowPass) -> str:
    what = "high-pass" if action.kind == "high_pass" else "low-pass"
    return f"{what} {spoken_hz(action.cutoff_hz)}, {action.slope_db_per_oct} dB/oct"


def _band(action: EqBand | MasterEq) -> str:
    quality = f", Q {action.q:.1f}" if action.type == "bell" else ""
    return f"{_db(action.gain_db)} {_SHAPES[action.type]} {spoken_hz(action.freq_hz)}{quality}"


def _compressor(action: Compressor | Sidechain) -> str:
    makeup = f", {_db(action.makeup_db)} make-up" if action.makeup_db else ""
    return f"compressor {action.ratio:g}:1 at {action.threshold_db:.1f} dB{makeup}"
