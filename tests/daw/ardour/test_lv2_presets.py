"""Preset bundles: what is in them, where they may be written, and that Ardour and lilv load them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from ama_analysis.chains import PluginSetting, chain_names, load_chain
from ama_analysis.errors import DeliveryError, PresetError
from ama_analysis.plan import Action, Compressor, EqBand, Gain, Gate, HighPass, Suggestion
from ama_analysis.session import Session, track_of
from ama_bridge import cli
from ama_bridge.daw.ardour import ace, preset_export
from ama_bridge.daw.ardour.chain_actions import actions_of
from ama_bridge.daw.ardour.lv2_presets import bundle_of, preset_of, write_bundle
from ama_bridge.daw.ardour.request import Setting
from ama_bridge.daw.ardour.translate import request_of
from ama_bridge.daw.bandwidth import bandwidth_of
from ama_bridge.wire import plan_bytes
from tests.bridge.plans import plan_of
from tests.daw.ardour.made_sessions import CLOSING, OPENING, lua_text, needs_ardour, run_lua

READ_BACK = 1e-5
"""Relative: a control port is a 32-bit number."""
NASTY = [
    'Vox "L"',
    "back\\slash",
    "Ü 雪 é",
    "line\nbreak\t.",
    "<> a pset:Preset",
    "",
    "'''",
    "x" * 300,
]

needs_lilv = pytest.mark.skipif(shutil.which("lv2info") is None, reason="no lv2info here")


def bell(freq_hz=333.5, gain_db=-3.25, bandwidth=1.7):
    """Return settings that switch everything off but one bell."""
    values = {2: freq_hz, 3: gain_db, 4: bandwidth, 18: 1.0}
    return [*ace.EQ_BASE, *(Setting(which=w, value=v) for w, v in values.items())]


def comp(threshold_db=-20.5):
    return [Setting(which=4, value=threshold_db), Setting(which=0, value=2.25)]


def test_a_preset_has_every_setting_but_the_switch_and_the_meters():
    preset = preset_of("AMA x", ace.COMPRESSOR, comp())
    values = dict(preset.values)
    assert set(values) == {"att", "rel", "kn", "rat", "thr", "mak", "sidech"}
    assert (values["thr"], values["att"], values["rel"]) == (-20.5, 2.25, 80.0)
    assert len(preset_of("AMA x", ace.EQ, bell()).values) == len(ace.PORTS[ace.EQ]) - 1


def test_settings_beyond_a_ports_range_are_brought_to_its_end():
    preset = preset_of("AMA x", ace.COMPRESSOR, [Setting(which=4, value=-90.0)])
    assert dict(preset.values)["thr"] == -60.0


@pytest.mark.parametrize("name", NASTY)
def test_a_bundle_is_named_for_every_file_system(name):
    bundle = bundle_of(name, [preset_of(f"AMA {name}", ace.EQ, bell())])
    for each in (bundle.folder_name, *bundle.files):
        assert re.fullmatch(r"[A-Za-z0-9-]+\.(lv2|ttl)", each)
        assert len(each) < 100


def test_bundles_of_different_names_have_different_folders():
    names = {bundle_of(name, []).folder_name for name in (*NASTY, "a b", "a-b", "A b")}
    assert len(names) == len(NASTY) + 3


def test_writing_again_replaces_what_ama_wrote_and_nothing_else(tmp_path):
    two = bundle_of("s", [preset_of(f"AMA {n}", ace.EQ, bell()) for n in "ab"])
    there = write_bundle(two, tmp_path)
    (there / "mine.ttl").write_text("# my own")
    one = bundle_of("s", [preset_of("AMA a", ace.EQ, bell(gain_db=1.0))])
    assert write_bundle(one, tmp_path) == there
    assert {p.name for p in there.iterdir()} == {*one.files, "mine.ttl"}
    assert (there / "01-AMA-a.ttl").read_bytes() == one.files["01-AMA-a.ttl"]


def test_a_bundle_that_is_not_amas_is_left_alone(tmp_path):
    bundle = bundle_of("s", [preset_of("AMA a", ace.EQ, bell())])
    there = tmp_path / bundle.folder_name
    there.mkdir()
    (there / "manifest.ttl").write_text("@prefix x: <y> .")
    with pytest.raises(DeliveryError, match="not AMA's"):
        write_bundle(bundle, tmp_path)
    assert [p.name for p in there.iterdir()] == ["manifest.ttl"]


@needs_lilv
def test_lilv_finds_every_preset_under_its_label(tmp_path):
    labels = [f"AMA {name}" for name in NASTY]
    write_bundle(bundle_of("s", [preset_of(each, ace.EQ, bell()) for each in labels]), tmp_path / "home/.lv2")  # fmt: skip
    here = dict(os.environ) | {"HOME": str(tmp_path / "home")}  # noqa: TID251  # the path
    done = subprocess.run(
        ["lv2info", ace.EQ], env=here, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("a-eq is not installed here")
    assert "error" not in done.stderr.lower()
    found = {line.strip() for line in done.stdout.splitlines()}
    assert {" ".join(label.split()) for label in labels} <= found


def loaded(tmp_path, made, *, home):
    """Load each preset by its label into a plugin of its kind in the real Ardour, and return what the plugins say then, by symbol."""
    script = [OPENING, f'create_session({lua_text(tmp_path / "s")}, "s", 48000)']
    for at, preset in enumerate(made):
        script.append(f"""
