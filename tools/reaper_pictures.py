"""Pictures of AMA's windows in REAPER for the docs: `python -m tools.reaper_pictures`.

They are no screenshots, for no REAPER runs here: the scripts run in the tests' fake REAPER, and what they draw there with `gfx` is drawn again with
Pillow. The shapes are the scripts' own; the font is matplotlib's. Look at the pictures before they are committed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from ama_bridge.daw import lua_scripts
from tests.daw.fake_reaper import FakeReaper
from tests.daw.reaper.fake.project import Project
from tests.daw.reaper.fake.window import Shape, Window

CHECKOUT: Final = Path(__file__).resolve().parents[1]
OUT = CHECKOUT / "docs" / "reaper"
SCALE: Final = 2
"""Pixels for one of a plain screen, as on a screen of high resolution."""
HOME: Final = "/home/ann"
RATE_HZ: Final = 8_000
COLOURS: Final = 128
POINTER: Final = (900.0, 730.0)
FINER: Final = 2
"""Drawn so many times as large, then made smaller, for smooth edges."""
LETTERS: Final = 0.88
"""Height of matplotlib's letters for REAPER's size of a font, so that texts come out about as wide as Arial's."""
LABEL: Final = "Drawn from the script's own drawing calls, with another font; not a screenshot."
MARGIN, STRIP, STRIP_TEXT = 12 * SCALE, 26 * SCALE, 12.0 * SCALE
"""Around the window, below it, and the size of the label there."""
PAPER, INK = (0xF4, 0xF5, 0xF7), (0x5A, 0x62, 0x6C)
Colour: TypeAlias = tuple[int, ...]

SUGGESTIONS: Final = (
    ("Lead vocal", "Fader -6.0 → -3.5 dB", "2.6 LU below where this style has it, and covered between 1 and 4 kHz.", True),
    ("Lead vocal", "High-pass 95 Hz, 24 dB/oct", "Nothing but rumble below 95 Hz (-41 dB).", True),
    ("Lead vocal", "Compressor 3:1 above -24.5 dB, attack 12 ms, release 140 ms", "Loudness swings by 9.1 LU; the style has 5.5.", True),
    ("Kick", "Fader -2.0 → -3.2 dB", "1.3 LU above where this style has it.", True),
    ("Kick", "EQ bell 320 Hz, -3.0 dB, Q 1.4", "4.2 dB above the reference between 250 and 400 Hz.", False),
    ("Bass", "Fader -8.0 → -6.5 dB", "1.4 LU below where this style has it.", True),
    ("Bass", "Duck by the kick, 2 dB", "Kick and bass share 60 to 90 Hz.", False),
    ("Master", "EQ high shelf 9 kHz, +1.5 dB", "The mix is 1.8 dB darker than the references above 9 kHz.", True),
    ("Master", "Limiter, ceiling -1.0 dBTP", "Peaks would reach +0.8 dBTP.", True),
)  # fmt: skip
"""Track, what, why, ticked: made up, as a plan might have them."""


