"""The plugins of one strip as they fill up: which equaliser has a band left, which filter a side.

They stand in the order in which the audition renders them: gates, filters, equalisers, then other dynamics in the order in which they come, a
level last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, assert_never

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.a_comp import AComp
from ama_bridge.daw.ardour.dynamics.a_exp import AExp
from ama_bridge.daw.ardour.request import Insert, Part, Setting
from ama_bridge.daw.ardour.stages import Bell, Level, Pass, Shelf, Stage
from ama_bridge.daw.bandwidth import bandwidth_of

Slot: TypeAlias = str
_BELLS: Final[tuple[Slot, ...]] = ("bell 1", "bell 2", "bell 3", "bell 4")


@dataclass(kw_only=True)
class _Plugin:
    """A plugin that is being filled."""

    key: str
    label: str
    uri: str
    base: tuple[Setting, ...]
    free: set[Slot] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stereo_uri: str = ""
    sidechain_from: str | None = None
    if_missing: str = ""

    def insert(self) -> Insert:
        return Insert(
            key=self.key,
            label=self.label,
            uri=self.uri,
            stereo_uri=self.stereo_uri,
            type="lua" if self.uri == ace.FILTERS else "lv2",
            base=self.base,
            parts=tuple(_joined(self.parts)),
            sidechain_from=self.sidechain_from,
            if_missing=self.if_missing,
            note="; ".join(dict.fromkeys(self.notes)),
        )


def _joined(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield parts with those of one suggestion under one condition put together."""
    by_condition: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Setting]] = {}
    for part in parts:
        key = (part.suggestion, part.when, part.unless)
        by_condition.setdefault(key, []).extend(part.settings)
    for (suggestion, when, unless), settings in by_condition.items():
        yield Part(suggestion=suggestion, settings=tuple(settings), when=when, unless=unless)