do
  local insert = ARDOUR.LuaAPI.new_plugin(Session, "{preset.uri}", ARDOUR.PluginType.LV2, "")
  local plugin = insert:to_insert():plugin(0)
  local preset = plugin:preset_by_label({lua_text(preset.label)})
  assert(preset and preset.valid, "not found")
  assert(plugin:load_preset(preset), "not loaded")
  for which = 0, {len(ace.PORTS[preset.uri]) - 1} do
    tell("READ", {at}, which, string.format("%.9g", (ARDOUR.LuaAPI.get_processor_param(insert, which, true))))
  end
end""")
    said = run_lua("\n".join([*script, CLOSING]), home=home)
    read: list[dict[str, float]] = [{} for _ in made]
    for line in said.splitlines():
        if line.startswith("READ"):
            _, at, which, value = line.split("\t")
            read[int(at)][ace.PORTS[made[int(at)].uri][int(which)].symbol] = float(value)
    return read


@needs_ardour
def test_ardour_loads_every_preset_and_reads_back_what_is_in_it(tmp_path):
    made = [
        preset_of('AMA "Night" \\ Ü: Vox', ace.EQ, bell()),
        preset_of("AMA Night: Keys", ace.EQ, bell(5_000.0, 4.5, 0.3)),
        preset_of("AMA Night: Vox comp", ace.COMPRESSOR, comp(-33.3)),
        preset_of("AMA Night: Keys comp", ace.COMPRESSOR_STEREO, comp(-44.4)),
        preset_of("AMA Night: Kick gate", ace.EXPANDER, comp(-38.8)),
        preset_of("AMA Night: Kit gate", ace.EXPANDER_STEREO, comp(-41.1)),
    ]
    home = tmp_path / "home"
    write_bundle(bundle_of("Night", made), home / ".lv2")
    for preset, read in zip(made, loaded(tmp_path, made, home=home), strict=True):
        for symbol, value in preset.values:
            assert read[symbol] == pytest.approx(value, rel=READ_BACK), (preset.label, symbol)


def exported(export):
    """Return the values of each preset by plugin and label."""
    return {(p.uri, p.label): dict(p.values) for p in export.bundle.presets}


@pytest.fixture
def mixed(tmp_path):
    """A plan of a mono and a stereo track: equalisers on both, more bands than one a-EQ has on the first, a compressor on the second."""
    rng = np.random.default_rng(3)
    tracks = []
    for name, channels in (("Vox", 1), ("Keys", 2)):
        samples = (0.1 * rng.standard_normal((channels, 3 * 44_100))).astype(np.float32)
        write_audio(tmp_path / f"{name}.wav", Audio(samples, 44_100), subtype="FLOAT")
        tracks.append(track_of(tmp_path / f"{name}.wav"))
    session = Session(name="Night", tracks=tuple(tracks), sample_rate_hz=44_100, duration_s=3.0)
    actions: list[tuple[str, Action]] = [
        ("Vox", Gain(delta_db=-1.0, fader_db=-1.0)),
        ("Vox", HighPass(cutoff_hz=90.0)),
        *(("Vox", EqBand(type="bell", freq_hz=f, gain_db=-2.0, q=1.0)) for f in (200.0, 400.0, 800.0, 1_600.0, 3_200.0)),
        ("Keys", EqBand(type="bell", freq_hz=500.0, gain_db=3.0, q=2.0)),
        ("Keys", Gate(threshold_db=-40.0, ratio=2.5, attack_ms=1.0, release_ms=180.0)),
        ("Keys", Compressor(threshold_db=-26.0, ratio=3.0, attack_ms=15.0, release_ms=150.0, knee_db=6.0, makeup_db=6.0)),
    ]  # fmt: skip
    suggestions = tuple(
        Suggestion(id=f"s{at}", track=t, action=a, because="A test.", confidence=1.0)
        for at, (t, a) in enumerate(actions)
    )
    return replace(plan_of(session), session=session, suggestions=suggestions)


def test_a_plan_gives_a_preset_for_each_equaliser_and_compressor(mixed):
    export = preset_export.export_of_plan(mixed)
    found = exported(export)
    assert set(found) == {
        (ace.EQ, "AMA Night: Vox"),
        (ace.EQ, "AMA Night: Vox 2"),
        (ace.EQ, "AMA Night: Keys"),
        (ace.COMPRESSOR, "AMA Night: Keys"),
        (ace.EXPANDER, "AMA Night: Keys"),
    }
    keys = found[ace.EQ, "AMA Night: Keys"]
    on = [n for n in "1234" if keys[f"filtog{n}"] == 1.0]
    assert len(on) == 1
    assert keys[f"freq{on[0]}"] == pytest.approx(500.0)
    assert keys[f"g{on[0]}"] == pytest.approx(ace.reaching(3.0))
    assert keys[f"bw{on[0]}"] == pytest.approx(bandwidth_of(2.0))
    assert keys["filtogl"] == keys["filtogh"] == 0.0
    assert found[ace.COMPRESSOR, "AMA Night: Keys"]["rat"] > 1.0


@needs_ardour
def test_ardour_sets_by_presets_of_a_plan_what_ama_apply_sets(mixed, tmp_path, monkeypatch, capsys):
    """`ama presets export plan.json`, then Ardour's own preset menu, in which nothing is told by a file but by LV2's libraries."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    plan = tmp_path / "plan.json"
    plan.write_bytes(plan_bytes(mixed))
    assert cli.main(["presets", "export", str(plan), "--to", "ardour"]) == 0
    assert capsys.readouterr().out.count("AMA Night: ") == 5
    request = request_of(
        mixed,
        request_id="x",
        mailbox=tmp_path,
        answer_port=0,
        ask=False,
        ticked=frozenset(s.id for s in mixed.suggestions),
    )
    inserts = [i for strip in request.strips for i in strip.inserts if i.uri in preset_export.PLUGIN_NAMES]  # fmt: skip
    made = preset_export.export_of_plan(mixed).bundle.presets
    assert [preset.uri for preset in made] == [insert.uri for insert in inserts]
    for insert, read in zip(inserts, loaded(tmp_path, made, home=home), strict=True):
        set_by_ama = {one.which: one.value for one in insert.base}
        set_by_ama |= {one.which: one.value for part in insert.parts for one in part.settings}
        for which, value in set_by_ama.items():
            symbol = ace.PORTS[insert.uri][which].symbol
            assert read[symbol] == pytest.approx(value, rel=READ_BACK, abs=1e-6), symbol


