"""The wiring: the one module that names concrete DAWs, what is installed into them, and the life of a service from lock to last log line."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.assistant import Assistant
from ama_bridge.cache_folder import cache_of
from ama_bridge.config import HOST, OSC_PORT, Settings
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.setting_up import ArdourSetup
from ama_bridge.daw.folder import STANDING as FOLDER_STANDING
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Daw, Standing
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.reaper.jsfx_text import folder_in
from ama_bridge.daw.reaper.project.daw import ProjectCopy
from ama_bridge.daw.reaper.setting_up import ReaperSetup
from ama_bridge.lock import FolderLock
from ama_bridge.osc_server import OscServer
from ama_bridge.separating import Separating
from ama_bridge.service.analyst import Analyst, RealAnalyst
from ama_bridge.service.handover import Delivery, daw_named
from ama_bridge.service.housekeeping import Removed, tidy
from ama_bridge.service.learning import learner_of
from ama_bridge.store import Store

if TYPE_CHECKING:
    from ama_bridge.web import Listening, PageServer

LOG_BYTES: Final = 1_000_000
LOG_FILES: Final = 3

_log = logging.getLogger(__name__)


def daws_for(settings: Settings) -> dict[str, Daw]:
    """Return every DAW of this version by name."""
    reaper = reaper_setup(settings)
    to_reaper = ReaperDaw(mailbox=Mailbox(reaper.mailbox, "REAPER"), places=reaper.places)
    daws: tuple[Daw, ...] = (FolderDaw(), ardour_for(settings), to_reaper)
    return {daw.name: daw for daw in daws}


def ardour_for(settings: Settings) -> ArdourDaw:
    """Return the Ardour on this machine."""
    setup = ardour_setup(settings)
    box = ArdourMailbox(setup.mailbox)
    return ArdourDaw(mailbox=box, places=setup.places, port=settings.ardour_port)


def assistant_for(settings: Settings, analyst: Analyst | None = None) -> Assistant:
    """Return an Assistant with its store, every DAW of this version, and what it learns of the user."""
    learner = learner_of(settings)
    weights = Separating(folder=settings.weights_dir).weights
    store = Store(settings.state_dir)
    analyst = analyst or RealAnalyst(
        cache_of(settings),
        learner.preferences,
        weights,
        gain_weights=settings.gain_weights,
        sums_dir=store.renders,
    )
    return Assistant(
        store,
        daws_for(settings),
        analyst,
        learner,
        presets_dir=settings.presets_dir,
        look=partial(standings, settings),
    )


def delivery_to(daw: str, settings: Settings) -> Delivery:
    """Return the way to a DAW without a service."""
    return Delivery(
        daw=daw_named(daws_for(settings), daw),
        store=Store(settings.state_dir),
        learner=learner_of(settings),
    )


def delivery_to_copy(
    daw: str, out: Path, settings: Settings, *, project: Path | None, with_jsfx: bool
) -> Delivery:
    """Return the way into a copy of a DAW's project; `OptionError` (AMA-502) for a DAW whose projects AMA does not write."""
    if daw != "reaper":
        message = f"AMA writes no copies of projects for {daw!r}."
        raise OptionError(message, hint="It does for reaper.", code="AMA-502")
    copy = ProjectCopy(
        out=out.absolute(),
        state=settings.state_dir,
        project=project.absolute() if project else None,
        jsfx=jsfx_folder(settings) if with_jsfx else None,
    )
    return Delivery(daw=copy, store=Store(settings.state_dir))


def jsfx_folder(settings: Settings) -> str:
    """Return where AMA's JSFX are under REAPER's Effects."""
    return folder_in(place.folder for place in reaper_setup(settings).places())


def fx_chain_folders(settings: Settings) -> tuple[Path, ...]:
    """Return where REAPER looks for AMA's FX chains; `DeliveryError` (AMA-706) where no REAPER is found."""
    setup = reaper_setup(settings)
    found = tuple(place.folder / "FXChains" / "AMA" for place in setup.places())
    if not found:
        message = f"No REAPER has settings in {setup.home}."
        raise DeliveryError(message, hint="Name a folder with --out.", code="AMA-706")
    return found


def install_into(
    daw: str,
    settings: Settings,
    *,
    into: Path | None,
    remove: bool,
    dry_run: bool,
    enable_osc: bool,
) -> tuple[str, ...]:
    """Install AMA's scripts into a DAW, or with `remove` take them out; return what was done line by line, and what is left to the user.

    `into` is the folder of a portable REAPER. `OptionError` for a DAW that has none (AMA-502) or an option that it does not have,
    `DeliveryError` (AMA-706) where the DAW's folders are not found, one of them is in use, or a file of its is odd; then nothing is changed.
    """
    if daw == "reaper":
        if enable_osc:
            message = "AMA does not write REAPER's settings."
            raise OptionError(message, hint="docs/reaper.md tells how to switch OSC on in REAPER.")
        return reaper_setup(settings).install(into=into, remove=remove, dry_run=dry_run)
    if daw != "ardour":
        message = f"This version has no scripts for {daw!r}."
        raise OptionError(message, hint="It has them for ardour and reaper.", code="AMA-502")
    if into is not None:
        message = "Only a portable REAPER is installed into by its folder."
        raise OptionError(message, hint="Leave --into out for Ardour.")
    return ardour_setup(settings).install(remove=remove, dry_run=dry_run, enable_osc=enable_osc)


