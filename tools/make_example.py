"""Cut the example session out of the real stems: `python tools/make_example.py SESSIONS_FOLDER`.

Stems: "Potassium"; references: the artist's mixes of "Caesium" and "Rubidium"; all by Software-Entwicklungskit, from "Everything is
Free" (CC0-1.0). The stems are the artist's own bounces at mix level; the faders and pans in ROUGH take them away from there, as a rough mix would be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ama_analysis.audio import open_audio, write_audio
from ama_analysis.data import data_folder

STEMS_S = (11.0, 22.0)
REFERENCES_S = {"caesium": (0.0, 10.0), "rubidium": (3.0, 15.0)}
ROUGH = {
    "vox_lead": ("VOX LEAD", -5.0, 0.0),
    "pad_bass": ("PAD BASS", 2.0, 0.25),
    "snare": ("SNARE", -4.0, 0.0),
    "outro_drum": ("OUTRO DRUM", 3.0, -0.3),
    "mallet": ("MALLET", 5.0, 0.0),
    "minilogue_synth": ("MINILOGUE SYNTH", 4.0, 0.2),
    "microcosm_effect": ("MICROCOSM EFFECT", 3.0, 0.2),
}


def main(sessions: Path) -> None:
    """Write examples/ anew."""
    out = data_folder("examples")
    out.mkdir(exist_ok=True)
    tracks = []
    for name, (title, fader_db, pan) in ROUGH.items():
        stem = open_audio(sessions / "evr_potassium" / f"{name}.flac").section(*STEMS_S)
        write_audio(out / f"{name}.flac", stem, subtype="PCM_16")
        tracks.append(
            {
                "id": name,
                "name": title,
                "file": f"{name}.flac",
                "fader_db": fader_db,
                "pan": pan,
            }
        )
    (out / "references").mkdir(exist_ok=True)
    for name, span_s in REFERENCES_S.items():
        mix = open_audio(sessions / f"evr_{name}" / "mix.flac").section(*span_s)
        write_audio(out / "references" / f"{name}.ogg", mix)
    session = {
        "name": "potassium",
        "title": "Potassium (excerpt), with faders and pans left as a rough mix",
        "licence": "CC0-1.0",
        "credits": [
            '"Potassium", "Caesium" and "Rubidium" from the album "Everything is Free" by Software-Entwicklungskit',
            "source: github.com/ichbinsoftware/everythingisremixed, dedicated to the public domain under CC0-1.0",
        ],
        "tracks": tracks,
        "references": [f"references/{name}.ogg" for name in REFERENCES_S],
    }
    (out / "session.json").write_text(json.dumps(session, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
