"""Targets and chains by name: those that ship, and the user's own targets.

The user's own are TOML files in one folder (AMA_PRESETS), written by `ama presets save` or by hand, and found like the built-in ones.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.cache import NO_CACHE, Cache
from ama_analysis.chains import chain_json, chain_names, load_chain
from ama_analysis.data import data_folder
from ama_analysis.errors import OptionError, PresetError
from ama_analysis.measured_target import target_toml
from ama_analysis.models.umx_weights import UmxWeights
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_bridge.atomic import write_atomically
from ama_bridge.version import version

if TYPE_CHECKING:
    from ama_analysis.target import Target

SUFFIX: Final = ".toml"
_NAME: Final = re.compile(r"\w([\w -]{0,78}[\w-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A target or chain."""

    name: str
    what: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A target that was written."""

    path: Path
    target: Target
    usable_name: str
    """What `--target` takes: the name where the file lies among the user's own, else its path."""


def own_targets(folder: Path | None) -> dict[str, Path]:
    """Return the files of the user's folder by the names of their targets."""
    if folder is None:
        return {}
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def presets(folder: Path | None) -> tuple[Preset, ...]:
    """Return all targets, the user's own after those that ship, then all chains."""
    chains = [
        Preset(name=name, what="chain", title=load_chain(name).title) for name in chain_names()
    ]
    return (*targets(folder), *chains)


def targets(folder: Path | None) -> tuple[Preset, ...]:
    """Return all targets, the user's own after those that ship; each is read once as long as its file stays the same."""
    own = [
        Preset(name=name, what="target", title=f"{_own_title(path)} (yours)")
        for name, path in own_targets(folder).items()
    ]
    return (*_shipped_targets(), *own)


@lru_cache(maxsize=1)
def _shipped_targets() -> tuple[Preset, ...]:
    from ama_analysis.presets import target_names

    folder = data_folder("presets") / "targets"
    texts = {name: (folder / f"{name}{SUFFIX}").read_text("utf-8") for name in target_names()}
    return tuple(
        Preset(name=name, what="target", title=str(tomllib.loads(text).get("title", name)))
        for name, text in texts.items()
    )


def _own_title(path: Path) -> str:
    try:
        return _title(path, path.stat().st_mtime_ns)
    except OSError as error:
        return f"cannot be used: {error.strerror}"
    except PresetError as error:
        return f"cannot be used: {error.message}"


@lru_cache(maxsize=256)
def _title(path: Path, _changed_ns: int) -> str:
    from ama_analysis.presets import load_target

    return load_target(str(path)).title


def preset_text(name: str, folder: Path | None) -> str:
    """Return a preset as it is written: a target's TOML or a chain's JSON, by name or from a file. `PresetError` (AMA-301) where there is none."""
    from ama_analysis.presets import target_names

    if name in target_names():
        return (data_folder("presets") / "targets" / f"{name}{SUFFIX}").read_text(encoding="utf-8")
    if name in chain_names() or name.endswith(".json"):
        return json.dumps(chain_json(load_chain(name)), indent=2, ensure_ascii=False) + "\n"
    own = own_targets(folder)
    if name in own or name.endswith(SUFFIX):
        return _text_of(own.get(name, Path(name)))
    message = f"There is no preset {name!r}."
    targets = ", ".join((*target_names(), *own))
    hint = f"Targets: {targets}; chains: {', '.join(chain_names())}."
    raise PresetError(message, hint=hint, code="AMA-301")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise PresetError(message, hint="Check the file.", code="AMA-301") from error


def found_target(name: str | None, folder: Path | None) -> str | None:
    """Return what `load_target` reads under a name: a built-in name or a path as it is, the path of one of the user's own.

    `PresetError` (AMA-301), with all names, where none is meant.
    """
    from ama_analysis.presets import target_names

    if name is None or name.endswith(SUFFIX) or name in target_names():
        return name
    own = own_targets(folder)
    if name in own:
        return str(own[name])
    message = f"There is no target {name!r}."
    yours = f"; yours: {', '.join(own)}" if own else ""
    hint = f"Built in are: {', '.join(target_names())}{yours}; or give the path of a .toml file."
    raise PresetError(message, hint=hint, code="AMA-301")


def save_target(
    name: str,
    references: Sequence[Reference],
    *,
    style: str | None,
    out: Path | None,
    folder: Path,
    overwrite: bool,
    cache: Cache = NO_CACHE,
    separation: UmxWeights | None = None,
    on_progress: OnProgress,
) -> Saved:
    """Measure references and write the target that they make to `out`, a .toml file, else as NAME.toml into `out` or the user's `folder`.

    `style` (as `load_target` takes it) gives roles and ceiling; with `separation` the references' parts have a say in the roles. `OptionError` (AMA-501) for a name that cannot be one, and for a file
    that is there already, unless it may be overwritten.
    """
    from ama_analysis.advise import refuse_to_overwrite
    from ama_analysis.advise.targets import DEFAULT_STYLE, target_for

    path = _path(name, out or folder)
    if path.exists() and not overwrite:
        message = f"{path} is there already."
        raise OptionError(message, hint="Choose another name, or --force to write over it.")
    refuse_to_overwrite([path], [reference.path for reference in references])
    target = target_for(style, references, on_progress, cache=cache, separation=separation)
    source = f"measured by AMA {version()} of {len(target.references)} references"
    text = target_toml(target, source=source, base=f"the target {style or DEFAULT_STYLE}")
    write_atomically(path, text.encode("utf-8"))
    own = own_targets(folder).get(path.stem) == path
    return Saved(path=path, target=target, usable_name=path.stem if own else str(path))


def _path(name: str, out: Path) -> Path:
    from ama_analysis.presets import target_names

    if not _NAME.fullmatch(name):
        message = f"{name!r} cannot be the name of a target."
        raise OptionError(
            message, hint="Names are letters, digits, - and _, and blanks between them."
        )
    if out.suffix == SUFFIX:
        return out
    if out.suffix and not out.exists():
        message = f"{out} is neither a {SUFFIX} file nor a folder that is there."
        raise OptionError(message, hint="Name one of these.")
    if name in target_names():
        message = f"{name!r} is a target that ships with AMA."
        raise OptionError(message, hint="Choose another name.")
    return out / f"{name}{SUFFIX}"
