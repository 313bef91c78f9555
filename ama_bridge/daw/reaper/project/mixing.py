"""Which of two items that lie over each other on one track is heard: what the project's settings call the item mix behaviour (ITEMMIX)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

from ama_bridge.daw.reaper.project.items import Item

_SAME_S: Final = 1e-3


class ItemMix(IntEnum):
    """The three settings in REAPER's order ("Enclosed items replace enclosing items", "Items always mix", "Items always replace earlier items")."""

    ENCLOSED_REPLACE = 0
    ALWAYS_MIX = 1
    LATER_REPLACE = 2

    @staticmethod
    def of(number: int) -> ItemMix:
        """Return the setting that a project's number means."""
        return ItemMix(number) if number in {0, 1, 2} else ItemMix.ALWAYS_MIX


def covering(items: Sequence[Item], mixing: ItemMix) -> Iterator[tuple[Item, bool]]:
    """Yield items in the order in which they lie over each other, and whether they replace what is below them."""
    below: list[Item] = []
    for item in sorted(items, key=lambda item: (item.position_s, -item.length_s)):
        below = [each for each in below if each.end_s - item.position_s > _SAME_S]
        yield item, any(_replaces(item, each, mixing) for each in below)
        below.append(item)


def _replaces(item: Item, below: Item, mixing: ItemMix) -> bool:
    overlap_s = min(item.end_s, below.end_s) - item.position_s
    if overlap_s <= _SAME_S or item.lane != below.lane:
        return False
    if mixing is ItemMix.ENCLOSED_REPLACE:
        return item.end_s <= below.end_s
    return mixing is ItemMix.LATER_REPLACE and not _is_crossfade(item, below, overlap_s)


def _is_crossfade(item: Item, below: Item, overlap_s: float) -> bool:
    """Say whether both fade just where they lie over each other: then both are heard there."""
    lengths = (item.fade_in.length_s, below.fade_out.length_s)
    return item.end_s > below.end_s and all(abs(s - overlap_s) <= _SAME_S for s in lengths)
