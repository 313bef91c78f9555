"""The real Ardour's own mix of a session: its master, exported as 32-bit floating point at the session's rate."""

from __future__ import annotations

import subprocess

import numpy as np
import soundfile

from tests.daw.ardour.made_sessions import (
    OPENING,
    ArdourDiedError,
    lua_text,
    run_lua,
)

PRESET_ID = "2c4a2b0e-8a53-4f0e-9d2e-0a3a5d1f7e11"
FORMAT_ID = "20b4ab09-6452-4cb3-bd66-b921cdbd2942"
"""Ardour's own format "BWAV 32float Export"."""
TRIES = 3
EXPORT_S = 150.0
"""An export takes two to ten seconds; one of some two hundred stood still for ever, all threads waiting for each other, on a machine with much to do."""
LEAVING = 'print("DONE")\nos.exit(0, false)'
"""Ardour 7.3 without a window dies in two to four of ten attempts to close a session that was exported, in none of eight that just end."""
PRESET = f"""<?xml version="1.0" encoding="UTF-8"?>
<ExportPreset id="{PRESET_ID}" name="AMA test">
  <ExportFormat id="{FORMAT_ID}"/>
  <ExportFilename>
    <Folder relative="1" path="export"/>
    <Field name="label" enabled="0"/><Field name="session" enabled="0"/><Field name="snapshot" enabled="0"/>
    <Field name="timespan" enabled="1"/><Field name="revision" enabled="0"/>
    <Field name="time" enabled="0" value="T_None"/><Field name="date" enabled="0" value="D_None"/>
  </ExportFilename>
</ExportPreset>
"""


def exported_mix(session_file, *, frames, rate, lua="", name="mix"):
    """Return what Ardour exports of its master, (2, frames), after the script `lua` has changed the session."""
    home = session_file.parent.parent / "home"
    for version in (6, 7, 8, 9):
        presets = home / ".config" / f"ardour{version}" / "export"
        presets.mkdir(parents=True, exist_ok=True)
        (presets / "ama-test.preset").write_text(PRESET)
    out = session_file.parent.parent / "exported"
    out.mkdir(exist_ok=True)
    script = f"""
{OPENING}
load_session({lua_text(session_file.parent)}, {lua_text(session_file.stem)})
{lua}
ARDOUR.LuaAPI.usleep(500000)
local x = Session:simple_export()
x:set_folder({lua_text(out)})
x:set_name({lua_text(name)})
x:set_range(0, {frames})
tell("PRESET", tostring(x:set_preset("{PRESET_ID}")))
tell("OUTPUTS", tostring(x:check_outputs()))
tell("EXPORTED", tostring(x:run_export()))
{LEAVING}"""
    said = _run(script, home=home, out=out, name=name)
    assert "PRESET\ttrue" in said, said
    (file,) = [p for p in out.iterdir() if p.stem == name]
    samples, found_rate = soundfile.read(file, dtype="float32", always_2d=True)
    assert soundfile.info(file).subtype == "FLOAT"
    assert found_rate == rate
    return np.ascontiguousarray(samples.T)


def _run(script, *, home, out, name):
    for attempt in range(TRIES):
        for old in out.glob(f"{name}.*"):
            old.unlink()
        try:
            return run_lua(script, home=home, timeout_s=EXPORT_S)
        except (ArdourDiedError, subprocess.TimeoutExpired):
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def null_db(ours, theirs, *, skip):
    """Return how far below `theirs` the difference lies, dB, behind the first `skip` frames, at the best shift of up to 4096 frames."""
    n = min(ours.shape[1], theirs.shape[1])
    ours, theirs = ours[:, :n].astype(np.float64), theirs[:, :n].astype(np.float64)
    size = 1 << (2 * n - 1).bit_length()
    spectra = np.fft.rfft(theirs.sum(0), size) * np.conj(np.fft.rfft(ours.sum(0), size))
    correlation = np.fft.irfft(spectra, size)
    shifts = np.r_[np.arange(4097), np.arange(-4096, 0)]
    shift = int(shifts[np.argmax(correlation[shifts])])
    if shift >= 0:
        ours, theirs = ours[:, : n - shift], theirs[:, shift:]
    else:
        ours, theirs = ours[:, -shift:], theirs[:, : n + shift]
    ours, theirs = ours[:, skip:], theirs[:, skip:]
    power = np.mean((ours - theirs) ** 2) / np.mean(theirs**2)
    return float(10 * np.log10(power + 1e-30)), shift
