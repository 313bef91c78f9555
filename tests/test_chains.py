"""Chain files: the checker and the JSON Schema agree, and what ships does what it says, by numbers."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path

import jsonschema
import numpy as np
import pedalboard
import pyloudnorm
import pytest

from ama_analysis.audio import Audio, read_audio
from ama_analysis.bands import THIRD_OCTAVE_HZ, band_matrix, decibels, third_octave_edges
from ama_analysis.chains import (
    CHAIN_SCHEMA,
    MASTER_ROLE,
    PLUGINS,
    SWITCHES,
    chain_json,
    chain_names,
    load_chain,
    parse_chain,
)
from ama_analysis.data import data_folder
from ama_analysis.errors import PresetError
from ama_analysis.render import Chained
from ama_analysis.roles import ROLES
from tests.real_data import SESSIONS, needs_real_data
from tests.render.material import difference_db, rendered
from tests.signals import noise

FOLDER = data_folder("presets") / "chains"
SCHEMA = json.loads((data_folder("presets") / "chain.schema.json").read_text(encoding="utf-8"))
STEMS = tomllib.loads((Path(__file__).parent / "chain_stems.toml").read_text(encoding="utf-8"))
NOMINAL_DBFS = -18.0
"""The RMS level (0 VU) at which a chain expects its track, EBU's and most plug-ins' line-up level."""
STEM_PEAK = 0.5
"""A stem with a high crest factor is brought to -6 dBFS peak and not to the nominal RMS."""
LEVEL_TOLERANCE_LU = 1.0
FULL_SCALE = 1.0
DYNAMICS = {"Compressor", "Gain", "BrickwallLimiter"}
AUDIBLE_DB = 40.0
"""Bands of a real stem that lie lower are left out: there one measures the leakage of the loud ones."""
IDENTICAL_DB = -140.0


def document(name="kick"):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def at_nominal(sound):
    """Return a sound at the nominal level of its playing part (50 ms frames within 40 dB of the loudest)."""
    size = sound.sample_rate_hz // 20
    whole = sound.samples[:, : sound.frames // size * size].reshape(sound.channels, -1, size)
    power = np.mean(np.square(whole, dtype=np.float64), axis=(0, 2))
    rms = np.sqrt(np.mean(power[power > 1e-4 * power.max()]))
    gain = min(10.0 ** (NOMINAL_DBFS / 20.0) / rms, STEM_PEAK / np.abs(sound.samples).max())
    return Audio((sound.samples * gain).astype(np.float32), sound.sample_rate_hz)


def loudness_lufs(samples, rate):
    return pyloudnorm.Meter(rate).integrated_loudness(samples.T.astype(np.float64))


def third_octaves_db(samples, rate):
    """Return the mean power of third-octave bands over windows of 32768 frames (Hann, one after the other)."""
    size = 1 << 15
    whole = samples[:, : samples.shape[1] // size * size].reshape(samples.shape[0], -1, size)
    power = np.mean(np.abs(np.fft.rfft(whole * np.hanning(size))) ** 2, axis=(0, 1))
    return decibels(band_matrix(third_octave_edges(), np.fft.rfftfreq(size, 1.0 / rate)) @ power)


def assert_level_as_stated(chain, sound):
    got = rendered(Chained(sound, chain.plugins))
    rate = sound.sample_rate_hz
    change_lu = loudness_lufs(got, rate) - loudness_lufs(sound.samples, rate)
    assert np.max(np.abs(got)) < FULL_SCALE
    assert change_lu == pytest.approx(chain.states.level_change_lu, abs=LEVEL_TOLERANCE_LU)


def test_a_dozen_instruments_and_two_masters_ship():
    roles = [load_chain(name).role for name in chain_names()]
    assert roles.count(MASTER_ROLE) == 2
    assert len(roles) - 2 >= 12


@pytest.mark.parametrize("name", chain_names())
def test_a_chain_that_ships_is_valid_and_says_where_it_comes_from(name):
    jsonschema.validate(document(name), SCHEMA)
    chain = load_chain(name)
    assert chain.name == name
    assert chain.sources
    assert any("AMA's own choice" in source for source in chain.sources)
    assert chain.states is not None
    assert chain.states.third_octaves
    assert chain_json(chain) == document(name)


@pytest.mark.parametrize("name", chain_names())
def test_a_chain_keeps_the_level_of_pink_noise_and_does_not_clip(name):
    assert_level_as_stated(load_chain(name), at_nominal(noise(pink=True, duration_s=10.0)))


def assert_bands_as_stated(chain, sound):
    assert chain.states is not None
    filters = tuple(p for p in chain.plugins if p.plugin not in DYNAMICS)
    before_db = third_octaves_db(sound.samples, sound.sample_rate_hz)
    after_db = third_octaves_db(rendered(Chained(sound, filters)), sound.sample_rate_hz)
    for claim in chain.states.third_octaves:
        band = int(np.argmin(np.abs(np.log(THIRD_OCTAVE_HZ / claim.freq_hz))))
        if before_db[band] > before_db.max() - AUDIBLE_DB:
            change_db = after_db[band] - before_db[band]
            assert change_db == pytest.approx(claim.change_db, abs=claim.tolerance_db)


@pytest.mark.parametrize("name", chain_names())
def test_a_chains_filters_move_the_bands_of_pink_noise_as_it_states(name):
    assert_bands_as_stated(load_chain(name), noise(pink=True, duration_s=10.0))


@needs_real_data
@pytest.mark.parametrize(("name", "stem"), [(n, s) for n, stems in STEMS.items() for s in stems])
def test_a_chain_does_to_a_real_stem_what_it_states(name, stem):
    sound = at_nominal(read_audio(SESSIONS / stem))
    assert_level_as_stated(load_chain(name), sound)
    assert_bands_as_stated(load_chain(name), sound)


def test_every_chain_with_a_real_counterpart_is_heard_on_it():
    assert set(chain_names()) - set(STEMS) == {"toms", "strings"}


def wrong(change):
    content = copy.deepcopy(document())
    change(content)
    return content


BROKEN = {
    "lacks 'plugins'": lambda d: d.pop("plugins"),
    "lacks 'name'": lambda d: d.pop("name"),
    'schema is "ama.chain/2"': lambda d: d.update(schema="ama.chain/2"),
    'role is "banjo"': lambda d: d.update(role="banjo"),
    "title is 7": lambda d: d.update(title=7),
    'description is ""': lambda d: d.update(description=""),
    'sources is "me"': lambda d: d.update(sources="me"),
    r"sources\[1\] is null": lambda d: d.update(sources=["me", None]),
    "the file has 'plugs'": lambda d: d.update(plugs=[]),
    "plugins is {}": lambda d: d.update(plugins={}),
    r"plugins\[0\] is 3": lambda d: d.update(plugins=[3]),
    r"plugins\[0\].plugin is \"Fuzz\"": lambda d: d["plugins"][0].update(plugin="Fuzz"),
    r"plugins\[0\].plugin is \[\]": lambda d: d["plugins"][0].update(plugin=[]),
    r"plugins\[0\].parameters lacks 'cutoff_frequency_hz'": lambda d: d["plugins"][0].update(
        parameters={}
    ),
    r"plugins\[0\].parameters has 'q'": lambda d: d["plugins"][0]["parameters"].update(q=1.0),
    "cutoff_frequency_hz is 0,": lambda d: d["plugins"][0]["parameters"].update(
        cutoff_frequency_hz=0
    ),
    "cutoff_frequency_hz is true": lambda d: d["plugins"][0]["parameters"].update(
        cutoff_frequency_hz=True
    ),
    'cutoff_frequency_hz is "80"': lambda d: d["plugins"][0]["parameters"].update(
        cutoff_frequency_hz="80"
    ),
    "pan is 1.5, it must be a number from -1 to 1": lambda d: d.update(pan=1.5),
    "fader_db is null": lambda d: d.update(fader_db=None),
    r"not_in_chain\[0\] lacks 'values'": lambda d: d.update(not_in_chain=[{"kind": "pan"}]),
    r"not_in_chain\[0\].values is 1": lambda d: d.update(
        not_in_chain=[{"kind": "pan", "values": 1}]
    ),
    "states lacks 'third_octaves'": lambda d: d["states"].pop("third_octaves"),
    "freq_hz is 5": lambda d: d["states"]["third_octaves"][0].update(freq_hz=5),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_chain_is_refused_by_the_checker_in_a_sentence_and_by_the_schema(sentence):
    content = wrong(BROKEN[sentence])
    with pytest.raises(PresetError, match=sentence) as caught:
        parse_chain(content, "my.json")
    assert caught.value.code == "AMA-302"
    assert caught.value.message.startswith("my.json is not a valid chain: ")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


@pytest.mark.parametrize("content", [None, [], "kick", 3, float("nan")])
def test_a_document_that_is_no_object_is_refused(content):
    with pytest.raises(PresetError, match="the file is"):
        parse_chain(content, "my.json")


def test_not_a_number_is_refused():
    content = wrong(lambda d: d.update(pan=float("nan")))
    with pytest.raises(PresetError, match="pan is NaN"):
        parse_chain(content, "my.json")


def test_a_switch_must_be_true_or_false():
    content = document("master-streaming")
    content["plugins"][-1]["parameters"]["true_peak"] = 1
    with pytest.raises(PresetError, match="true_peak is 1, it must be true or false"):
        parse_chain(content, "my.json")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


def test_the_schema_knows_just_the_plugins_and_roles_that_the_checker_knows():
    plugins = SCHEMA["properties"]["plugins"]["items"]["oneOf"]
    described = {}
    for plugin in plugins:
        parameters = plugin["properties"]["parameters"]["properties"]
        described[plugin["properties"]["plugin"]["const"]] = {
            key: (0.0, 1.0) if key in SWITCHES else (value["minimum"], value["maximum"])
            for key, value in parameters.items()
        }
    assert described == PLUGINS
    assert SCHEMA["properties"]["role"]["enum"] == [*ROLES, MASTER_ROLE]
    assert SCHEMA["properties"]["schema"]["const"] == CHAIN_SCHEMA


@pytest.mark.parametrize("plugin", PLUGINS)
def test_pedalboard_takes_every_plugin_at_both_ends_of_its_ranges(plugin):
    make = getattr(pedalboard, plugin)
    for end in (0, 1):
        values = {
            key: bool(limits[end]) if key in SWITCHES else limits[end]
            for key, limits in PLUGINS[plugin].items()
        }
        made = make(**values)
        for key, value in values.items():
            assert getattr(made, key) == pytest.approx(value, rel=1e-5, abs=1e-5)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(PresetError, match="no chain 'banjo'") as caught:
        load_chain("banjo")
    assert caught.value.code == "AMA-301"
    assert "lead-vocal" in caught.value.hint


def test_a_file_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "chain.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(PresetError, match="is no JSON") as caught:
        load_chain(path)
    assert caught.value.code == "AMA-302"


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "chain.json"
    path.write_bytes(b"\xff\xfe\x00RIFF")
    with pytest.raises(PresetError, match="is no JSON"):
        load_chain(str(path))


def test_a_chain_by_name_is_the_file_that_ships():
    pink = noise(pink=True)
    by_name, by_path = load_chain("bass"), load_chain(str(FOLDER / "bass.json"))
    assert by_name == by_path
    a, b = (rendered(Chained(pink, chain.plugins)) for chain in (by_name, by_path))
    assert difference_db(a, b) < IDENTICAL_DB


def test_a_file_nested_beyond_all_reason_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text(100_000 * "[")
    with pytest.raises(PresetError, match="is no JSON"):
        load_chain(path)
