"""Ardour's equaliser and filter against what AMA renders: the real plugins, fed with noise.

"Plausible" are bands as engineers set them and AMA's rules suggest them: one to six, cuts to 12 dB and boosts to 9; bells from 50 Hz to 16 kHz with a
Q of 0.4 to 6, below 200 Hz of 2 at most; shelves from 50 to 500 Hz and from 2.5 to 14 kHz with a Q of 0.5 to 1.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from ama_analysis.plan import SLOPES_DB_PER_OCT, EqBand, FilterShape, HighPass, LowPass, MasterEq
from ama_analysis.render.plugins import board_of, settings_at, settings_of
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.nearest import GOOD_DB, nearest_stages
from ama_bridge.daw.ardour.rack import Rack
from ama_bridge.daw.ardour.request import Insert
from ama_bridge.daw.ardour.stages import (
    Bell,
    Linear,
    Pass,
    Shelf,
    Stage,
    error_db,
    response_db,
    stages_of,
    wanted_db,
)
from ama_bridge.daw.bandwidth import bandwidth_of, q_of
from tests.daw.ardour.lv2_plugin import described_ports, needs_plugin, processed
from tests.daw.ardour.made_sessions import (
    CLOSING,
    OPENING,
    MadeTrack,
    Take,
    lua_text,
    make_session,
    needs_ardour,
    run_lua,
)
from tests.signals import PERIOD, pink

PARITY_DB = 0.25
"""Issue 5."""
AUDITION_DB = 0.2
"""What all of them keep to up to 96 kHz; how far off the worst of some thousands was stands in docs/ardour.md."""
EQUALISERS = int(os.environ.get("AMA_TEST_EQUALISERS", "200"))  # noqa: TID251  # how long the test may take
SETTLED_DB = 0.01
"""The plugin stops 0.040 to 0.050 dB before a band's gain, and AMA sets it 0.046 dB further; 0.1 Hz and 0.001 octaves are the rest."""
FORMULA_DB = 0.12
"""How far one band of the plugin may be from its formula: bells of 24 dB are two, and 0.1 Hz tells where they are narrow."""
FILTER_FORMULA_DB = 0.1
"""Filters arrive at their settings; a shelf of a-eq beside them may be 0.05 dB short, and deep down the bits are few."""
SLOPE_DB = -20.0
"""So far down a filter's slope is compared: at -30 dB the audition of 48 dB/oct at 60 Hz is 0.5 dB off its formula at 96 kHz (32-bit coefficients)."""
RATES = (44_100, 96_000)
AS_INSTALLED = {
    ace.EQ: "a-eq",
    ace.COMPRESSOR: "a-comp",
    ace.COMPRESSOR_STEREO: "a-comp",
    ace.EXPANDER: "a-exp",
    ace.EXPANDER_STEREO: "a-exp",
}


@pytest.mark.parametrize("uri", AS_INSTALLED)
def test_the_tables_are_the_plugins_own(uri):
    needs_installed(AS_INSTALLED[uri])
    controls = [port for port in described_ports(uri) if port.control]
    assert [port.index for port in controls] == list(range(len(controls)))
    for port, ours in zip(controls, ace.PORTS[uri], strict=True):
        assert ours == (port.symbol, port.low, port.high, port.default, port.output)


def needs_installed(bundle: str) -> None:
    condition, reason = needs_plugin(bundle).args[0], needs_plugin(bundle).kwargs["reason"]
    if condition:
        pytest.skip(reason)


def _kept(rate: int) -> np.ndarray:
    freq = np.fft.rfftfreq(PERIOD, 1.0 / rate)
    kept: np.ndarray = (freq >= 20.0) & (freq <= 20_000.0)
    return kept


def _freq(rate: int) -> np.ndarray:
    return np.fft.rfftfreq(PERIOD, 1.0 / rate)[_kept(rate)]


