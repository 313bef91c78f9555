"""Runs AMA's bundled scripts in a headless Ardour, loaded just as Ardour loads an action script.

The text is scanned with nothing but `ardour()`, its `factory` is dumped without upvalues and loaded again into the globals that an action has:
no `require`, `debug`, `coroutine`, `package`, `rawget`; sandboxed no `io`, `os` and `loadfile` either. `window` adds a LuaDialog that answers
from a list and writes down what was shown.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ama_bridge.daw import lua_scripts
from ama_bridge.osc_packets import Message, messages_of
from tests.daw.ardour.made_sessions import OPENING, lua_text, run_lua

LOADER = r"""
local FORBIDDEN = {require = true, dofile = true, debug = true, coroutine = true, package = true, rawget = true, rawset = true, module = true}
local SANDBOXED = {io = true, os = true, loadfile = true}

function action(path, options)
  options = options or {}
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  local header
  local scanned = {ardour = function(found) header = found end}
  assert(load(text, "=" .. path, "t", scanned))()
  for key, value in pairs(header) do assert(type(value) == "string", key) end
  assert(header.type == "EditorAction")
  local environment = {Session = Session}
  for name, value in pairs(_G) do
    if not FORBIDDEN[name] and not (options.sandboxed and SANDBOXED[name]) then environment[name] = value end
  end
  environment._G = environment
  for name, value in pairs(options.globals or {}) do environment[name] = value end
  local factory = assert(load(string.dump(scanned.factory, true), "=factory", "b", environment))
  return factory()
end

shown = {}
function window(answers)
  local function show(kind)
    return function(title, second)
      shown[#shown + 1] = {kind = kind, title = title, rows = type(second) == "table" and second or nil,
        text = type(second) == "string" and second or nil}
      return {run = function()
        if kind == "message" then return 2 end
        local answer = table.remove(answers, 1)
        if type(answer) == "function" then answer = answer(second) end
        return answer
      end}
    end
  end
  return {LuaDialog = {Dialog = show("dialog"), Message = show("message"), MessageType = {Info = 0, Warning = 1, Question = 2, Error = 3},
    ButtonType = {OK = 0, Close = 1, Cancel = 2, Yes_No = 3, OK_Cancel = 4}}}
end
function as_shown(rows)
  local answer = {}
  for _, row in ipairs(rows) do if row.key then answer[row.key] = row.default end end
  return answer
end
function route(name)
  local found = Session:route_by_name(name)
  assert(not found:isnil(), name)
  return found
end
function id_of(name) return route(name):to_stateful():id():to_s() end
NOGROUP = PBD.GroupControlDisposition.NoGroup
"""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A session, a mailbox, and the three scripts that are bound to that mailbox."""

    session: Path
    folder: Path
    port: int = 0
    paths: dict[str, Path] = field(default_factory=dict)

    @property
    def mailbox(self) -> Path:
        return self.folder / "mail é"

    def read(self, name: str) -> Any:
        return json.loads((self.mailbox / name).read_text(encoding="utf-8"))

    def put(self, name: str, document: object) -> None:
        (self.mailbox / name).write_text(json.dumps(document), encoding="utf-8")

    def run(self, lua: str, *, save: bool = False, timeout_s: float = 120) -> str:
        """Open the session, run the Lua text (which calls `apply`, `revert` or `export`), and return what it printed."""
        actions = "\n".join(
            f"function {name}(options) return action({lua_text(path)}, options)() end"
            for name, path in self.paths.items()
        )
        saving = 'Session:save_state("", false, false, false, false, false)' if save else ""
        script = f"""{OPENING}
Session = load_session({lua_text(self.session.parent)}, {lua_text(self.session.stem)})
{LOADER}
{actions}
local ok, why = xpcall(function() {lua}
end, debug.traceback)
if not ok then print("Error: " .. tostring(why)) end
ARDOUR.LuaAPI.usleep(100000)
{saving}
close_session()
print("DONE")
quit()
"""
        return run_lua(script, home=self.folder / "home", timeout_s=timeout_s)


def bench(session: Path, folder: Path, *, port: int = 0, **values: lua_scripts.Value) -> Bench:
    """Return a bench whose scripts lie in `folder`; further values are filled into the scripts."""
    made = Bench(session=session, folder=folder, port=port)
    made.mailbox.mkdir(parents=True, exist_ok=True)
    for name in lua_scripts.SCRIPTS:
        text = lua_scripts.script(name, {"mailbox": str(made.mailbox), "port": port, **values})
        path = folder / f"{name.rpartition('/')[2]}.lua"
        path.write_text(text, encoding="utf-8")
        made.paths[path.stem] = path
    return made


class Listener:
    """What comes in on a UDP port of this machine; read it when the sender is done."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    def messages(self) -> list[Message]:
        """Return all that came in until now."""
        found = []
        while True:
            try:
                datagram = self._socket.recv(65_536)
            except BlockingIOError:
                return found
            assert len(datagram) < 1024 or b"/session/track" in datagram
            for message in messages_of(datagram):
                assert isinstance(message, Message)
                found.append(message)

    def close(self) -> None:
        self._socket.close()


def texts(messages: list[Message]) -> dict[tuple[str, str], list[str]]:
    """Return the texts that were sent in parts, each put together: (what, id) -> the texts in their order."""
    whole: dict[tuple[str, str], list[str]] = {}
    parts: list[str] = []
    for message in messages:
        if message.address != "/ama/v1/daw/text":
            continue
        what, name, part, count, chunk = message.arguments
        assert part == len(parts)
        parts.append(str(chunk))
        if len(parts) == count:
            whole.setdefault((str(what), str(name)), []).append("".join(parts))
            parts = []
    return whole