@cache
def font(size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    """Return matplotlib's own font."""
    found = font_manager.findfont("DejaVu Sans:bold" if bold else "DejaVu Sans")
    return ImageFont.truetype(found, max(round(size * LETTERS), 1))


def width_of(text: str, size: float, bold: bool) -> float:  # noqa: FBT001  # as the fake's window asks
    """Return how wide a text is, in pixels."""
    return font(size, bold=bold).getlength(text)


def picture(shapes: Sequence[Shape], width: float, height: float) -> Image.Image:
    """Return what a script has drawn in one frame."""
    image = Image.new("RGB", (round(width) * FINER, round(height) * FINER))
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        colour = tuple(round(255 * part) for part in shape.colour[:3])
        _DRAW[shape.kind](pen, shape, colour)
    return image.resize((round(width), round(height)), Image.Resampling.LANCZOS)


def _rect(pen: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    x, y, w, h = (FINER * number for number in shape.numbers[:4])
    if w > 0 and h > 0:
        pen.rectangle((x, y, x + w - 1, y + h - 1), fill=colour)


def _round(pen: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    x, y, w, h, radius = (FINER * number for number in shape.numbers[:5])
    pen.rounded_rectangle((x, y, x + w, y + h), radius, outline=colour, width=FINER)


def _line(pen: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    pen.line([FINER * number for number in shape.numbers[:4]], fill=colour, width=FINER + 1)


def _circle(pen: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    x, y, radius = (FINER * number for number in shape.numbers[:3])
    x, y = x + FINER / 2, y + FINER / 2
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _text(pen: ImageDraw.ImageDraw, shape: Shape, colour: Colour) -> None:
    x, y, _, h = (FINER * number for number in shape.numbers[:4])
    pen.text((x, y + h / 2), shape.text, fill=colour, font=font(h, bold=shape.bold), anchor="lm")


_DRAW: Final[dict[str, Callable[[ImageDraw.ImageDraw, Shape, Colour], None]]] = {
    "rect": _rect,
    "roundrect": _round,
    "line": _line,
    "circle": _circle,
    "text": _text,
}


def sharpen(window: Window) -> None:
    """Let an open window be on a screen of high resolution."""
    window.measure = width_of
    window.variables[b"ext_retina"] = float(SCALE)
    window.resize(window.get("w") * SCALE, window.get("h") * SCALE)


def taken(window: Window, home: Path) -> Image.Image:
    """Return the window as it was drawn last, labelled for what it is; `home` is called by another name."""
    shapes = [replace(each, text=each.text.replace(str(home), HOME)) for each in window.last.shapes]
    drawn = picture(shapes, window.get("w"), window.get("h"))
    page = Image.new("RGB", (drawn.width + 2 * MARGIN, drawn.height + MARGIN + STRIP), PAPER)
    page.paste(drawn, (MARGIN, MARGIN))
    place = (MARGIN, drawn.height + MARGIN + STRIP / 2)
    ImageDraw.Draw(page).text(
        place, LABEL, fill=INK, font=font(STRIP_TEXT, bold=False), anchor="lm"
    )
    return page


class Studio:
    """A REAPER with a small project, and a service that is said to run."""

    def __init__(self, folder: Path) -> None:
        self.fake = FakeReaper(folder=folder, sample_rate_hz=RATE_HZ)
        noise = np.random.default_rng(1).uniform(-0.1, 0.1, (2, RATE_HZ)).astype(np.float32)
        self.fake.project.add("Drums", I_FOLDERDEPTH=1)
        for name, depth in (
            ("Kick", 0),
            ("Snare", 0),
            ("Overheads", -1),
            ("Bass", 0),
            ("Lead vocal", 0),
        ):
            self.fake.project.add(name, sound=noise, I_FOLDERDEPTH=depth)
        self.fake.project.add("Click", sound=noise, B_MUTE=1)
        self.mailbox = folder / "ama" / "reaper"
        self.post("service", pid=4711, time_s=self.fake.clock.unix_s() + 1000)

    def post(self, kind: str, **values: object) -> None:
        """Leave the scripts a text."""
        self.mailbox.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"schema": f"ama.{kind}/1", **values})
        (self.mailbox / f"{kind}.json").write_text(text, encoding="utf-8")

    def start(self, name: str) -> Window:
        """Run a script until its window stands."""
        values = {"mailbox": str(self.mailbox), "command": "ama"}
        self.fake.run(lua_scripts.script(name, values), name=lua_scripts.SCRIPTS[name])
        self.fake.spin(0.2)
        return self.fake.window

    def shown(self, window: Window) -> Image.Image:
        """Return the window as a screen of high resolution shows it."""
        sharpen(window)
        self.fake.spin(0.7)
        return taken(window, self.fake.folder)


def request(project: Project) -> dict[str, object]:
    """Return what AMA might want of the small project."""
    suggestions = []
    for at, (name, label, because, ticked) in enumerate(SUGGESTIONS):
        track = "master" if name == "Master" else project[name].guid
        suggestions.append(
            {"id": f"s{at}", "track": track, "track_name": name, "label": label, "because": because, "ticked": ticked}
        )  # fmt: skip
    return {
        "id": "plan",
        "session": "",
        "ask": True,
        "suggestions": suggestions,
        "skipped": [],
        "strips": [],
    }


def main() -> None:
    """Draw settings, export, listening and apply into docs/reaper."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        pictures = {"settings": studio.shown(studio.start("reaper/settings"))}
        studio.fake.stop()
        pictures["export"] = studio.shown(studio.start("reaper/export"))
        studio.fake.stop()
        window = studio.start("reaper/export")
        window.click_on("Export")
        studio.fake.spin(1)
        note = json.loads((studio.mailbox / "exported.json").read_text(encoding="utf-8"))
        studio.post("status", id=note["id"], share=0.42, stage="measuring Lead vocal", error="")
        pictures["listening"] = studio.shown(window)
        studio.fake.stop()
        window = studio.start("reaper/listen")
        text = json.dumps({"schema": "ama.reaper/1", **request(studio.fake.project)})
        (studio.mailbox / "request.json").write_text(text, encoding="utf-8")
        studio.fake.spin(1)
        window.events.append(lambda: window._mouse(*POINTER, 0))  # noqa: SLF001  # where a test's mouse is
        pictures["apply"] = studio.shown(window)
        studio.fake.stop()
    for name, image in pictures.items():
        image.quantize(COLOURS).save(OUT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