def test_what_a_plan_has_and_presets_have_not_is_told_and_faders_are_not_missed(mixed):
    (left_out,) = preset_export.export_of_plan(mixed).left_out
    assert "Vox" in left_out[0]
    assert "90" in left_out[0]


def test_a_plan_without_effects_has_no_presets(mixed):
    with pytest.raises(PresetError, match="no equaliser, no compressor and no gate"):
        preset_export.export_of_plan(mixed.only(frozenset({"s0"})))


@pytest.mark.parametrize("name", chain_names())
def test_every_chain_that_ships_becomes_presets(name):
    chain = load_chain(name)
    found = exported(preset_export.export_of_chain(chain))
    actions = actions_of(chain.plugins).actions
    bands = [a for a in actions if isinstance(a, EqBand)]
    compressors = [a for a in actions if isinstance(a, Compressor)]
    eq = found[ace.EQ, f"AMA {chain.title}"]
    assert sum(eq[f"filtog{n}"] for n in "l1234h") >= len(bands)
    variants = {uri for uri, _ in found} - {ace.EQ}
    both = {ace.COMPRESSOR, ace.COMPRESSOR_STEREO}
    wanted = {ace.COMPRESSOR_STEREO} if chain.role == "master" else both
    assert variants == (wanted if compressors else set())


def test_a_chain_with_a_gate_becomes_presets_for_mono_and_stereo_tracks():
    chain = load_chain("kick")
    gate = PluginSetting(
        plugin="NoiseGate",
        parameters={"threshold_db": -40.0, "ratio": 3.0, "attack_ms": 1.0, "release_ms": 150.0},
    )
    export = preset_export.export_of_chain(replace(chain, plugins=(gate, *chain.plugins)))
    assert {ace.EXPANDER, ace.EXPANDER_STEREO} <= {uri for uri, _ in exported(export)}
    assert any(
        note.startswith("ACE Expander, on a stand-in: level within") for note in export.notes
    )


def test_presets_export_writes_lists_and_leaves_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cli.main(["presets", "export", "kick", "--to", "ardour", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "Would be written: 3" in said.out
    assert "28" in said.err
    assert not (tmp_path / ".lv2").exists()
    assert cli.main(["presets", "export", "kick", "--to", "ardour"]) == 0
    (there,) = (tmp_path / ".lv2").iterdir()
    assert str(there) in capsys.readouterr().out.replace("\n", "")
    elsewhere = tmp_path / "else"
    assert cli.main(["presets", "export", "kick", "--out", str(elsewhere)]) == 0
    assert {p.name: p.read_bytes() for p in there.iterdir()} == {
        p.name: p.read_bytes() for p in (elsewhere / there.name).iterdir()
    }


@pytest.mark.parametrize("what", ["no-such-chain", "gone.json"])
def test_presets_export_of_what_is_not_there_is_a_sentence(what, capsys):
    assert cli.main(["presets", "export", what, "--dry-run"]) == 2
    assert "Traceback" not in capsys.readouterr().err