def _gain_db(heard: np.ndarray, spectrum: np.ndarray, rate: int) -> np.ndarray:
    """Return the gain in the last period but one, when all has settled and Ardour's fade at the end has not begun."""
    ratio = np.abs(np.fft.rfft(heard[0, -2 * PERIOD : -PERIOD]) / spectrum)[_kept(rate)]
    gains: np.ndarray = 20.0 * np.log10(np.maximum(ratio, 1e-12))
    return gains


def _inserts(stages: Sequence[Stage]) -> tuple[Insert, ...]:
    rack = Rack()
    rack.add_stages("x", stages)
    return rack.inserts()


def _in_a_eq(stages: Sequence[Stage], samples: np.ndarray, rate: int) -> np.ndarray:
    """Return samples behind the real a-eq, as many as it takes, set as AMA Apply sets it."""
    for insert in _inserts(stages):
        assert insert.uri == ace.EQ
        settings = {one.which: one.value for one in insert.base}
        settings |= {one.which: one.value for part in insert.parts for one in part.settings}
        samples = processed(insert.uri, samples, rate, settings)
    return samples


def _rendered(actions: Sequence[Linear], samples: np.ndarray, rate: int) -> np.ndarray:
    settings = [one for action in actions for one in settings_of(action)]
    return board_of(settings_at(settings, rate)).process(samples, rate)


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _band(rng: np.random.Generator) -> EqBand:
    shape: FilterShape = rng.choice(["bell", "bell", "bell", "low_shelf", "high_shelf"])
    gain_db = float(rng.uniform(-12.0, 9.0))
    if shape == "bell":
        freq_hz = _log_uniform(rng, 50.0, 16_000.0)
        q = _log_uniform(rng, 0.4, 2.0 if freq_hz < 200.0 else 6.0)
    else:
        low, high = (50.0, 500.0) if shape == "low_shelf" else (2500.0, 14_000.0)
        freq_hz, q = _log_uniform(rng, low, high), _log_uniform(rng, 0.5, 1.0)
    return EqBand(type=shape, freq_hz=freq_hz, gain_db=gain_db, q=q)


@needs_plugin("a-eq")
@pytest.mark.parametrize("rate", [*RATES, 48_000, 88_200])
def test_random_equalisers_sound_as_auditioned(rate):
    """In the deep bass the audition's 32-bit coefficients (Pedalboard's) put a band off its own formula, and the plugin goes with the audition."""
    rng = np.random.default_rng(rate)
    samples, spectrum = pink(rate, 4)
    apart = []
    for _ in range(EQUALISERS):
        bands = [_band(rng) for _ in range(int(rng.integers(1, 7)))]
        stages = [stage for band in bands for stage in nearest_stages(band, rate)]
        theirs = _gain_db(_in_a_eq(stages, samples, rate), spectrum, rate)
        ours = _gain_db(_rendered(bands, samples, rate), spectrum, rate)
        apart.append(float(np.max(np.abs(theirs - ours))))
    assert max(apart) <= AUDITION_DB < PARITY_DB, sorted(apart)[-5:]


@needs_plugin("a-eq")
@pytest.mark.parametrize("rate", [*RATES, 192_000])
def test_a_band_comes_to_its_gain(rate):
    """Set to its gain it would stop 0.04 to 0.05 dB short, and five bands of a strip a quarter of a dB."""
    samples, spectrum = pink(rate, 4)
    for gain_db in (-12.0, -3.0, -0.1, 0.3, 6.0, 19.9):
        for stage, told_hz in ((Bell(1000.0, gain_db, 1.0), 1e3), (Shelf("high", 200.0, gain_db), 15e3)):  # fmt: skip
            found = _gain_db(_in_a_eq([stage], samples, rate), spectrum, rate)
            there = np.argmin(np.abs(_freq(rate) - told_hz))
            assert found[there] == pytest.approx(gain_db, abs=SETTLED_DB)


