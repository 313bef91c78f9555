"""`ama measure` on small stems: its document, and one sentence where something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import write_audio
from tests.bridge.stems import RATE_HZ

CHECKOUT = Path(__file__).resolve().parents[2]

TIMEOUT_S = 120.0

DOCUMENTED = {
    "path",
    "sample_rate_hz",
    "channels",
    "duration_s",
    "integrated_lufs",
    "loudness_range_lu",
    "max_momentary_lufs",
    "max_short_term_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "rms_dbfs",
    "crest_factor_db",
    "stereo_width",
    "stereo_balance_db",
    "correlation",
    "spectrum",
    "features",
}

DOCUMENTED_FEATURES = {
    "spectral_centroid_hz",
    "spectral_rolloff_hz",
    "spectral_bandwidth_hz",
    "zero_crossing_rate",
    "mfcc",
    "dynamic_range_db",
}


def test_measure_json_has_the_documented_keys(ama: Any, song: Path) -> None:
    (file,) = ama("measure", song / "bass.wav", "--json").document["files"]
    assert set(file) >= DOCUMENTED
    assert set(file["features"]) >= DOCUMENTED_FEATURES
    assert len(file["features"]["mfcc"]) == 13
    assert len(file["spectrum"]["freq_hz"]) == len(file["spectrum"]["level_db"]) == 31
    assert (file["sample_rate_hz"], file["channels"]) == (RATE_HZ, 1)


def test_measure_goes_on_after_a_bad_file_and_ends_with_2(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    ran = ama("measure", bad, song / "kick.wav", "--json")
    assert "bad.wav" in ran.sentence()
    assert [Path(f["path"]).name for f in ran.document["files"]] == ["kick.wav"]
    assert [e["code"] for e in ran.document["errors"]] == ["AMA-102"]
    shown = ama("measure", bad, song / "kick.wav")
    assert "kick.wav" in shown.out
    assert "bad.wav" in shown.sentence()


@pytest.mark.skipif(os.name != "posix", reason="file names of any bytes as POSIX has them")
def test_a_file_name_that_is_not_unicode_is_printed_with_an_escape(
    song: Path, tmp_path: Path
) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.wav"
    Path(os.fsdecode(odd)).write_bytes((song / "kick.wav").read_bytes())
    for options in (b"--json",), ():
        done = subprocess.run(
            [sys.executable, "-m", "ama_bridge", "measure", odd, *options],
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
            cwd=CHECKOUT,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        if options:
            assert json.loads(done.stdout)["files"][0]["path"] == os.fsdecode(odd)


def test_a_folder_is_no_sound_file(ama: Any, tmp_path: Path) -> None:
    assert str(tmp_path) in ama("measure", tmp_path).sentence()


def test_the_loudness_of_silence_is_null(ama: Any, tmp_path: Path) -> None:

    from ama_analysis.audio import Audio

    path = tmp_path / "silence.wav"
    write_audio(path, Audio(np.zeros((2, RATE_HZ), np.float32), RATE_HZ))
    ran = ama("measure", path, "--json")
    assert ran.code == 0
    assert ran.document["files"][0]["integrated_lufs"] is None
