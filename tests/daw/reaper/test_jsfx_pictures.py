"""What the three effects draw, and what the mouse does in AMA EQ: their @gfx run by Cockos's own EEL2 on a screen of ours."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.plan import SLOPES_DB_PER_OCT, EqBand, HighPass, LowPass
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.eel2.screen import Screen
from tests.daw.reaper.eel2.settings import any_eq, eq_sliders
from tests.signals import noise, sine

pytestmark = needs_eel2

RATE = 48_000
CURVE = 1024
"""Where ama_eq.jsfx keeps the curve that it draws."""
LEFT, RIGHT = 1, 2
CURVE_DB = 0.01
SHAPE, FREQ, GAIN, Q, SLOPE = range(5)


def eq(*bands):
    return Screen(effect=Effect("ama_eq", RATE, eq_sliders(bands)))


def slider(screen, band, field):
    return screen.number(f"slider{2 + 5 * (band - 1) + field}")


def nodes(screen):
    """Return where the bands' circles are, by the number written in them."""
    circles = [one for one in screen.drawn if one[0] == "circle" and one[4] == 0]
    names = [one[1] for one in screen.drawn if one[0] == "text" and one[1] in "12345678"]
    return {int(name): one[1:3] for name, one in zip(names, circles, strict=True)}


def place(screen, freq_hz, db):
    """Return where a frequency and a level are, by the scale that is drawn: 20 Hz to 20 kHz, the range up and down."""
    left, top, width, height = (screen.number(f"plot_{one}") for one in "xywh")
    share = np.log10(freq_hz / 20.0) / 3.0
    return left + width * share, top + height * (0.5 - 0.5 * db / screen.number("range_db"))


def hear(screen, frames=100):
    """Let audio run for a moment."""
    screen.effect.process(np.zeros((2, frames)))


def click(screen, where, buttons):
    screen.frame(*where)
    screen.frame(*where, buttons=buttons)
    screen.frame(*where)


@pytest.mark.parametrize(
    "bands",
    [
        (EqBand(type="bell", freq_hz=500, gain_db=7, q=2),),
        (EqBand(type="low_shelf", freq_hz=200, gain_db=-9, q=0.7),),
        (EqBand(type="high_shelf", freq_hz=3000, gain_db=9, q=1.5),),
        *((HighPass(cutoff_hz=120, slope_db_per_oct=slope),) for slope in SLOPES_DB_PER_OCT),
        *((LowPass(cutoff_hz=4000, slope_db_per_oct=slope),) for slope in SLOPES_DB_PER_OCT),
        (HighPass(cutoff_hz=60), EqBand(type="bell", freq_hz=2500, gain_db=3, q=1)),
    ],
)
def test_the_drawn_curve_is_what_is_heard(bands):
    screen = eq(*bands)
    impulse = np.zeros((2, 1 << 17))
    impulse[:, 0] = 1.0
    answer = np.abs(np.fft.rfft(screen.effect.process(impulse)[0])) + 1e-12
    screen.frame()
    points = round(screen.number("points"))
    drawn_db = np.array(screen.effect.machine.memory(CURVE, points))
    x = screen.number("plot_x") + 2.0 * np.arange(points)
    left, width = screen.number("plot_x"), screen.number("plot_w")
    freq_hz = 20.0 * 10.0 ** (3.0 * (x - left) / width)
    heard_db = np.interp(freq_hz, np.fft.rfftfreq(1 << 17, 1 / RATE), 20.0 * np.log10(answer))
    shown = (drawn_db > -40.0) & (freq_hz > 40.0)
    assert drawn_db[shown] == pytest.approx(heard_db[shown], abs=CURVE_DB)


def test_a_node_stands_at_the_bands_frequency_and_gain():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=6, q=1), HighPass(cutoff_hz=100))
    screen.frame()
    assert nodes(screen)[1] == pytest.approx(place(screen, 1000.0, 6.0))
    assert nodes(screen)[2] == pytest.approx(place(screen, 100.0, 0.0))


def test_the_scale_grows_with_the_gains():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=6, q=1))
    screen.frame()
    assert "+12" in screen.texts()
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=18, q=1))
    screen.frame()
    assert "+24" in screen.texts()


