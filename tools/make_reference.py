"""Write docs/reference.md from the code: `python tools/make_reference.py`; a test holds the two together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ama_analysis.chains import chain_names, load_chain
from ama_analysis.data import data_folder
from ama_analysis.errors import CODES
from ama_analysis.models.gain_suggest import SPOKEN as LEARNED_SPOKEN
from ama_analysis.preferences import LESSONS_MOST
from ama_analysis.presets import load_target, target_names
from ama_analysis.roles import ROLES
from ama_analysis.suggest import MASTER_RULES, TRACK_RULES
from ama_analysis.suggest.match import SPOKEN
from ama_bridge.config import VARIABLES
from ama_bridge.osc_table import reference_table
from ama_bridge.service.housekeeping import NEWEST, OLD_S
from ama_bridge.stem_folders import UNUSED_S
from ama_bridge.web.table import ROWS

HEAD = """# Reference

Made by `tools/make_reference.py` from the code; a test fails where the two differ.
"""
MATCHING = """
With references the engine `reference` speaks in place of the rules for levels, pan and tone; those that clean (`polarity`, `gate`, `high_pass`,
`low_pass`, `resonance`, `stereo_bass`, `compressor`, `sidechain`) and the master's compressor and limiter stay. Two mono tracks that are left and right of one recording by
their names ("OH L", "OH R") get gates, filters, bands and compressors alike from every engine: those of the side of which a rule is surer.
"""
LEARNED = """
The engine `cnn` has the gain predictor ([models.md](models.md)) speak in place of the rules `level` and `keep`, and of `pan` where it says something; all other rules stay.
"""
EFFECTS = """
What was tried and takes the mix away from the target stands under `dropped` in a plan, in the form of a suggestion: its values, its measured effect, and the reason with what it did. In a plan's `effect`, `marked` says that a suggestion does not bring
the mix nearer by itself; `disputed` that a render of the loudest seconds (`checked_delta`) finds another sign than what was computed for the whole mix (`distance_delta`), or more than twice as much, or less than half.
"""
OSC = """
## OSC

UDP on 127.0.0.1, port 9720 by default. Each request begins with an id of the sender's choice (`rid`), which every answer repeats. Answers go
to the sender's address and port, or to the port that `hello` named. Every datagram is below 1024 bytes. Types: `s` string, `i` whole
number, `f` float; what stands in brackets may be left out.
"""
HTTP = """
## HTTP

TCP on 127.0.0.1, port 9721 by default, served by `ama serve` (`--no-page` leaves it out). Every address of the table above is a verb too: `POST
/ama/v1/suggest` with `Content-Type: application/json` and an object of the arguments by name, without `rid`; those in brackets or braces may be left
out, what may come any number of times is a list. The answer is an object:

* 200 `{"answer": "ok"}`, or another answer by its path with its arguments by name; `session/commit` and `session/open` answer when they are done, with `warnings`;
* 202 `{"answer": "job", "job": "suggest-1"}` for what is a job: suggest, render, revert, apply in a DAW that asks; what comes of it is told by events and at
  `/ama/v1/jobs/ID`;
* `{"code": "AMA-501", "message": "..."}` under 400 (bad values), 404 (no such session, plan, suggestion, job or address), 403 (a foreign Host or Origin), 413
  (more than 1 MiB), 415 (not JSON), 503 (it cannot be done now) or 500.

