"""The effect chain."""
# ruff: noqa: N802  # a call's function has the call's name

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.daw.reaper.fake.calls import call
from tests.daw.reaper.fake.effects import Effect
from tests.daw.reaper.fake.project import Track
from tests.daw.reaper.fake.reaeq import ReaEQ

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

FIRST_PLACE = -1000
HIDE_WINDOW, SHOW_WINDOW = 2, 3


def _fx(fake: FakeReaper, track: Track, at: int) -> Effect | None:
    """Return the effect of a chain; numbers beyond the chain mean input effects and containers, which a script here has no business with."""
    if at >= 0x1000000:  # REAPER's flag of the input chain
        raise fake.unknown(f"effect number {at:#x}")
    return track.fx[at] if 0 <= at < len(track.fx) else None


def _parameter(fake: FakeReaper, track: Track, at: int, parameter: int) -> Effect | None:
    fx = _fx(fake, track, at)
    return fx if fx is not None and 0 <= parameter < len(fx.parameters) else None


def _eq(fake: FakeReaper, track: Track, at: int) -> ReaEQ | None:
    fx = _fx(fake, track, at)
    return fx if isinstance(fx, ReaEQ) else None


@call
def TrackFX_GetCount(fake: FakeReaper, track: Track) -> int:
    return len(track.fx)


@call
def TrackFX_AddByName(fake: FakeReaper, track: Track, name: str, input_fx: bool, how: int) -> int:
    if input_fx:
        raise fake.unknown("input effects")
    standing = next((at for at, fx in enumerate(track.fx) if fx.answers_to(name)), -1)
    if how == 0 or (how > 0 and standing >= 0):
        return standing
    fake.change("fx", f"the effects of {track.name}")
    made = fake.new_effect(name)
    if made is None:
        return -1
    at = min(FIRST_PLACE - how, len(track.fx)) if how <= FIRST_PLACE else len(track.fx)
    track.fx.insert(at, made)
    made.open = fake.floats_effects
    return at


@call
def TrackFX_Delete(fake: FakeReaper, track: Track, at: int) -> bool:
    if _fx(fake, track, at) is None:
        return False
    fake.change("fx", f"the effects of {track.name}")
    fake.project.remember()
    del track.fx[at]
    return True


@call
def TrackFX_CopyToTrack(
    fake: FakeReaper, track: Track, at: int, to: Track, place: int, move: bool
) -> None:
    fx = _fx(fake, track, at)
    if not move:
        raise fake.unknown("TrackFX_CopyToTrack that copies")
    if fx is not None:
        fake.change("fx", f"the effects of {track.name}")
        track.fx.remove(fx)
        to.fx.insert(place, fx)


@call
def TrackFX_GetFXGUID(fake: FakeReaper, track: Track, at: int) -> str | None:
    fx = _fx(fake, track, at)
    return fx.guid if fx else None


@call
def TrackFX_GetFXName(fake: FakeReaper, track: Track, at: int) -> tuple[bool, str]:
    fx = _fx(fake, track, at)
    return (True, fx.shown_name) if fx else (False, "")


@call
def TrackFX_GetNumParams(fake: FakeReaper, track: Track, at: int) -> int:
    fx = _fx(fake, track, at)
    return len(fx.parameters) if fx else 0


@call
def TrackFX_GetParamName(
    fake: FakeReaper, track: Track, at: int, parameter: int
) -> tuple[bool, str]:
    fx = _parameter(fake, track, at, parameter)
    return (True, fx.parameters[parameter].name) if fx else (False, "")


@call
def TrackFX_GetParamIdent(
    fake: FakeReaper, track: Track, at: int, parameter: int
) -> tuple[bool, str]:
    fx = _parameter(fake, track, at, parameter)
    return (True, fx.ident(parameter)) if fx else (False, "")


@call
def TrackFX_GetParamFromIdent(fake: FakeReaper, track: Track, at: int, ident: str) -> int:
    fx = _fx(fake, track, at)
    found = (
        [
            each
            for each in range(len(fx.parameters))
            if ident in (fx.ident(each), f":{fx.parameters[each].ident}")
        ]
        if fx
        else []
    )
    return found[0] if found else -1


@call
def TrackFX_GetParam(
    fake: FakeReaper, track: Track, at: int, parameter: int
) -> tuple[float, float, float]:
    fx = _parameter(fake, track, at, parameter)
    if fx is None:
        return -1.0, 0.0, 0.0
    each = fx.parameters[parameter]
    return each.native(fx.get(parameter)), each.low, each.high


@call
def TrackFX_SetParam(fake: FakeReaper, track: Track, at: int, parameter: int, value: float) -> bool:
    fx = _parameter(fake, track, at, parameter)
    return fx is not None and TrackFX_SetParamNormalized(
        fake, track, at, parameter, fx.parameters[parameter].norm(value)
    )


@call
def TrackFX_GetParamNormalized(fake: FakeReaper, track: Track, at: int, parameter: int) -> float:
    fx = _parameter(fake, track, at, parameter)
    return fx.get(parameter) if fx else -1.0


@call
def TrackFX_SetParamNormalized(
    fake: FakeReaper, track: Track, at: int, parameter: int, value: float
) -> bool:
    fx = _parameter(fake, track, at, parameter)
    if fx is None:
        return False
    fake.change("fx", f"{fx.parameters[parameter].name} of {fx.shown_name} on {track.name}")
    fx.set(parameter, value)
    return True


@call
def TrackFX_EndParamEdit(fake: FakeReaper, track: Track, at: int, parameter: int) -> bool:
    return _parameter(fake, track, at, parameter) is not None


