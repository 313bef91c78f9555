"""Roles from names: a table of names as people write them, in many languages, and real sessions."""

from __future__ import annotations

import json
import tomllib

import pytest

from ama_analysis.data import data_folder
from ama_analysis.roles import ROLES, Role, role_from_name, split_words, title_of
from tests.real_data import SESSIONS, needs_real_data

NAMES: dict[Role, str] = {
    "kick": "Kick In|KD|BD_1|Bassdrum|kick_soft02|tr77_kick|bass drum|Kick bass layer|KickOut|01 Kick|bassdrum_acoustic01|808 kick|"
    "Große Trommel|grosse caisse|Bombo|Bumbo|Cassa|バスドラム|キック|底鼓|킥|бочка|Sub Kick|Kick-Sub",
    "snare": "Sn Top|SN_BTM|Snare 2|SNR|snare_muffled02|sidestick01|Rimshot|Claps|Caisse Claire|kleine Trommel|Rullante|Caixa|スネア|军鼓|스네어",
    "toms": "Tom 1|FloorTom|Rack Tom L|Standtom|TOMS|タム|통톰 톰",
    "overheads": "OH L|OH_R|Overheads|Hi-Hat|HH|hihat_closed05|Ride3|crash02|ALT HATS|Becken|platillos|ハイハット|cymbales|808 hat|drumsOH",
    "drums": "DRUMS MAIN|drum bus|batterie|Schlagzeug|bateria|batteria|ドラム|Drums 2|END DRUMS|GARAGE BEAT|RoomMics|鼓|드럼|барабаны",
    "percussion": "Perc|Shaker|Tamb|Congas|percussão|woodblock|カウベル Cowbell|Djembe|타악기 shaker",
    "bass": "bass_guitar|ベース|808|Sub|Bass DI|BassAmp|E-Bass|Kontrabass|basse|bajo|basso|baixo|SynthBass|ＢＡＳＳ|贝斯|베이스|бас|Moog Bass|String Bass",
    "guitar": "Gtr Ld|guitarra|lead guitar|steel_guitar01|Gitarre L|E-Git links|chitarra|GtrL|EGtr 2|エレキギター|Leadgitarre|电吉他|기타|гитара|"
    "whole guitar solo",
    "acoustic guitar": "Ac Gtr|Acoustic Gtr DI|AcGtr|nylon|Akustikgitarre|akustische Gitarre|violão|guitarra acústica|アコギ|Gtr (acoustic)|Ukulele",
    "keys": "Rhodes|clav|keyboard|Piano L|Flügel|Fluegel|Wurli|teclado|Hammond B3|ピアノ|钢琴|피아노|Orgel|EPiano|tastiere",
    "synth": "saw_10|pad_bass|mallet|PAD + BASS|MINILOGUE SYNTH|PLUCK|lead synth|Arp 3|シンセ|nappe|sintetizador|SynLead",
    "strings": "Strings|Violin 1|Vla|Celli|Streicher|cordes|cuerdas|archi|ストリングス|小提琴|synth strings",
    "brass": "horns|Tpt 1|Trombone|Bläser|cuivres|tromba|bass clarinet|Sax|flûte|ブラス|bass trombone",
    "lead vocal": "VOX LEAD|LV dbl|Gesang|Lead Vox|LeadVocal_comp|Voz|voix|voce|ボーカル|主唱|보컬|вокал|Vocals|VocalsDouble|LVox|Rap",
    "backing vocal": "BGV|BGVOX ALT|Backing Vox 2|BV1|Hintergrundgesang|coros|Vocal Harmony|コーラス|合唱|Choir|chœurs|Vox BG L|bgvox_echo|Adlibs",
    "fx": "MICROCOSM EFFECT|FX|Riser|SFX 2|Reverb|sweep up|Effekte|BUILD",
    "other": "Track 3|01 - Audio|xyz|chat|that|Master|backing (all else)||!!!|123",
}
HEARD_OF: dict[str, Role] = {
    "hihat_cymbal": "overheads",
    "backing_vocal": "backing vocal",
    "snare_clap": "snare",
    "lead_vocal": "lead vocal",
    "pad": "synth",
    "backing": "other",
}
"""The words of the collector of the real sessions, where they are not ours."""
LEAST_ACCURACY = 0.95
"""81 of 82 names: "latin_guitar03" is acoustic to us, a guitar to the collector."""


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for role, names in NAMES.items() for name in names.split("|")]
)
def test_name_tells_the_role(name, role):
    assert role_from_name(name).role == role


@pytest.mark.parametrize("name", ["Track 3", "01 - Audio", "chat", "", "???"])
def test_unknown_name_is_other_with_no_confidence(name):
    guess = role_from_name(name)
    assert (guess.role, guess.confidence) == ("other", 0.0)


def test_full_words_are_surer_than_abbreviations_and_those_than_hints():
    sure = [role_from_name(name).confidence for name in ("Kick", "KD", "808", "Lead")]
    assert sure == sorted(sure, reverse=True)
    assert len(set(sure)) == len(sure)


def test_second_role_in_a_name_takes_confidence():
    assert role_from_name("Kick bass layer").confidence <= role_from_name("Kick").confidence
    assert role_from_name("piano guitar").confidence < role_from_name("piano").confidence


def test_doubled_lead_stays_a_lead():
    assert {role_from_name(n).role for n in ("LV dbl", "Lead Vox Double", "VocDbl")} == {
        "lead vocal"
    }


def test_words_are_cut_at_case_digits_and_punctuation_and_folded():
    assert split_words("KickIn_02 ÉTÉ") == ("kick", "in", "02", "ete")
    assert split_words("ＧＴＲ") == ("gtr",)


@pytest.mark.parametrize("name", ["KICK", "kick", "Kick!", " kick ", "ｋｉｃｋ", "kick.wav"])
def test_spelling_makes_no_difference(name):
    assert role_from_name(name).role == "kick"


def test_no_phrase_of_the_table_stands_under_two_roles():
    data = tomllib.loads((data_folder("presets") / "roles.toml").read_text(encoding="utf-8"))
    seen: dict[tuple[str, ...], str] = {}
    for group in data["words"]:
        assert group["role"] in ROLES
        for phrase in group["say"]:
            words = split_words(phrase)
            assert words, phrase
            assert seen.setdefault(words, group["role"]) == group["role"], phrase


@needs_real_data
def test_names_of_real_sessions_tell_their_roles():
    right = total = 0
    for path in sorted(SESSIONS.glob("*/session.json")):
        for track in json.loads(path.read_text(encoding="utf-8"))["tracks"]:
            total += 1
            wanted = HEARD_OF.get(track["role"], track["role"])
            right += role_from_name(track["name"]).role == wanted
    assert total > 50
    assert right / total >= LEAST_ACCURACY


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (("Bass Desires - Kick", "Bass Desires - Vox"), "Bass Desires - "),
        (("Piano Man_01_Kick", "Piano Man_02_Gtr", "Piano Man_03_loop"), "Piano Man_"),
        (("Drums of War – Strings", "Drums of War – Brass"), "Drums of War – "),
        (("Sunday - Kick", "Sunday - Vox"), ""),  # says nothing, does no harm
        (("Lead Vox - 1", "Lead Vox - 2"), ""),
        (("Drums_Kick", "Drums_Snare"), ""),
        (("Synth Bass", "Synth Pad"), ""),
        (("Bass Desires - Kick",), ""),
        ((), ""),
    ],
)
def test_a_songs_title_before_every_name_is_known(names: tuple[str, ...], title: str):
    assert title_of(names) == title