The Host must be 127.0.0.1 or localhost, an Origin must be this very address, and what a browser calls cross-site is refused but for a link to the page.
What can be read:
"""
OWN_TARGETS = """
Targets of your own: `ama presets save NAME --reference FILE[@1:02-1:34] ... [--target STYLE] [--out FILE.toml]` measures references and keeps
what they ask of a mix, figure by figure; `--target NAME` (or the file's path) then does what the references did. Their format, and that of
targets written by hand: `presets/README.md`.
"""
CACHE = """
The cache holds figures, never audio: measurements of stems and references under a hash of the file's content, of the section and rate, and of
the code that measured. So renaming or moving a file changes nothing, and a new version of AMA measures anew. The folder may be deleted at any
time, two processes may share it, and `ama doctor` tells where it is and how large. `--no-cache` leaves it alone for once.
"""
SESSION = """
## session.json

What a folder of stems may say of itself (`ama.session/1`; the scripts for DAWs write it). Stems are named from the file's own folder; other keys are passed over, and so is
a file of another schema, with a word.

| key | what |
|---|---|
| `schema` | `"ama.session/1"` |
| `name` | the session's name |
| `sample_rate_hz` | 8000 to 192000; else the rate that most stems have |
| `bounced` | where the stems were taken: `"raw"` before the effects, `"post_effects"` (usual), `"post_fader"` after fader and pan |
| `mix` | the file of the mix that was exported along |
| `tracks` | a list, each with `id`, `name` and `stem` (its file), and `fader_db` (0), `pan` (0, -1 left to +1 right), `muted` (false), `automated` (what automation moves, `"fader"`, `"pan"`: AMA leaves it alone), `plugins` (a list of `name`, `uri`, `enabled`) |
| `left_out` | a list of `name` and `reason`: what could not be exported |
"""
STATE = f"""
## What lies in the state folder, and for how long

| folder | what | stays |
|---|---|---|
| `sessions/`, `plans/`, `decisions/` | what DAWs told, the service's plans, what you said to them | until you remove it (on the page, or with `session/remove`); decisions 90 days where the file of their plan is gone |
| `deliveries/` | what was handed over, with receipts | {OLD_S / 86_400:.0f} days; the newest {NEWEST}, the newest of every plan, what waits in a DAW and what can be taken back there stay longer |
| `stems/` | which pieces of files are the stems of a DAW's session, a few KB a track | as long as a session, a plan or a delivery here is made of them, or a plan of yours elsewhere that AMA wrote or read and that is still where it was; else {UNUSED_S / 86_400:.0f} days after they were used last |
| `stems/separated/` | the parts of finished mixes, 100 MB a minute | likewise |
| `renders/` | renders that you asked for; what the page plays for once | until you remove it; the newest 12 of these |
| `renders/sums-*` | sums of tracks, so that the next render is one of what changed | 512 MiB at most, while the service runs |
| `pictures/` | tonal balances, drawn again when wanted | as long as their plan |
| `ardour/`, `reaper/` | the mailboxes, with the journals for AMA Revert | the newest 50 of each kind; what can be taken back stays |
| `preferences.json`, `log/` | what was learned of you (the newest {LESSONS_MOST} lessons); the log, 4 MB at most | |

`ama serve` removes what may go when it starts, `ama suggest` when it has read a DAW's session or taken a mix apart; the log, or a line, says how much. Only files
that AMA writes go, and folders with anything else in them stay as they are. What is removed is made again when it is wanted. `ama doctor` tells how much is kept.
"""
CHAINS = """
## Chains

Pedalboard presets, format `ama.chain/1` (schema: `presets/chain.schema.json`). `ama_analysis.load_preset("x.json")` gives a
`pedalboard.Pedalboard`; `ama presets render NAME in.wav out.wav` plays a file through one.
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def rule_row(rule_id: str, docstring: str) -> tuple[str, str, str, str]:
    """Return a rule's id and what its docstring says after Hears, Does and Source."""
    text = " ".join(docstring.split())
    _, _, rest = text.partition("Hears: ")
    hears, _, rest = rest.partition(" Does: ")
    does, _, source = rest.partition(" Source: ")
    return f"`{rule_id}`", hears, does, source


def reference() -> str:
    """Return the whole document."""
    osc = [
        (f"`{path}`", f"`{spec}`", answer, about) for path, spec, answer, about in reference_table()
    ]
    rules = [rule_row(r.id, r.propose.__doc__ or "") for r in TRACK_RULES]
    rules += [rule_row(r.id, r.propose.__doc__ or "") for r in MASTER_RULES]
    targets = [(name, load_target(name)) for name in target_names()]
    chains = [load_chain(name) for name in chain_names()]
    return "\n".join(
        (
            HEAD,
            "## Rules\n",
            table(("rule", "hears", "does", "source"), rules),
            MATCHING,
            table(
                ("suggestion", "hears", "does", "source"),
                [(f"`{name}`", *rest) for name, *rest in SPOKEN],
            ),
            LEARNED,
            table(
                ("suggestion", "hears", "does", "source"),
                [(f"`{name}`", *rest) for name, *rest in LEARNED_SPOKEN],
            ),
            EFFECTS,
            f"Roles: {', '.join(ROLES)}. From the name; where that says nothing, from the sound (docs/models.md).",
            OSC,
            table(("address", "arguments", "answer", ""), osc),
            HTTP,
            table(
                ("GET", "answer", ""),
                [(f"`{path}`", answer, about) for path, answer, about in ROWS],
            ),
            "## Targets\n",
            table(
                ("name", "title", "loudness", "ceiling"),
                [
                    (n, t.title, f"{t.loudness_lufs:g} LUFS", f"{t.ceiling_dbtp:g} dBTP")
                    for n, t in targets
                ],
            ),
            OWN_TARGETS,
            CHAINS,
            table(("name", "for", ""), [(c.name, c.role, c.description) for c in chains]),
            "## Settings\n",
            table(("variable", "meaning"), [(f"`{k}`", v) for k, v in VARIABLES.items()]),
            CACHE,
            SESSION,
            STATE,
            "## Error codes\n",
            table(("code", "meaning"), [(f"`{k}`", v) for k, v in CODES.items()]),
        )
    )


def path() -> Path:
    """Return where the document lies in a checkout."""
    return data_folder("presets").parent / "docs" / "reference.md"


if __name__ == "__main__":
    path().write_text(reference(), encoding="utf-8")
