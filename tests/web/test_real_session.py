"""The session that ships, from its folder to sounds, over HTTP alone and with the analysis itself; steps of it over OSC."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.cache import NO_CACHE
from ama_analysis.data import data_folder
from ama_analysis.measure import measure_file
from ama_bridge.service.analyst import RealAnalyst
from tests.bridge.services import client_of
from tests.web.services import Ear, served, web_of

EQUAL_LU = 0.1
"""Before and after are brought to one loudness; both are written with 24 bits."""
SAME = 1e-4
"""A track whose fader alone moved is the same sound at one loudness, which is measured to some hundredths of a LU."""


@pytest.mark.slow
def test_a_session_goes_from_its_folder_to_sounds_that_can_be_heard(tmp_path: Path) -> None:
    folder = data_folder("examples")
    reference = next((folder / "references").glob("*.*"))
    with served(tmp_path / "state", RealAnalyst()) as at, web_of(at) as web:
        ear = Ear(at.url)
        assert web.do("/session/open", path=str(folder), session="song")["tracks"] == 7
        web.do("/session/reference", session="song", path=f"{reference}@0:00-0:10")
        assert web.do("/session/commit", session="song")["answer"] == "ok"
        web.do("/suggest", session="song", engine="rules")
        heard = ear.until(lambda e: e.data.get("kind") == "suggest" and e.data["state"] == "done")
        fractions = [e.data["fraction"] for e in heard if e.data.get("kind") == "suggest"]
        assert fractions == sorted(fractions)
        assert len(fractions) > 3
        plan_id = heard[-1].data["result"]["plan"]
        plan = web.get(f"/plans/{plan_id}")["plan"]
        (summary,) = web.state()["plans"]
        assert summary["target"] == f"{reference.name}@0:00-0:10"
        assert summary["after"] == plan["verification"]["after"] < summary["before"]

        picture = web.http.get(f"/ama/v1/plans/{plan_id}/tonal_balance.png")
        assert picture.content.startswith(b"\x89PNG")

        gain = next(
            s for s in plan["suggestions"] if s["kind"] == "gain" and s["track"] != "master"
        )
        asked = {"plan": plan_id, "only": gain["id"], "track": gain["track"]}
        web.do("/render", out_name="after.wav", before_name="before.wav", **asked)
        result = ear.until_job("render", "done")["result"]
        after, before = (web.http.get(result[key]).content for key in ("url", "before_url"))
        sounds = [soundfile.read(io.BytesIO(data))[0] for data in (after, before)]
        np.testing.assert_allclose(sounds[0], sounds[1], atol=SAME)
        assert np.std(sounds[0]) > 0.0

        with client_of(at.osc) as client:
            client.send("/render", "r", plan_id, "mix.flac", "plain.flac")
            assert client.until("/rendered", "/error")[-1].path == "/rendered"
        ear.until_job("render", "done")
        levels = []
        for name in ("mix.flac", "plain.flac"):
            (tmp_path / name).write_bytes(web.http.get(f"/ama/v1/sound/{name}").content)
            figures = measure_file(tmp_path / name, content=None, cache=NO_CACHE)
            levels.append(figures.loudness.integrated_lufs)
        assert levels[0] == pytest.approx(levels[1], abs=EQUAL_LU)
