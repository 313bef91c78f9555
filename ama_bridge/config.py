"""Settings, read once: where the service and its page listen, where state, cache and the user's own targets lie, how much is logged.

From the weakest to the strongest: the defaults below, the environment (`VARIABLES`), the command line.
No other module looks into the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import OptionError

HOST: Final = "127.0.0.1"
"""AMA listens on loopback and nowhere else."""
OSC_PORT: Final = 9720
HTTP_PORT: Final = 9721
CACHE_MIB: Final = 256
"""Some two thousand tracks of a song's length."""
OFF: Final = "off"
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
VARIABLES: Final[dict[str, str]] = {
    "AMA_OSC_PORT": f"the OSC service's UDP port ({OSC_PORT}; 0 lets the system choose)",
    "AMA_HTTP_PORT": f"the TCP port of the page and its JSON interface ({HTTP_PORT}; 0 lets the system choose)",
    "AMA_STATE": "the folder for sessions, plans, decisions, receipts and the log",
    "AMA_PRESETS": "the folder of your own targets, which `ama presets save` writes",
    "AMA_CACHE": (
        "the folder that keeps measurements by the content of their files, so that nothing is measured twice;"
        f" `{OFF}` keeps nothing"
    ),
    "AMA_WEIGHTS": "the folder of the weights for separation, which `ama separate --download` fills (a folder in the user's cache)",
    "AMA_GAIN_WEIGHTS": "a file of the gain predictor's weights that `ama train` wrote, in place of those that ship",
    "AMA_CACHE_MIB": f"how large that folder may grow, in MiB ({CACHE_MIB}); what was not used for longest goes first",
    "AMA_PREFERENCES": f"`{OFF}`: learn nothing from what you accept, edit and reject, and leave aside what was learned",
    "AMA_ARDOUR_PORT": "the UDP port at which Ardour listens for OSC (what Ardour's own settings say, else 3819)",
    "AMA_LOG_LEVEL": f"how much the log says: {', '.join(LOG_LEVELS)} (INFO)",
}
"""The environment variables that AMA reads, with their meaning and default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set from outside."""

    state_dir: Path
    presets_dir: Path | None = None
    cache_dir: Path | None = None
    cache_mib: int = CACHE_MIB
    weights_dir: Path = Path("weights")
    gain_weights: Path | None = None
    osc_port: int = OSC_PORT
    http_port: int = HTTP_PORT
    page: bool = True
    config_home: Path | None = None
    reaper_home: Path | None = None
    ardour_port: int | None = None
    log_level: str = "INFO"
    preferences: bool = True

    def __post_init__(self) -> None:
        for what, port in (("OSC", self.osc_port), ("HTTP", self.http_port)):
            if not 0 <= port <= 65_535:
                message = f"The {what} port is {port}."
                raise OptionError(message, hint="Ports go from 1 to 65535 (0: any that is free).")
        if self.ardour_port is not None and not 1 <= self.ardour_port <= 65_535:
            message = f"Ardour's OSC port is {self.ardour_port}."
            raise OptionError(message, hint="Ports go from 1 to 65535.")
        if not 1 <= self.cache_mib <= 1_000_000:
            message = f"The cache's size is {self.cache_mib} MiB."
            raise OptionError(message, hint=f"It is 1 or more; AMA_CACHE={OFF} keeps nothing.")
        if self.log_level not in LOG_LEVELS:
            message = f"The log level is {self.log_level!r}."
            raise OptionError(message, hint=f"It is one of {', '.join(LOG_LEVELS)}.")


def read_settings(
    *,
    osc_port: int | None = None,
    http_port: int | None = None,
    page: bool = True,
    state_dir: Path | None = None,
    caching: bool = True,
    preferences: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings; arguments given win over the environment. `OptionError` (AMA-501) names a bad value."""
    env = os.environ if environment is None else environment  # noqa: TID251  # the one reader
    try:
        return Settings(
            osc_port=_whole(env, "AMA_OSC_PORT", OSC_PORT) if osc_port is None else osc_port,
            http_port=_whole(env, "AMA_HTTP_PORT", HTTP_PORT) if http_port is None else http_port,
            page=page,
            state_dir=state_dir or _state_dir(env.get("AMA_STATE")),
            presets_dir=_presets_dir(env.get("AMA_PRESETS")),
            cache_dir=_cache_dir(env.get("AMA_CACHE")) if caching else None,
            cache_mib=_whole(env, "AMA_CACHE_MIB", CACHE_MIB),
            weights_dir=_weights_dir(env.get("AMA_WEIGHTS")),
            gain_weights=_file(env.get("AMA_GAIN_WEIGHTS")),
            config_home=config_home(env),
            reaper_home=reaper_home(env),
            ardour_port=_whole(env, "AMA_ARDOUR_PORT", 0) or None,
            log_level=(env.get("AMA_LOG_LEVEL") or "INFO").upper(),
            preferences=preferences and (env.get("AMA_PREFERENCES") or "").lower() != OFF,
        )
    except RuntimeError as error:  # neither HOME nor the system says where it is
        message = "Nothing says where your home folder is."
        folders = "AMA_STATE, AMA_PRESETS, AMA_CACHE and AMA_WEIGHTS"
        raise OptionError(message, hint=f"Set HOME, or name folders with {folders}.") from error


def config_home(environment: Mapping[str, str]) -> Path | None:
    """Return the folder where the user's programs keep their settings, as Ardour looks for it; None where nothing tells."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Preferences"
    named = environment.get("XDG_CONFIG_HOME")
    if named:
        return Path(named)
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Path(local) if local else None
    home = environment.get("HOME")
    return Path(home) / ".config" if home else None


def reaper_home(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the folder where REAPER keeps a user's things unless it is a portable one; None where nothing tells."""
    home, roaming = environment.get("HOME"), environment.get("APPDATA")
    if platform == "win32":
        return Path(roaming) / "REAPER" if roaming else None
    if platform == "darwin":
        return Path(home) / "Library" / "Application Support" / "REAPER" if home else None
    roots = [environment.get("XDG_CONFIG_HOME"), f"{home}/.config" if home else None]
    found = [Path(root) / "REAPER" for root in roots if root]
    return next((folder for folder in found if folder.is_dir()), found[0] if found else None)


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    try:
        return int(text)
    except ValueError as error:
        message = f"{name} is {text!r}."
        raise OptionError(message, hint="It must be a whole number.") from error


def _state_dir(text: str | None) -> Path:
    if text:
        return Path(text).expanduser()
    import platformdirs

    return platformdirs.user_state_path("ama", appauthor=False)


def _presets_dir(text: str | None) -> Path:
    if text:
        return Path(text).expanduser()
    import platformdirs

    return platformdirs.user_data_path("ama", appauthor=False) / "presets"


def _cache_dir(text: str | None) -> Path | None:
    if text and text.lower() == OFF:
        return None
    if text:
        return Path(text).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("ama", appauthor=False)


def _file(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def _weights_dir(text: str | None) -> Path:
    if text:
        return Path(text).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("ama", appauthor=False) / "weights" / "umxhq"
