"""REAPER projects on disk: `rpp` is their text, `file` reads a session from one, `daw` writes a plan into a copy of one."""