@needs_plugin("a-eq")
@pytest.mark.parametrize("rate", [*RATES, 48_000, 192_000])
@pytest.mark.parametrize(
    "action",
    [
        EqBand(type="bell", freq_hz=1000.0, gain_db=24.0, q=3.0),
        EqBand(type="bell", freq_hz=6000.0, gain_db=-24.0, q=0.8),
        EqBand(type="low_shelf", freq_hz=200.0, gain_db=-9.0, q=0.7071),
        EqBand(type="low_shelf", freq_hz=300.0, gain_db=24.0, q=1.4),
        EqBand(type="high_shelf", freq_hz=5000.0, gain_db=9.0, q=0.7),
        EqBand(type="high_shelf", freq_hz=5000.0, gain_db=-22.0, q=0.4),
        MasterEq(type="high_shelf", freq_hz=12_000.0, gain_db=6.0, q=0.5),
        MasterEq(type="low_shelf", freq_hz=120.0, gain_db=3.0, q=2.0),
    ],
)
def test_each_shape_is_the_cookbooks(action, rate):
    stages = stages_of(action, rate)
    samples, spectrum = pink(rate, 4)
    theirs = _gain_db(_in_a_eq(stages, samples, rate), spectrum, rate)
    meant = wanted_db(action, _freq(rate), rate)
    assert theirs == pytest.approx(meant, abs=FORMULA_DB * len(stages))
    assert response_db(stages, _freq(rate), rate) == pytest.approx(meant, abs=0.1)


@needs_plugin("a-eq")
def test_a_base_alone_changes_nothing():
    noise = np.random.default_rng(1).standard_normal((1, 48_000)).astype(np.float32) * 0.1
    base = {one.which: one.value for one in ace.EQ_BASE}
    assert np.array_equal(processed(ace.EQ, noise, 48_000, base), noise)


@needs_plugin("a-comp")
@pytest.mark.parametrize("uri", [ace.COMPRESSOR, ace.COMPRESSOR_STEREO])
def test_a_compressors_base_changes_nothing(uri):
    channels = 2 if uri == ace.COMPRESSOR_STEREO else 1
    noise = np.random.default_rng(1).standard_normal((channels, 48_000)).astype(np.float32)
    base = {one.which: one.value for one in ace.COMPRESSOR_BASE}
    assert processed(uri, noise, 48_000, base) == pytest.approx(noise, abs=1e-6)


def test_bandwidth_and_quality_are_each_others_inverse():
    for q in np.geomspace(0.1, 20.0, 50):
        assert q_of(bandwidth_of(float(q))) == pytest.approx(q)
    assert q_of(1.0) == pytest.approx(math.sqrt(2.0))


def test_what_is_asked_for_is_the_cookbooks_and_butterworths():
    rate, freq = 48_000, np.geomspace(20.0, 20_000.0, 200)
    filters: tuple[tuple[type[HighPass] | type[LowPass], str], ...] = (
        (HighPass, "highpass"),
        (LowPass, "lowpass"),
    )
    for kind, name in filters:
        for slope in SLOPES_DB_PER_OCT:
            sections = signal.butter(slope // 6, 700.0, name, fs=rate, output="sos")
            _, response = signal.sosfreqz(sections, freq, fs=rate)
            expected = 20.0 * np.log10(np.abs(response))
            action = kind(cutoff_hz=700.0, slope_db_per_oct=slope)
            assert wanted_db(action, freq, rate) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("slope", [12, 24, 36, 48])
def test_even_slopes_are_butterworths_exactly(slope, rate):
    for cutoff_hz in (20.0, 80.0, 1000.0, 9000.0):
        high = HighPass(cutoff_hz=cutoff_hz, slope_db_per_oct=slope)
        low = LowPass(cutoff_hz=cutoff_hz, slope_db_per_oct=slope)
        for action in (high, low):
            stages = stages_of(action, rate)
            assert len(stages) == slope // 12
            assert error_db(action, stages, rate) < 1e-9


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("action", "most_db"),
    [
        (HighPass(cutoff_hz=30.0, slope_db_per_oct=6), 0.02),
        (HighPass(cutoff_hz=120.0, slope_db_per_oct=18), 0.02),
        (LowPass(cutoff_hz=8000.0, slope_db_per_oct=6), 0.06),
        (LowPass(cutoff_hz=5000.0, slope_db_per_oct=18), 0.02),
    ],
)
def test_odd_slopes_are_nearly_butterworths(action, most_db, rate):
    assert error_db(action, nearest_stages(action, rate), rate) < most_db


