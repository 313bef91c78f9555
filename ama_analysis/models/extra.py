"""Optional libraries, imported when a helper needs them; where one is absent, a sentence says what to install."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ama_analysis.errors import MissingExtraError


def required(module: str, *, extra: str = "ml") -> ModuleType:
    """Return a module of an optional dependency; `MissingExtraError` (AMA-901) where it, or something below it, is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        name = error.name or module
        message = f"This needs {name}, which is not installed here."
        raise MissingExtraError(
            message, hint=f"Install it: pip install 'ama-bridge[{extra}]'."
        ) from error


def is_there(module: str) -> bool:
    """Return whether a top-level module can be found, without importing it."""
    return find_spec(module) is not None
