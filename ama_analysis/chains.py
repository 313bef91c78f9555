"""Chains: lists of Pedalboard plugins with their settings, as data. A chain is a JSON file of the schema "ama.chain/1".

    {"schema": "ama.chain/1", "name": "kick", "title": "...", "description": "...", "role": "kick", "sources": ["..."],
     "plugins": [{"plugin": "HighpassFilter", "parameters": {"cutoff_frequency_hz": 30.0}}, ...],
     "fader_db": -3.0, "pan": 0.0,                                optional: for the DAW's own fader and balance
     "not_in_chain": [{"kind": "sidechain", "values": {...}}],    optional: what was asked for and Pedalboard cannot hold
     "states": {...}}                                             optional: what the chain does, in figures (`States`)

Plugin and parameter names are Pedalboard's own, parameters are numbers in the unit of their name. `presets/chain.schema.json` is the
same as a JSON Schema. The chains that ship lie in `presets/chains/`, their name is the file's stem. This module knows no audio library:
`render.load_preset` makes a `pedalboard.Pedalboard` of a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from ama_analysis.data import data_folder
from ama_analysis.errors import PresetError
from ama_analysis.roles import ROLES
from ama_analysis.session import FADER_RANGE_DB

CHAIN_SCHEMA: Final = "ama.chain/1"

Json: TypeAlias = Mapping[str, Any]
Range: TypeAlias = tuple[float, float]

_HZ: Final[Range] = (5.0, 40_000.0)
_BAND: Final[dict[str, Range]] = {
    "cutoff_frequency_hz": _HZ,
    "gain_db": (-24.0, 24.0),
    "q": (0.1, 20.0),
}
_DYNAMICS: Final[dict[str, Range]] = {
    "threshold_db": (-100.0, 20.0),
    "ratio": (1.0, 100.0),
    "attack_ms": (0.0, 1000.0),
    "release_ms": (0.0, 10_000.0),
}
PLUGINS: Final[dict[str, dict[str, Range]]] = {
    "Invert": {},
    "Delay": {"delay_seconds": (0.0, 1.0), "feedback": (0.0, 0.99), "mix": (0.0, 1.0)},
    "HighpassFilter": {"cutoff_frequency_hz": _HZ},
    "LowpassFilter": {"cutoff_frequency_hz": _HZ},
    "PeakFilter": _BAND,
    "LowShelfFilter": _BAND,
    "HighShelfFilter": _BAND,
    "Compressor": _DYNAMICS,
    "NoiseGate": _DYNAMICS,
    "Gain": {"gain_db": (-150.0, 60.0)},
    "BrickwallLimiter": {
        "ceiling_db": (-60.0, 0.0),
        "release_ms": (1.0, 5000.0),
        "lookahead_ms": (0.1, 50.0),
        "true_peak": (0.0, 1.0),
    },
}
"""Every plugin that a chain may hold, with each parameter's range; all parameters must be given."""
SWITCHES: Final = frozenset({"true_peak"})
"""The parameters that are true or false."""
_REQUIRED: Final = ("schema", "name", "title", "description", "role", "sources", "plugins")
_OPTIONAL: Final = ("fader_db", "pan", "not_in_chain", "states")
MASTER_ROLE: Final = "master"
_LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSetting:
    """One plugin of Pedalboard with all its parameters."""

    plugin: str
    parameters: Mapping[str, float | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdOctaveClaim:
    """By how much the chain's filters change a third-octave band of pink noise, dB."""

    freq_hz: float
    change_db: float
    tolerance_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """What a chain says of itself, and a test hears: the loudness change at a nominal -18 dBFS RMS (the whole chain, LU), and bands."""

    level_change_lu: float
    third_octaves: tuple[ThirdOctaveClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain file's content; `role` is one of AMA's roles or "master"."""

    name: str
    title: str
    description: str
    role: str
    sources: tuple[str, ...]
    plugins: tuple[PluginSetting, ...]
    fader_db: float | None = None
    pan: float | None = None
    not_in_chain: tuple[Json, ...] = ()
    states: States | None = None


def chain_names() -> tuple[str, ...]:
    """Return the names of the chains that ship, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("*.json")))


