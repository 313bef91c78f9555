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

function post(from, to)
  local file = io.open(from, "rb")
  if not file then return end
  local text = file:read("a")
  file:close()
  file = assert(io.open(to, "wb"))
  file:write(text)
  file:close()
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
local say = print
function print(...)
  local words = table.pack(...)
  for at = 1, words.n do words[at] = tostring(words[at]) end
  say(table.concat(words, "\t"))
end
NOGROUP = PBD.GroupControlDisposition.NoGroup
function shown_processors(name)
  local found, at = {}, 0
  local r = name == "master" and Session:master_out() or route(name)
  while true do
    local p = r:nth_processor(at)
    if p:isnil() then return found end
    if p:display_to_user() then found[#found + 1] = p end
    at = at + 1
  end
end
function names(name)
  local list = {}
  for at, p in ipairs(shown_processors(name)) do list[at] = p:display_name() end
  return table.concat(list, ", ")
end
function add(name, uri, at)
  local p = ARDOUR.LuaAPI.new_plugin(Session, uri, ARDOUR.PluginType.LV2, "")
  assert(route(name):add_processor_by_index(p, at or 0, nil, true) == 0)
  return p
end
function fader(name, value)
  local control = route(name):gain_control()
  if value then control:set_value(value, NOGROUP) end
  return control:get_value()
end
-- Every value of the mixer, and the ids of every processor in their order, as text.
function state()
  local lines = {}
  for r in Session:get_routes():iter() do
    local function say(...) lines[#lines + 1] = r:name() .. " " .. string.format(...) end
    local pan = r:pan_azimuth_control()
    say("gain %.9g pan %.9g muted %s", r:gain_control():get_value(), pan:isnil() and -1 or pan:get_value(), r:muted())
    for channel = 0, r:n_inputs():n_audio() - 1 do say("polarity %s", r:phase_control():inverted(channel)) end
    local at = 0
    while true do
      local p = r:nth_processor(at)
      if p:isnil() then break end
      say("%s %s %s", p:to_stateful():id():to_s(), p:display_name(), p:active())
      local insert = p:to_insert()
      if not insert:isnil() then
        local plugin, nth = insert:plugin(0), 0
        for port = 0, plugin:parameter_count() - 1 do
          if plugin:parameter_is_control(port) then
            if plugin:parameter_is_input(port) then
              say("  %d %.9g", nth, ARDOUR.LuaAPI.get_processor_param(p, nth, true))
            end
            nth = nth + 1
          end
        end
      end
      at = at + 1
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end
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

    def ask(self, document: object) -> None:
        """Let every `apply()` that follows find this request: the script takes it out of the mailbox."""
        text = document if isinstance(document, str) else json.dumps(document)
        (self.folder / "wanted.json").write_text(text, encoding="utf-8")

    def run(self, lua: str, *, save: bool = False, timeout_s: float = 120) -> str:
        """Open the session, run the Lua text (which calls `apply`, `revert` or `export`), and return what it printed."""
        places = (self.folder / "wanted.json", self.mailbox / "request.json")
        posting = f"post({lua_text(places[0])}, {lua_text(places[1])})"
        actions = "\n".join(
            f"function {name}(options) {posting if name == 'apply' else ''} return action({lua_text(path)}, options)() end"
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
    for name in lua_scripts.scripts_of("ardour"):
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
        found: list[Message] = []
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