def test_a_band_under_the_mouse_is_told_in_words():
    screen = eq(
        EqBand(type="bell", freq_hz=1250, gain_db=-3.5, q=1.41),
        LowPass(cutoff_hz=9000, slope_db_per_oct=24),
    )
    screen.frame()
    screen.frame(*nodes(screen)[1])
    assert screen.texts()[-1] == "Band 1   Bell   1.25 kHz   -3.50 dB   Q 1.41"
    screen.frame(*nodes(screen)[2])
    assert screen.texts()[-1] == "Band 2   Low-pass   9.00 kHz   24 dB/oct"
    screen.frame(5, 5)
    assert screen.texts()[-1].startswith("Right-click: a new band.")


def test_a_band_is_dragged_without_a_jump_and_audio_follows():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    screen.frame()
    x, y = nodes(screen)[1]
    screen.frame(x + 3, y + 2)
    screen.frame(x + 3, y + 2, buttons=LEFT)
    assert slider(screen, 1, FREQ) == 1000
    wanted = place(screen, 4000.0, 9.0)
    screen.frame(wanted[0] + 3, wanted[1] + 2, buttons=LEFT)
    screen.frame(wanted[0] + 3, wanted[1] + 2)
    assert slider(screen, 1, FREQ) == pytest.approx(4000.0, abs=0.01)
    assert slider(screen, 1, GAIN) == pytest.approx(9.0, abs=0.01)
    assert set(screen.automated) == {2 ** (3 - 1), 2 ** (4 - 1)}
    hear(screen, 2000)
    fresh = Effect(
        "ama_eq", RATE, {2: 1, 3: slider(screen, 1, FREQ), 4: slider(screen, 1, GAIN), 5: 1}
    )
    assert screen.effect.machine.memory(0, 5) == pytest.approx(fresh.machine.memory(0, 5))
    screen.frame(5, 5)
    screen.frame(300, 100)
    assert slider(screen, 1, FREQ) == pytest.approx(4000.0, abs=0.01)


def test_a_pass_is_dragged_along_its_frequency_only():
    screen = eq(HighPass(cutoff_hz=100))
    screen.frame()
    x, y = nodes(screen)[1]
    screen.frame(x, y)
    screen.frame(x, y, buttons=LEFT)
    screen.frame(x + 40, y - 60, buttons=LEFT)
    assert slider(screen, 1, FREQ) > 120
    assert slider(screen, 1, GAIN) == 0


@pytest.mark.parametrize("where", [(-500.0, -500.0), (5000.0, 5000.0)])
def test_a_drag_out_of_the_window_stops_at_the_ends(where):
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    screen.frame()
    at = nodes(screen)[1]
    screen.frame(*at)
    screen.frame(*at, buttons=LEFT)
    screen.frame(*where, buttons=LEFT)
    assert slider(screen, 1, FREQ) in (10.0, 24_000.0)
    assert abs(slider(screen, 1, GAIN)) == 24.0
    hear(screen)


def test_the_wheel_turns_q_or_the_slope():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=3, q=1), HighPass(cutoff_hz=100))
    screen.frame()
    at = nodes(screen)
    screen.frame(*at[1], wheel=240)
    assert slider(screen, 1, Q) == pytest.approx(1.21)
    screen.frame(*at[2], wheel=120)
    assert slider(screen, 2, SLOPE) == 2
    for _ in range(9):
        screen.frame(*at[2], wheel=-120)
    assert slider(screen, 2, SLOPE) == 0
    screen.frame(5, 5, wheel=120)
    assert slider(screen, 1, Q) == pytest.approx(1.21)


def test_a_right_click_in_an_empty_place_makes_a_band_there():
    screen = eq(HighPass(cutoff_hz=100))
    screen.frame()
    screen.choice = 1
    click(screen, place(screen, 2000.0, -6.0), RIGHT)
    assert screen.menus == ["New bell|New low shelf|New high shelf|New high-pass|New low-pass"]
    made = [slider(screen, 2, field) for field in range(5)]
    assert made == pytest.approx([1, 2000.0, -6.0, 1.0, 1], abs=0.01)


