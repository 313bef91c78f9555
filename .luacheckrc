-- AMA's Lua: `include` is the bundler's (ama_bridge/daw/lua_scripts.py); the rest is what a DAW gives to its scripts.
std = "lua53"
max_line_length = 140
exclude_files = {".venv*", "reapack"} -- what tools/reapack_index.py makes of the scripts
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
files["tests/daw/reaper/fake"] = { -- it makes the surroundings of a script
  globals = {"reaper", "gfx", "python", "io", "os", "package", "loadfile", "dofile", "print"},
}
