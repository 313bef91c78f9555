"""AMA's Lua modules in Lua 5.3 without a DAW: each loaded with nothing but what the test gives it, and strings as bytes."""

from __future__ import annotations

from pathlib import Path

from lupa.lua53 import LuaRuntime

from ama_bridge.daw import lua_scripts

FOLDER = Path(lua_scripts.__file__).parent / "scripts"

STRICT = b"""
local allowed = ...
return function(text, name)
  local environment = setmetatable({}, {
    __index = function(_, key)
      local value = allowed[key]
      if value == nil and not allowed.absent[key] then error("the global " .. tostring(key) .. " is not there", 2) end
      return value
    end,
    __newindex = function(_, key) error("a global is made: " .. tostring(key), 2) end,
  })
  return assert(load(text, "=" .. name, "t", environment))()
end
"""
PLAIN = b"""
return {string = string, table = table, math = math, utf8 = utf8, io = io, os = os, pairs = pairs, ipairs = ipairs, next = next,
  type = type, tostring = tostring, tonumber = tonumber, error = error, pcall = pcall, select = select, load = load,
  setmetatable = setmetatable, getmetatable = getmetatable, absent = {}}
"""


class Modules:
    """Loads modules by name; `globals_` (Lua text that returns a table) come on top of plain Lua, `absent` names are nil instead of an error."""

    def __init__(self, globals_: bytes = b"return {}", absent: tuple[str, ...] = ()) -> None:
        self.lua = LuaRuntime(encoding=None, unpack_returned_tuples=True)
        allowed = self.lua.execute(PLAIN)
        for key, value in self.lua.execute(globals_).items():
            allowed[key] = value
        for name in absent:
            allowed[name.encode()] = None
            allowed[b"absent"][name.encode()] = True
        self._loader = self.lua.execute(STRICT, allowed)
        self._loaded: dict[bytes, object] = {}
        allowed[b"include"] = self.include

    def include(self, name: bytes):
        if name not in self._loaded:
            text = (FOLDER / f"{name.decode()}.lua").read_bytes()
            self._loaded[name] = self._loader(text, name)
        return self._loaded[name]

    def __getitem__(self, name: str):
        return self.include(name.encode())