def test_a_right_click_on_a_band_changes_its_shape_or_slope_or_takes_it_away():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    screen.frame()
    where = nodes(screen)[1]
    screen.choice = 5
    click(screen, where, RIGHT)
    assert slider(screen, 1, SHAPE) == 4
    screen.choice = 10
    click(screen, where, RIGHT)
    assert slider(screen, 1, SLOPE) == 3
    assert screen.menus[1].split("|")[9] == "24 dB/oct"
    screen.choice = 1
    click(screen, where, RIGHT)
    assert slider(screen, 1, SHAPE) == 0
    assert not nodes(screen)


def test_a_menu_left_without_a_choice_changes_nothing():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    screen.frame()
    click(screen, nodes(screen)[1], RIGHT)
    click(screen, place(screen, 100.0, 6.0), RIGHT)
    assert len(screen.menus) == 2
    assert not screen.automated


def test_a_ninth_band_is_refused_in_words():
    screen = eq(*(EqBand(type="bell", freq_hz=100 * 2**n, gain_db=0, q=1) for n in range(8)))
    screen.frame()
    screen.choice = 1
    click(screen, place(screen, 30.0, 10.0), RIGHT)
    assert screen.menus == ["#All eight bands are in use"]
    assert not screen.automated


def test_what_is_moved_while_no_audio_runs_is_drawn_all_the_same():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    hear(screen)
    screen.frame()
    screen.frame(*nodes(screen)[1], wheel=120)
    before = screen.number("version")
    for _ in range(8):
        screen.frame(5, 5)
    assert screen.number("version") == before + 1


def test_while_audio_runs_only_audio_takes_what_is_moved():
    screen = eq(EqBand(type="bell", freq_hz=1000, gain_db=0, q=1))
    screen.frame()
    where, before = nodes(screen)[1], screen.number("version")
    for _ in range(10):
        screen.frame(*where, wheel=120)
        assert screen.number("version") == before
        hear(screen)
        before += 1
        assert screen.number("version") == before


@pytest.mark.parametrize("size", [(640, 320), (1600, 900), (320, 200), (60, 40)])
@pytest.mark.parametrize("name", ["ama_eq", "ama_compressor", "ama_gate"])
def test_lines_and_areas_stay_inside_a_window_of_any_size(name, size):
    values = eq_sliders(any_eq(np.random.default_rng(1))) if name == "ama_eq" else {1: -40, 2: 8}
    effect = Effect(name, RATE, values)
    effect.process(noise(duration_s=0.3).samples)
    screen = Screen(effect=effect, width=size[0], height=size[1])
    screen.frame()
    lines = np.array([one[1:5] for one in screen.drawn if one[0] == "line"])
    areas = np.array([one[1:5] for one in screen.drawn if one[0] == "rect"])
    corners = np.concatenate(
        (lines[:, :2], lines[:, 2:], areas[:, :2], areas[:, :2] + areas[:, 2:])
    )
    assert np.all(np.isfinite(corners))
    assert np.min(areas[:, 2:]) >= 0
    if min(size) >= 200:
        assert np.min(corners) >= 0
        assert np.all(corners <= np.array(size) + 3)


def test_the_compressor_tells_how_far_it_turns_down_and_from_what():
    action = {1: -20, 2: 4, 3: 1, 4: 100}
    effect = Effect("ama_compressor", RATE, action)
    screen = Screen(effect=effect, height=220)
    screen.frame()
    assert screen.texts()[-1] == "Gain reduction 0.0 dB"
    effect.process(sine(1000.0, level_dbfs=0.0).samples)
    screen.frame()
    (told,) = [text for text in screen.texts() if text.startswith("Gain reduction")]
    assert 10.0 < float(told.split()[2]) < 15.0
    effect.move({7: 1})
    screen.frame()
    assert screen.texts()[-1].endswith(", from the side-chain")


