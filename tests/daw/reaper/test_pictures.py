"""The pictures of the docs: drawn from what the scripts draw, and labelled so."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from PIL import Image

from tests.daw.reaper.fake.window import Shape

reaper_pictures = import_module("tools.reaper_pictures")
ACCENT = (0x4C, 0xB5, 0xA6)
CLOSE = 3
"""Of 255, for colours that were reduced to a palette."""


def test_shapes_lie_where_and_as_they_were_drawn():
    red, white = (1.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
    shapes = [
        Shape("rect", (0, 0, 40, 30, 1), white),
        Shape("rect", (10, 10, 20, 5, 1), red),
        Shape("circle", (5, 25, 3, 1, 1), red),
        Shape("line", (30, 25, 38, 25, 1), red),
    ]
    drawn = np.asarray(reaper_pictures.picture(shapes, 40, 30))
    assert drawn.shape == (30, 40, 3)
    for x, y in ((20, 12), (5, 25), (34, 25)):
        red_part, green_part, _ = drawn[y, x]
        assert red_part > 200 > 100 > green_part, (x, y)
    assert drawn[2, 2].tolist() == [255, 255, 255]


def test_every_window_is_drawn_with_its_label(tmp_path, monkeypatch):
    monkeypatch.setattr(reaper_pictures, "OUT", tmp_path)
    reaper_pictures.main()
    found = sorted(path.stem for path in tmp_path.glob("*.png"))
    assert found == ["apply", "export", "listening", "settings"]
    for path in tmp_path.glob("*.png"):
        image = np.asarray(Image.open(path).convert("RGB")).astype(int)
        assert (np.abs(image - ACCENT).max(axis=2) <= CLOSE).any()
        assert (
            image[-2, 2] - image[60, 40]
        ).max() > 100  # the strip below is light, the window dark


def test_the_docs_have_them():
    there = {path.stem for path in (reaper_pictures.CHECKOUT / "docs" / "reaper").glob("*.png")}
    assert there == {"apply", "export", "listening", "settings"}
