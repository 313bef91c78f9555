"""The session that AMA ships, with its two references."""

from __future__ import annotations

import json
from dataclasses import replace

from ama_analysis.advise import complete_session
from ama_analysis.data import data_folder
from ama_analysis.reference import Reference
from ama_analysis.session import track_of


def example_session():
    folder = data_folder("examples")
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    tracks = [
        replace(
            track_of(folder / t["file"], track_id=t["id"], name=t["name"]),
            fader_db=t["fader_db"],
            pan=t["pan"],
        )
        for t in document["tracks"]
    ]
    references = [Reference(path=folder / name) for name in document["references"]]
    return complete_session(document["name"], tracks, references=references)
