"""The version of this installation."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def version() -> str:
    """Return the installed distribution's version, or "0+checkout" where it runs from a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("ama-bridge")
    except PackageNotFoundError:
        return "0+checkout"