def load_chain(name: str | Path) -> Chain:
    """Return a chain that ships, by name, or the one in a file (a Path, or a string that ends in .json).

    Raises `PresetError`: AMA-301 where there is no such name or file, AMA-302 where the file is not a valid chain.
    """
    if isinstance(name, str) and not name.endswith(".json"):
        if name not in chain_names():
            message = f"There is no chain {name!r}."
            hint = f"There are: {', '.join(chain_names())}."
            raise PresetError(message, hint=hint, code="AMA-301")
        name = _folder() / f"{name}.json"
    path = Path(name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise PresetError(message, hint="Name a chain file.", code="AMA-301") from error
    except (ValueError, RecursionError) as error:
        message = f"{path} is not a chain: it is no JSON ({error})."
        raise PresetError(message, hint="Mend or replace the file.") from error
    return parse_chain(content, str(path))


def parse_chain(content: object, where: str) -> Chain:
    """Return the chain of a decoded JSON document; `PresetError` (AMA-302) names `where` and the first thing that is wrong."""
    return _Reader(where).chain(content)


def chain_json(chain: Chain) -> dict[str, Any]:
    """Return a chain as a document for `json.dumps`; `parse_chain` gives the chain back."""
    content: dict[str, Any] = {
        "schema": CHAIN_SCHEMA,
        "name": chain.name,
        "title": chain.title,
        "description": chain.description,
        "role": chain.role,
        "sources": list(chain.sources),
        "plugins": [{"plugin": p.plugin, "parameters": dict(p.parameters)} for p in chain.plugins],
    }
    if chain.fader_db is not None:
        content["fader_db"] = chain.fader_db
    if chain.pan is not None:
        content["pan"] = chain.pan
    if chain.not_in_chain:
        content["not_in_chain"] = [dict(item) for item in chain.not_in_chain]
    if chain.states is not None:
        content["states"] = {
            "level_change_lu": chain.states.level_change_lu,
            "third_octaves": [
                {"freq_hz": c.freq_hz, "change_db": c.change_db, "tolerance_db": c.tolerance_db}
                for c in chain.states.third_octaves
            ],
        }
    return content


def _folder() -> Path:
    return data_folder("presets") / "chains"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Checks a document while it reads it, and speaks in sentences."""

    where: str

    def chain(self, content: object) -> Chain:
        top = self._object(content, "the file", required=_REQUIRED, optional=_OPTIONAL)
        if top["schema"] != CHAIN_SCHEMA:
            raise self._wrong("schema", top["schema"], f'"{CHAIN_SCHEMA}"')
        if top["role"] not in (*ROLES, MASTER_ROLE):
            raise self._wrong("role", top["role"], f"one of {', '.join((*ROLES, MASTER_ROLE))}")
        plugins = self._list(top["plugins"], "plugins")
        sources = self._list(top["sources"], "sources")
        asides = self._list(top.get("not_in_chain", []), "not_in_chain")
        return Chain(
            name=self._text(top["name"], "name"),
            title=self._text(top["title"], "title"),
            description=self._text(top["description"], "description"),
            role=top["role"],
            sources=tuple(self._text(s, f"sources[{n}]") for n, s in enumerate(sources)),
            plugins=tuple(self._plugin(p, f"plugins[{n}]") for n, p in enumerate(plugins)),
            fader_db=self._maybe(top, "fader_db", FADER_RANGE_DB),
            pan=self._maybe(top, "pan", (-1.0, 1.0)),
            not_in_chain=tuple(self._aside(a, f"not_in_chain[{n}]") for n, a in enumerate(asides)),
            states=self._states(top["states"]) if "states" in top else None,
        )

    def _plugin(self, content: object, at: str) -> PluginSetting:
        item = self._object(content, at, required=("plugin", "parameters"))
        name = item["plugin"]
        if not isinstance(name, str) or name not in PLUGINS:
            raise self._wrong(f"{at}.plugin", name, f"one of {', '.join(PLUGINS)}")
        ranges = PLUGINS[name]
        given = self._object(item["parameters"], f"{at}.parameters", required=tuple(ranges))
        return PluginSetting(
            plugin=name,
            parameters={
                key: self._switch(given[key], f"{at}.parameters.{key}")
                if key in SWITCHES
                else self._number(given[key], f"{at}.parameters.{key}", ranges[key])
                for key in ranges
            },
        )

    def _aside(self, content: object, at: str) -> Json:
        item = self._object(content, at, required=("kind", "values"))
        self._text(item["kind"], f"{at}.kind")
        if not isinstance(item["values"], dict):
            raise self._wrong(f"{at}.values", item["values"], "an object")
        return item

    def _states(self, content: object) -> States:
        item = self._object(content, "states", required=("level_change_lu", "third_octaves"))
        claims = self._list(item["third_octaves"], "states.third_octaves")
        return States(
            level_change_lu=self._number(
                item["level_change_lu"], "states.level_change_lu", (-24.0, 24.0)
            ),
            third_octaves=tuple(
                self._claim(c, f"states.third_octaves[{n}]") for n, c in enumerate(claims)
            ),
        )

    def _claim(self, content: object, at: str) -> ThirdOctaveClaim:
        item = self._object(content, at, required=("freq_hz", "change_db", "tolerance_db"))
        return ThirdOctaveClaim(
            freq_hz=self._number(item["freq_hz"], f"{at}.freq_hz", (20.0, 20_000.0)),
            change_db=self._number(item["change_db"], f"{at}.change_db", (-60.0, 24.0)),
            tolerance_db=self._number(item["tolerance_db"], f"{at}.tolerance_db", (0.05, 6.0)),
        )

    def _object(
        self,
        content: object,
        at: str,
        *,
        required: tuple[str, ...],
        optional: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise self._wrong(at, content, "an object")
        for key in required:
            if key not in content:
                raise self._invalid(f"{at} lacks {key!r}")
        for key in content:
            if key not in (*required, *optional):
                raise self._invalid(f"{at} has {key!r}, which a chain does not know")
        return content

    def _list(self, content: object, at: str) -> list[Any]:
        if not isinstance(content, list):
            raise self._wrong(at, content, "a list")
        return content

    def _text(self, content: object, at: str) -> str:
        if not isinstance(content, str) or not content:
            raise self._wrong(at, content, "a text that is not empty")
        return content

    def _switch(self, content: object, at: str) -> bool:
        if not isinstance(content, bool):
            raise self._wrong(at, content, "true or false")
        return content

    def _number(self, content: object, at: str, allowed: Range) -> float:
        low, high = allowed
        is_switch = isinstance(content, bool)
        if isinstance(content, int | float) and not is_switch and low <= content <= high:
            return float(content)
        raise self._wrong(at, content, f"a number from {low:g} to {high:g}")

    def _maybe(self, top: Json, key: str, allowed: Range) -> float | None:
        return self._number(top[key], key, allowed) if key in top else None

    def _wrong(self, at: str, content: object, wanted: str) -> PresetError:
        return self._invalid(f"{at} is {_shown(content)}, it must be {wanted}")

    def _invalid(self, what: str) -> PresetError:
        message = f"{self.where} is not a valid chain: {what}."
        return PresetError(message, hint="presets/chain.schema.json says how a chain is written.")


def _shown(content: object) -> str:
    shown = json.dumps(content, ensure_ascii=False, default=str)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}..."
