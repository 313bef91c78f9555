-- AMA's Lua: `include` is the bundler's (ama_bridge/daw/lua_scripts.py); the rest is what a DAW gives to its scripts.
std = "lua53"
max_line_length = 140
files["ama_bridge/daw/scripts"] = {
  read_globals = {"include"},
}
files["ama_bridge/daw/scripts/ardour"] = {
  globals = {"factory"},
  read_globals = {"include", "ardour", "ARDOUR", "PBD", "Session", "Editor", "LuaDialog"},
}
files["ama_bridge/daw/scripts/reaper"] = {
  read_globals = {"include", "reaper"},
  globals = {"gfx"},
}