def test_the_past_of_the_gain_reduction_is_as_deep_as_the_gain_was():
    effect = Effect("ama_compressor", RATE, {1: -20, 2: 4, 3: 1, 4: 50})
    loud = sine(1000.0, level_dbfs=0.0).samples
    out = effect.process(loud)
    gain_db = 20.0 * np.log10(np.max(np.abs(out[0, -480:])) / np.max(np.abs(loud[0])))
    screen = Screen(effect=effect, height=220)
    screen.frame()
    areas = [one for one in screen.drawn if one[0] == "rect"][1:]
    side = screen.number("side")
    assert len(areas) == 400
    assert areas[-1][4] / side * 24.0 == pytest.approx(-gain_db, abs=0.5)
    assert areas[0][4] == 0


def static_curve(screen):
    """Return the corners of the gate's curve in dB, by the scale that is drawn: -80 dB to 0 over the side."""
    blue = (0.36, 0.68, 0.96, 1.0)
    lines = [one[1:5] for one in screen.drawn if one[0] == "line" and one[-1] == blue]
    edge, side = screen.number("edge"), screen.number("side")
    ends = np.array([line[2:] for line in lines])
    return -80.0 * (1.0 - (ends[:, 0] - edge) / side), -80.0 * (ends[:, 1] - edge) / side


@pytest.mark.parametrize(("threshold_db", "ratio"), [(-30.0, 2.0), (-12.5, 5.0), (-70.0, 1.5)])
def test_the_gates_curve_is_what_comes_out_of_a_level_that_stays(threshold_db, ratio):
    effect = Effect("ama_gate", RATE, {1: threshold_db, 2: ratio, 3: 1, 4: 10})
    screen = Screen(effect=effect, height=220)
    screen.frame()
    level_db, drawn_db = static_curve(screen)
    assert np.min(level_db) < threshold_db - 3.0
    for at in range(0, len(level_db), 12):
        effect.start()
        out = effect.process(np.full((2, RATE // 5), 10.0 ** (level_db[at] / 20.0)))
        assert 20.0 * np.log10(out[0, -1]) == pytest.approx(drawn_db[at], abs=CURVE_DB)
    (mark,) = (one for one in screen.drawn if one[0] == "line" and one[-1][3] == 0.45)
    edge, side = screen.number("edge"), screen.number("side")
    assert -80.0 * (1.0 - (mark[1] - edge) / side) == pytest.approx(threshold_db)
    assert f"Threshold {threshold_db:.1f} dB" in screen.texts()


def test_the_gate_tells_how_far_it_turns_down_and_where_the_level_is():
    effect = Effect("ama_gate", RATE, {1: -20, 2: 2, 3: 1, 4: 20})
    screen = Screen(effect=effect, height=220)
    screen.frame()
    assert "Gain reduction 0.0 dB" in screen.texts()
    assert not [one for one in screen.drawn if one[0] == "circle"]
    effect.process(np.full((2, RATE), 10.0 ** (-32.0 / 20.0)))
    screen.frame()
    assert "Gain reduction 12.0 dB" in screen.texts()
    (dot,) = (one for one in screen.drawn if one[0] == "circle")
    side, edge = screen.number("side"), screen.number("edge")
    assert dot[1:3] == pytest.approx(
        (edge + side * (1 - 32.0 / 80.0), edge + side * 44.0 / 80.0), abs=0.1
    )
    areas = [one for one in screen.drawn if one[0] == "rect"][1:]
    assert len(areas) == 400
    assert areas[-1][4] / side * 48.0 == pytest.approx(12.0, abs=0.01)
    assert areas[0][4] == 0
    effect.process(np.zeros((2, RATE)))
    screen.frame()
    assert "Gain reduction over 100 dB" in screen.texts()


def test_the_gates_picture_is_of_the_channel_that_is_open():
    effect = Effect("ama_gate", RATE, {1: -40, 2: 10, 3: 1, 4: 20})
    sound = np.zeros((2, 2 * RATE))
    sound[1] = sine(1000.0, level_dbfs=-6.0, duration_s=2.0).samples[0]
    effect.process(sound)
    screen = Screen(effect=effect, height=220)
    screen.frame()
    assert "Gain reduction 0.0 dB" in screen.texts()