FILTERED: tuple[HighPass | LowPass, ...] = (
    HighPass(cutoff_hz=80.0, slope_db_per_oct=12),
    HighPass(cutoff_hz=110.0, slope_db_per_oct=24),
    HighPass(cutoff_hz=40.0, slope_db_per_oct=6),
    HighPass(cutoff_hz=200.0, slope_db_per_oct=18),
    HighPass(cutoff_hz=60.0, slope_db_per_oct=48),
    LowPass(cutoff_hz=6000.0, slope_db_per_oct=12),
    LowPass(cutoff_hz=9000.0, slope_db_per_oct=24),
    LowPass(cutoff_hz=3000.0, slope_db_per_oct=18),
)


def _adding(action: HighPass | LowPass, rate: int) -> str:
    """Return Lua that puts what AMA Apply would insert into `track`."""
    lines = []
    for at, insert in enumerate(_inserts(nearest_stages(action, rate))):
        made = (
            f"ARDOUR.LuaAPI.new_luaproc(Session, {lua_text(insert.uri)})"
            if insert.type == "lua"
            else f"ARDOUR.LuaAPI.new_plugin(Session, {lua_text(insert.uri)}, ARDOUR.PluginType.LV2, '')"
        )
        lines += [
            f"local plugin{at} = {made}",
            f"assert(track:add_processor_by_index(plugin{at}, {at}, nil, true) == 0)",
        ]
        settings = [*insert.base, *(one for part in insert.parts for one in part.settings)]
        lines += [
            f"assert(ARDOUR.LuaAPI.set_processor_param(plugin{at}, {one.which}, {one.value!r}))"
            for one in settings
        ]
    return "\n".join(lines)


def _behind_ardours_filters(folder: Path, rate: int) -> list[np.ndarray]:
    """Return the probe behind each of `FILTERED`, set as AMA Apply sets it, in the real Ardour."""
    samples = pink(rate, 4)[0]
    tracks = [
        MadeTrack(name=f"filter {nth}", takes=[Take(samples=samples)], lua=_adding(action, rate))
        for nth, action in enumerate(FILTERED)
    ]
    file = make_session(folder / "filters", tracks, rate=rate)
    script = f"""
{OPENING}
load_session({lua_text(file.parent)}, {lua_text(file.stem)})
for nth = 0, {len(FILTERED) - 1} do
  local track = Session:route_by_name("filter " .. nth):to_track()
  local region = track:bounce_range(0, {samples.shape[1]}, ARDOUR.InterThreadInfo(), track:main_outs(), false, "out " .. nth, "")
  tell("OUT", region:to_audioregion():source(0):to_filesource():path())
end
{CLOSING}"""
    said = run_lua(script, home=folder / "home")
    paths = [line.split("\t")[1] for line in said.splitlines() if line.startswith("OUT")]
    return [soundfile.read(path, dtype="float32", always_2d=True)[0].T for path in paths]


@needs_ardour
@pytest.mark.parametrize("rate", RATES)
def test_ardours_filters_sound_as_auditioned(rate, tmp_path):
    samples, spectrum = pink(rate, 4)
    for action, theirs in zip(FILTERED, _behind_ardours_filters(tmp_path, rate), strict=True):
        stages = nearest_stages(action, rate)
        audition = _gain_db(_rendered([action], samples, rate), spectrum, rate)
        found = _gain_db(theirs, spectrum, rate)
        formula = response_db(stages, _freq(rate), rate)
        heard = formula > SLOPE_DB
        assert found[heard] == pytest.approx(formula[heard], abs=FILTER_FORMULA_DB)
        assert np.max(np.abs(found - audition)[heard]) <= PARITY_DB, action