@call
def TrackFX_FormatParamValueNormalized(
    fake: FakeReaper, track: Track, at: int, parameter: int, value: float, _text: str
) -> tuple[bool, str]:
    fx = _parameter(fake, track, at, parameter)
    if fx is None or not fake.formats_ahead:
        return False, ""
    return True, fx.show(parameter, value)


@call
def TrackFX_GetFormattedParamValue(
    fake: FakeReaper, track: Track, at: int, parameter: int
) -> tuple[bool, str]:
    fx = _parameter(fake, track, at, parameter)
    return (True, fx.show(parameter, fx.get(parameter))) if fx else (False, "")


@call
def TrackFX_GetNamedConfigParm(
    fake: FakeReaper, track: Track, at: int, key: str
) -> tuple[bool, str]:
    fx = _fx(fake, track, at)
    known = fake.renames_effects or key != "renamed_name"
    found = fx.named(key) if fx and known else None
    return found is not None, found or ""


@call
def TrackFX_SetNamedConfigParm(
    fake: FakeReaper, track: Track, at: int, key: str, value: str
) -> bool:
    fx = _fx(fake, track, at)
    if fx is None:
        return False
    fake.change("fx", f"{key} of {fx.shown_name} on {track.name}")
    if key == "renamed_name" and not fake.renames_effects:
        return False
    return fx.set_named(key, value)


@call
def TrackFX_GetEQParam(
    fake: FakeReaper, track: Track, at: int, parameter: int
) -> tuple[bool, int, int, int, float]:
    fx = _eq(fake, track, at)
    place = fx.place(parameter) if fx else None
    if fx is None or place is None:
        return False, 0, 0, 0, 0.0
    return (True, *place, fx.get(parameter))


@call
def TrackFX_SetEQParam(
    fake: FakeReaper,
    track: Track,
    at: int,
    kind: int,
    nth: int,
    what: int,
    value: float,
    is_norm: bool,
) -> bool:
    fx = _eq(fake, track, at)
    parameter = fx.parameter_of(kind, nth, what) if fx else None
    if fx is None or parameter is None:
        return False
    fake.change("fx", f"a band of {fx.shown_name} on {track.name}")
    fx.set(parameter, value if is_norm else fx.norm_of(parameter, value))
    return True


@call
def TrackFX_GetEQBandEnabled(fake: FakeReaper, track: Track, at: int, kind: int, nth: int) -> bool:
    fx = _eq(fake, track, at)
    band = fx.band_of(kind, nth) if fx else None
    return fx is not None and band is not None and fx.on[band]


@call
def TrackFX_SetEQBandEnabled(
    fake: FakeReaper, track: Track, at: int, kind: int, nth: int, on: bool
) -> bool:
    fx = _eq(fake, track, at)
    band = fx.band_of(kind, nth) if fx else None
    if fx is None or band is None:
        return False
    fake.change("fx", f"a band of {fx.shown_name} on {track.name}")
    fx.on[band] = on
    return True


@call
def TrackFX_GetEQ(fake: FakeReaper, track: Track, instantiate: bool) -> int:
    return TrackFX_AddByName(fake, track, "ReaEQ", False, int(instantiate))


@call
def TrackFX_GetEnabled(fake: FakeReaper, track: Track, at: int) -> bool:
    fx = _fx(fake, track, at)
    return fx is not None and fx.enabled


@call
def TrackFX_SetEnabled(fake: FakeReaper, track: Track, at: int, enabled: bool) -> None:
    fx = _fx(fake, track, at)
    if fx is not None:
        fake.change_for_now("fx", f"{fx.shown_name} on {track.name}")
        fx.enabled = enabled
        fx.norms[-3] = float(not enabled)


@call
def TrackFX_GetOffline(fake: FakeReaper, track: Track, at: int) -> bool:
    fx = _fx(fake, track, at)
    return fx is not None and fx.offline


@call
def TrackFX_GetOpen(fake: FakeReaper, track: Track, at: int) -> bool:
    fx = _fx(fake, track, at)
    return fx is not None and fx.open


@call
def TrackFX_SetOpen(fake: FakeReaper, track: Track, at: int, is_open: bool) -> None:
    fx = _fx(fake, track, at)
    if fx is not None:
        fx.open = is_open


@call
def TrackFX_Show(fake: FakeReaper, track: Track, at: int, how: int) -> None:
    """Do what the last bit says to the window of the chain (0, 1) or of the effect alone (2, 3)."""
    fx = _fx(fake, track, at)
    if fx is not None and how in (HIDE_WINDOW, SHOW_WINDOW):
        fx.open = how == SHOW_WINDOW


@call
def TrackFX_GetByName(fake: FakeReaper, track: Track, name: str, instantiate: bool) -> int:
    return TrackFX_AddByName(fake, track, name, False, int(instantiate))


@call
def TrackFX_GetPinMappings(
    fake: FakeReaper, track: Track, at: int, is_output: int, pin: int
) -> tuple[int, int]:
    fx = _fx(fake, track, at)
    return (fx.pins.get((bool(is_output), pin), 1 << pin) if fx else 0), 0


@call
def TrackFX_SetPinMappings(
    fake: FakeReaper, track: Track, at: int, is_output: int, pin: int, low: int, high: int
) -> bool:
    fx = _fx(fake, track, at)
    if fx is None or high:
        return False
    fake.change("fx", f"the pins of {fx.shown_name} on {track.name}")
    fx.pins[bool(is_output), pin] = low
    return True


@call
def EnumInstalledFX(fake: FakeReaper, at: int) -> tuple[bool, str, str]:
    names = fake.installed_names()
    return (True, names[at], names[at]) if 0 <= at < len(names) else (False, "", "")