def ardour_setup(settings: Settings) -> ArdourSetup:
    """Return what finds Ardour's settings and puts AMA's scripts into them."""
    return ArdourSetup(
        config_home=settings.config_home,
        mailbox=settings.state_dir.absolute() / "ardour",
        service_port=settings.osc_port or OSC_PORT,
        ardour_port=settings.ardour_port,
    )


def reaper_setup(settings: Settings) -> ReaperSetup:
    """Return what finds REAPER's folders and puts AMA's files into them."""
    return ReaperSetup(home=settings.reaper_home, mailbox=settings.state_dir.absolute() / "reaper")


def ardour_lines(settings: Settings) -> tuple[str, ...]:
    """Return how each Ardour on this machine stands, for `ama doctor`: settings, scripts, OSC, whether it runs."""
    return ardour_setup(settings).lines()


def reaper_lines(settings: Settings) -> tuple[str, ...]:
    """Return how each REAPER on this machine stands, for `ama doctor`: folder, scripts, OSC and web, as its settings say."""
    return reaper_setup(settings).lines()


def standings(settings: Settings) -> tuple[Standing, ...]:
    """Return how every DAW stands, each looked at for some milliseconds."""
    return (FOLDER_STANDING, ardour_setup(settings).standing(), reaper_setup(settings).standing())


def tidy_state(settings: Settings) -> Removed:
    """Remove from the state folder what nothing refers to any more."""
    setups = (ardour_setup(settings), reaper_setup(settings))
    boxes = [Mailbox(setup.mailbox, "") for setup in setups]
    return tidy(Store(settings.state_dir), boxes)


def log_path(state_dir: Path) -> Path:
    """Return where a service writes its log."""
    return state_dir / "log" / "ama.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where a service is reached: the port of its OSC, and the address of its page, empty where it has none."""

    osc_port: int
    page_url: str


def serve(settings: Settings, *, on_ready: Callable[[Doors], None]) -> None:
    """Run a service until SIGINT or SIGTERM; `on_ready` hears where it is reached.

    Raises `DeliveryError`: AMA-703 where a port or the state folder is in use, AMA-701 where the folder is not writable.
    """
    with FolderLock(settings.state_dir):
        handler = _log_to(log_path(settings.state_dir), settings.log_level)
        try:
            removed = tidy_state(settings)
            if removed.count:
                _log.info("%s", removed.sentence())
            _serve(settings, on_ready)
        finally:
            logging.getLogger().removeHandler(handler)
            with suppress(OSError):  # of a full disk; the service has done its work
                handler.close()


def _serve(settings: Settings, on_ready: Callable[[Doors], None]) -> None:
    with ExitStack() as ending:
        assistant = assistant_for(settings)
        ending.callback(assistant.close)
        listening = _page_port(settings) if settings.page else None
        if listening is not None:
            ending.callback(listening.close)
        http_port = listening.port if listening else 0
        server = OscServer(assistant, settings.osc_port, http_port=http_port)
        ending.callback(_log.info, "stopped")
        ending.callback(server.close)
        ending.enter_context(_stopped_by_signals(server))
        if listening is not None:
            ending.callback(_page(listening, assistant, server).close)
        ending.callback(assistant.close)  # first, so that whoever waits for a job is answered
        ending.callback(_log.info, "stopping")
        _log.info("listening at %s:%d", HOST, server.port)
        on_ready(Doors(osc_port=server.port, page_url=listening.url if listening else ""))
        assistant.take_up()
        server.serve()


def _page_port(settings: Settings) -> Listening:
    from ama_bridge.web import Listening

    return Listening(settings.http_port)


def _page(listening: Listening, assistant: Assistant, server: OscServer) -> PageServer:
    from ama_bridge.web import PageServer

    page = PageServer(listening, assistant, server.handlers, osc_port=server.port)
    page.start()
    return page


@contextmanager
def _stopped_by_signals(server: OscServer) -> Iterator[None]:
    """Let SIGINT and SIGTERM stop the service, whichever thread catches them."""
    before = {
        each: signal.signal(each, lambda *_: server.stop())
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    woken_before = signal.set_wakeup_fd(server.wakeup_fd, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken_before)
        for each, handler in before.items():
            signal.signal(each, handler)


def _log_to(path: Path, level: str) -> logging.Handler:
    logging.raiseExceptions = False  # a full disk is no reason to print tracebacks
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler
