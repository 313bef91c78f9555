"""FX chain files: AMA's JSFX as text, out of plans and out of the chains that ship."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, in_memory
from ama_analysis.chains import load_chain
from ama_analysis.errors import PresetError
from ama_analysis.plan import (
    Compressor,
    EqBand,
    Gain,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    Pan,
    Sidechain,
)
from ama_analysis.render import Chained
from ama_analysis.render.plugins import in_order, settings_of
from ama_analysis.render.preset import chain_settings
from ama_analysis.session import Session, track_of
from ama_bridge import cli
from ama_bridge.daw.reaper.jsfx_text import folder_in, sliders_of
from ama_bridge.daw.reaper.project.rpp import parsed
from ama_bridge.daw.reaper.rfx_chain import chain_of_chain, chains_of_plan, write_chains
from ama_bridge.shelf import presets
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.made_plans import plan_of, suggestion

RATE_HZ = 48_000
SAME_DB = -70.0
"""The audition's filters have coefficients of 32 bits, which leaves -77 dB here; a Q of 0.7 of one shelf in the place of 0.707 would leave -58 dB."""
COMPRESSOR = Compressor(threshold_db=-22.5, ratio=3, attack_ms=10, release_ms=120, knee_db=6, makeup_db=2)  # fmt: skip
GATE = Gate(threshold_db=-42.5, ratio=2.5, attack_ms=1.25, release_ms=180)
CHAINS = [preset.name for preset in presets(None) if preset.what == "chain"]


def session(tmp_path, *names):
    tracks = tuple(track_of(tmp_path / f"{n}.wav", track_id=f"id {n}", name=name) for n, name in enumerate(names))  # fmt: skip
    return Session(name="A Song", tracks=tracks, sample_rate_hz=RATE_HZ, duration_s=1.0)


def chunk_of(data):
    """Return a chain file as REAPER has it in a project."""
    return parsed(b"<FXCHAIN\n" + data + b">\n")


def sliders(effect):
    """Return the numbers of a JSFX by their sliders' numbers."""
    words = next(iter(effect.lines())).words
    return {at: float(w.text) for at, w in enumerate(words, 1) if w.text != "-"}


def test_a_file_is_what_stands_in_a_projects_chain(tmp_path):
    made = chains_of_plan(plan_of(session(tmp_path, "Vox"), suggestion("id 0", COMPRESSOR)))
    lines = made.files[0].data.decode().split("\n")
    assert lines[:2] == ["BYPASS 0 0 0", '<JS AMA/ama_compressor.jsfx "AMA Comp"']
    values = [
        "-22.500000",
        "3.000000",
        "10.000000",
        "120.000000",
        "6.000000",
        "2.000000",
        "0.000000",
    ]
    assert lines[2].split() == values + ["-"] * 57
    assert lines[3:5] == [">", "FLOATPOS 0 0 0 0"]
    assert uuid.UUID(lines[5].removeprefix("FXID ")).version == 5
    assert lines[6:] == ["WAK 0", ""]


def test_every_slider_of_the_effects_is_read_with_its_place():
    assert [s.number for s in sliders_of("ama_eq").values()] == list(range(1, 42))
    assert [s.number for s in sliders_of("ama_compressor").values()] == list(range(1, 8))
    assert [s.number for s in sliders_of("ama_gate").values()] == list(range(1, 5))
    q = sliders_of("ama_eq")["3 Q"]
    assert (q.number, q.low, q.high) == (15, 0.1, 20.0)


def test_a_plan_gives_a_file_a_track_and_says_what_is_not_in_it(tmp_path):
    plan = plan_of(
        session(tmp_path, "Vox / lead", "Kick", "Bass"),
        suggestion("id 0", HighPass(cutoff_hz=90)),
        suggestion("id 0", Gain(delta_db=1, fader_db=1)),
        suggestion("id 1", Pan(pan=0.2)),
        suggestion("id 2", Sidechain(trigger="id 1", threshold_db=-30, ratio=2, attack_ms=5, release_ms=90)),
        suggestion("id 2", COMPRESSOR),
        suggestion("master", Limiter(ceiling_dbtp=-1, gain_db=2)),
    )  # fmt: skip
    made = chains_of_plan(plan)
    assert [file.effects for file in made.files] == [("AMA EQ",), ("AMA Comp",)]
    assert [file.name.suffix for file in made.files] == [".RfxChain"] * 2
    assert made.files[0].name.name.startswith("Vox _ lead")
    assert made.files[1].name.name == "Bass.RfxChain"
    assert len(made.left_out) == 4
    write_chains(made, tmp_path / "chains")
    assert sorted(p.suffix for p in (tmp_path / "chains").rglob("*.*")) == [".RfxChain"] * 2


def test_a_gate_stands_first_and_two_of_them_one_behind_the_other(tmp_path):
    asked = (COMPRESSOR, HighPass(cutoff_hz=90), GATE, replace(GATE, threshold_db=-55))
    suggestions = (suggestion("id 0", action, n) for n, action in enumerate(asked))
    made = chains_of_plan(plan_of(session(tmp_path, "Vox"), *suggestions))
    assert made.left_out == ()
    assert made.files[0].effects == ("AMA Gate", "AMA Gate 2", "AMA EQ", "AMA Comp")
    first, second, *_ = chunk_of(made.files[0].data).of_kind("JS")
    assert first.head.text(1) == "AMA/ama_gate.jsfx"
    assert sliders(first) == {1: -42.5, 2: 2.5, 3: 1.25, 4: 180}
    assert sliders(second)[1] == -55


def test_a_chains_gate_is_in_its_file():
    plugins = chain_settings([GATE, COMPRESSOR])
    made = chain_of_chain(replace(load_chain("kick"), plugins=plugins))
    assert made.left_out == ()
    assert made.files[0].effects == ("AMA Gate", "AMA Comp")


def test_more_bands_than_one_equaliser_has_go_into_a_second(tmp_path):
    bands = [suggestion("id 0", EqBand(type="bell", freq_hz=100.0 * n, gain_db=1, q=1), n) for n in range(1, 11)]  # fmt: skip
    made = chains_of_plan(plan_of(session(tmp_path, "Vox"), *bands))
    assert made.files[0].effects == ("AMA EQ", "AMA EQ 2")
    chain = chunk_of(made.files[0].data)
    assert len({line.text(1) for line in chain.lines() if line.key == "FXID"}) == 2


def test_a_plan_without_effects_is_told(tmp_path):
    plan = plan_of(session(tmp_path, "Vox"), suggestion("id 0", Pan(pan=0.2)))
    with pytest.raises(PresetError, match="no filter"):
        chains_of_plan(plan)


def test_tracks_whose_names_come_to_the_same_file_get_one_each(tmp_path):
    plan = plan_of(
        session(tmp_path, "Vox/1", "Vox:1", "Vox_1"),
        *(suggestion(f"id {n}", HighPass(cutoff_hz=90)) for n in range(3)),
    )
    names = {file.name for file in chains_of_plan(plan).files}
    assert len(names) == 3


@pytest.mark.parametrize("name", CHAINS)
def test_every_chain_that_ships_becomes_a_file_or_says_why_not(name):
    made = chain_of_chain(load_chain(name))
    chain = chunk_of(made.files[0].data)
    for effect in chain.of_kind("JS"):
        known = sliders_of(Path(effect.head.text(1)).stem).values()
        values = sliders(effect)
        assert len(values) == len(known)
        assert all(s.low <= values[s.number] <= s.high for s in known)


@needs_eel2
def test_what_the_file_says_sounds_as_the_audition(tmp_path):
    """The text's numbers, put into the JSFX as REAPER would, against AMA's own render of the actions."""
    actions = (
        HighPass(cutoff_hz=70, slope_db_per_oct=24),
        EqBand(type="low_shelf", freq_hz=180, gain_db=2.5, q=0.7),
        EqBand(type="bell", freq_hz=900, gain_db=-4.2, q=1.3),
        EqBand(type="high_shelf", freq_hz=7_000, gain_db=3.0, q=0.7),
        LowPass(cutoff_hz=15_000),
    )
    asked = [suggestion("id 0", action, n) for n, action in enumerate(actions)]
    made = chains_of_plan(plan_of(session(tmp_path, "Vox"), *asked))
    (eq,) = chunk_of(made.files[0].data).of_kind("JS")
    sound = 0.1 * np.random.default_rng(4).standard_normal((2, RATE_HZ)).astype(np.float32)
    effect = Effect("ama_eq", RATE_HZ, sliders(eq))
    ours = effect.process(sound)
    effect.machine.close()
    settings = tuple(s for action in in_order(actions) for s in settings_of(action))
    theirs = in_memory(Chained(Audio(sound, RATE_HZ), settings)).samples
    error_db = 10 * np.log10(np.sum((ours - theirs) ** 2) / np.sum(theirs**2))
    assert error_db < SAME_DB


def test_the_command_writes_lists_and_says_what_is_needed(tmp_path, capsys):
    folder = tmp_path / "FXChains"
    assert cli.main(["presets", "export", "kick", "--to", "reaper", "--out", str(folder), "--dry-run"]) == 0  # fmt: skip
    assert not folder.exists()
    assert cli.main(["presets", "export", "kick", "--to", "reaper", "--out", str(folder)]) == 0
    assert [p.name for p in folder.iterdir()] == ["kick.RfxChain"]
    told = capsys.readouterr().out
    assert "AMA EQ" in told
    assert "ama install reaper" in told


@pytest.mark.parametrize(
    ("there", "folder"),
    [((), "AMA"), (("AMA", "AMA/Mixing"), "AMA"), (("AMA/Mixing",), "AMA/Mixing")],
)
def test_the_jsfx_are_named_where_they_are(tmp_path, there, folder):
    """`ama install reaper` and ReaPack put them into different folders."""
    for place in there:
        (tmp_path / "Effects" / place).mkdir(parents=True)
        (tmp_path / "Effects" / place / "ama_eq.jsfx").touch()
    assert folder_in([tmp_path]) == folder
    made = chain_of_chain(load_chain("kick"), jsfx=folder_in([tmp_path]))
    assert f"<JS {folder}/ama_eq.jsfx " in made.files[0].data.decode()


def test_without_a_reaper_the_command_wants_a_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    assert cli.main(["presets", "export", "kick", "--to", "reaper"]) == 1
    assert "--out" in capsys.readouterr().err