class Rack:
    """Takes stages and dynamics, gives inserts."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._gates: list[_Plugin] = []
        self._filters: list[_Plugin] = []
        self._equalisers: list[_Plugin] = []
        self._dynamics: list[_Plugin] = []
        self._levels: list[_Plugin] = []

    def inserts(self) -> tuple[Insert, ...]:
        """Return the plugins in their order."""
        effects = (*self._filters, *self._equalisers, *self._dynamics, *self._levels)
        return tuple(one.insert() for one in (*self._gates, *effects))

    def add_stages(self, suggestion: str, stages: Sequence[Stage], note: str = "") -> None:
        """Put filters and bands where there is room, into plugins of their own where there is none."""
        for stage in stages:
            plugin, settings = self._placed(stage)
            plugin.parts.append(Part(suggestion=suggestion, settings=settings))
            if note:
                plugin.notes.append(note)

    def _placed(self, stage: Stage) -> tuple[_Plugin, tuple[Setting, ...]]:
        match stage:
            case Bell():
                plugin, slot = self._equaliser(_BELLS)
                return plugin, _bell_settings(stage, ace.BELLS[_BELLS.index(slot)])
            case Shelf():
                plugin, _ = self._equaliser((f"{stage.side} shelf",))
                ports = ace.LOW_SHELF if stage.side == "low" else ace.HIGH_SHELF
                gain = _gain_setting(ports.gain, stage.gain_db)
                return plugin, _settings((ports.freq, stage.freq_hz), gain, (ports.switch, 1.0))
            case Level():
                plugin, _ = self._equaliser(("master",))
                return plugin, _settings((ace.MASTER_GAIN, stage.gain_db))
            case Pass():
                return self._filter(stage), _pass_settings(stage)
            case _:
                assert_never(stage)

    def _equaliser(self, slots: Sequence[Slot]) -> tuple[_Plugin, Slot]:
        for plugin in self._equalisers:
            for slot in slots:
                if slot in plugin.free:
                    plugin.free.remove(slot)
                    return plugin, slot
        free = {*_BELLS, "low shelf", "high shelf", "master"}
        self._equalisers.append(_numbered("eq", "AMA EQ", ace.EQ, ace.EQ_BASE, self._equalisers))
        self._equalisers[-1].free = free
        return self._equaliser(slots)

    def _filter(self, stage: Pass) -> _Plugin:
        for plugin in self._filters:
            if stage.side in plugin.free:
                plugin.free.remove(stage.side)
                return plugin
        made = _numbered("filters", "AMA Filters", ace.FILTERS, ace.FILTERS_BASE, self._filters)
        made.free = {"high", "low"}
        self._filters.append(made)
        return self._filter(stage)

    def add_gate(self, suggestion: str, settings: AExp, note: str) -> None:
        """Put a gate before all else; the mono plugin, as with compressors."""
        plugin = _numbered("gate", "AMA Gate", ace.EXPANDER, ace.EXPANDER_BASE, self._gates)
        plugin.parts.append(Part(suggestion=suggestion, settings=settings.settings()))
        plugin.notes.append(note)
        self._gates.append(plugin)

    def add_compressor(
        self, suggestion: str, settings: AComp, note: str, *, sidechain_from: str | None = None
    ) -> None:
        """Put a compressor behind what is there.

        It is the mono plugin, of which Ardour runs one for each channel of a stereo track: the audition's channels are not linked either. A
        side-chain has one key for both channels, as a-comp's stereo variant has.
        """
        ducks = sidechain_from is not None
        key, label = ("duck", "AMA Ducker") if ducks else ("comp", "AMA Compressor")
        alike = [one for one in self._dynamics if one.label.startswith(label)]
        plugin = _numbered(key, label, ace.COMPRESSOR, ace.COMPRESSOR_BASE, alike)
        values = settings.settings()
        if ducks:
            plugin.stereo_uri, plugin.sidechain_from = ace.COMPRESSOR_STEREO, sidechain_from
            values = (*values, Setting(which=ace.SIDECHAIN, value=1.0))
        plugin.parts.append(Part(suggestion=suggestion, settings=values))
        plugin.notes.append(note)
        self._dynamics.append(plugin)

    def add_limiter(self, suggestion: str, settings: tuple[Setting, ...], if_missing: str) -> None:
        """Put a limiter behind what is there."""
        alike = [one for one in self._dynamics if one.uri == ace.LIMITER_STEREO]
        plugin = _numbered("limiter", "AMA Limiter", ace.LIMITER_STEREO, ace.LIMITER_BASE, alike)
        plugin.if_missing = if_missing
        plugin.parts.append(Part(suggestion=suggestion, settings=settings))
        plugin.notes.append(
            "loudness within about 0.1 LU of the audition's, the true peak at the ceiling"
        )
        self._dynamics.append(plugin)

    def add_level(self, suggestion: str, gain_db: float) -> None:
        """Put an equaliser that is only a level behind all else: what a make-up has no range for."""
        plugin = _numbered("level", "AMA Make-up", ace.EQ, ace.EQ_BASE, self._levels)
        gain = ace.in_range(ace.EQ, ace.MASTER_GAIN, gain_db)
        plugin.parts.append(
            Part(suggestion=suggestion, settings=_settings((ace.MASTER_GAIN, gain)))
        )
        self._levels.append(plugin)


FADER_LEVEL: Final = Insert(key="fader", label="AMA Level", uri=ace.EQ, base=ace.EQ_BASE)
"""Behind everything: what a fader has no range for."""


def _numbered(
    key: str, label: str, uri: str, base: tuple[Setting, ...], there: Sequence[_Plugin]
) -> _Plugin:
    """Return a new plugin; the second of a kind is called so."""
    nth = len(there) + 1
    number = f" {nth}" if nth > 1 else ""
    return _Plugin(
        key=f"{key}{nth}" if nth > 1 else key, label=f"{label}{number}", uri=uri, base=base
    )


def _settings(*values: tuple[int, float]) -> tuple[Setting, ...]:
    return tuple(Setting(which=which, value=value) for which, value in values)


def _bell_settings(bell: Bell, ports: ace.BellPorts) -> tuple[Setting, ...]:
    bandwidth = ace.in_range(ace.EQ, ports.bandwidth, bandwidth_of(bell.q))  # back from the quality
    return _settings(
        (ports.freq, bell.freq_hz),
        _gain_setting(ports.gain, bell.gain_db),
        (ports.bandwidth, bandwidth),
        (ports.switch, 1.0),
    )


def _gain_setting(which: int, gain_db: float) -> tuple[int, float]:
    return which, ace.in_range(ace.EQ, which, ace.reaching(gain_db))


def _pass_settings(stage: Pass) -> tuple[Setting, ...]:
    ports = ace.HIGH_PASS if stage.side == "high" else ace.LOW_PASS
    q = ace.in_range(ace.FILTERS, ports.resonance, stage.q)  # 0.1 less the last digit
    return _settings((ports.steepness, 1.0), (ports.freq, stage.freq_hz), (ports.resonance, q))