@pytest.mark.parametrize("rate", [44_100, 48_000, 80_000])
def test_what_lies_above_the_band_is_left_out_as_in_the_audition(rate):
    top = 0.49 * rate
    assert stages_of(EqBand(type="bell", freq_hz=top, gain_db=3.0, q=1.0), rate) == ()
    assert stages_of(EqBand(type="high_shelf", freq_hz=top, gain_db=3.0, q=1.0), rate) == ()
    assert stages_of(LowPass(cutoff_hz=top), rate) == ()
    shelf = EqBand(type="low_shelf", freq_hz=top, gain_db=-23.0, q=1.0)
    freq = np.geomspace(20.0, 0.45 * rate, 10)
    assert response_db(stages_of(shelf, rate), freq, rate) == pytest.approx(-23.0)
    assert settings_at(settings_of(shelf), rate)[0].plugin == "Gain"


def test_what_the_ranges_do_not_hold_comes_as_near_as_it_can():
    for rate in (44_100, 96_000):
        for action in (
            EqBand(type="low_shelf", freq_hz=23.0, gain_db=12.0, q=0.7),
            EqBand(type="high_shelf", freq_hz=18_000.0, gain_db=9.0, q=0.7),
            LowPass(cutoff_hz=8000.0, slope_db_per_oct=6),
            LowPass(cutoff_hz=21_000.0, slope_db_per_oct=12),
            HighPass(cutoff_hz=5.0, slope_db_per_oct=6),
        ):
            plain = error_db(action, stages_of(action, rate), rate)
            near = error_db(action, nearest_stages(action, rate), rate)
            assert near <= plain
            assert near < max(0.5 * plain, GOOD_DB), (action, rate, plain, near)


def test_settings_never_leave_the_ranges_of_the_ports():
    rng = np.random.default_rng(7)
    for _ in range(600):
        rate = int(rng.choice([8000, 44_100, 48_000, 96_000, 192_000]))
        for insert in _inserts(nearest_stages(_any_action(rng), rate)):
            ports = ace.PORTS[insert.uri]
            for one in (*insert.base, *(one for part in insert.parts for one in part.settings)):
                assert ports[one.which].low <= one.value <= ports[one.which].high
                assert not ports[one.which].output


def _any_action(rng: np.random.Generator) -> Linear:
    kind = int(rng.integers(4))
    slope = int(rng.choice(SLOPES_DB_PER_OCT))
    if kind == 0:
        return HighPass(cutoff_hz=_log_uniform(rng, 5.0, 20_000.0), slope_db_per_oct=slope)
    if kind == 1:
        return LowPass(cutoff_hz=_log_uniform(rng, 20.0, 40_000.0), slope_db_per_oct=slope)
    shape: FilterShape = rng.choice(["bell", "low_shelf", "high_shelf"])
    freq_hz, q = _log_uniform(rng, 10.0, 40_000.0), _log_uniform(rng, 0.1, 20.0)
    return EqBand(type=shape, freq_hz=freq_hz, gain_db=float(rng.uniform(-24, 24)), q=q)


def test_the_fifth_bell_goes_into_a_second_equaliser():
    bells = [EqBand(type="bell", freq_hz=100.0 * nth, gain_db=1.0, q=1.0) for nth in range(1, 6)]
    first, second = _inserts([stage for bell in bells for stage in stages_of(bell, 48_000)])
    assert (first.label, second.label) == ("AMA EQ", "AMA EQ 2")
    assert (first.key, second.key) == ("eq", "eq2")
    assert {one.which for one in first.parts[0].settings} >= {18, 19, 20, 21}
    assert {one.which: one.value for one in second.parts[0].settings}[2] == 500.0


def test_a_low_pass_switches_the_high_pass_off():
    (insert,) = _inserts(stages_of(LowPass(cutoff_hz=8000.0), 48_000))
    assert {one.which: one.value for one in insert.base} == {0: 0.0, 3: 0.0, 6: 1.0}
    (part,) = insert.parts
    assert {one.which: one.value for one in part.settings}[3] == 1.0
    assert isinstance(stages_of(LowPass(cutoff_hz=8000.0), 48_000)[0], Pass)
