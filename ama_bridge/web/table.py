"""What can be read with GET as data: docs/reference.md shows this table, and a test holds the routes against it."""

from __future__ import annotations

from typing import Final

ROWS: Final[tuple[tuple[str, str, str], ...]] = (
    ("/", "HTML, or JSON where Accept has no text/html", "The page; for programs the root of the OSC namespace."),
    ("/static/NAME", "a file of the page", ""),
    (
        "/ama/v1/state",
        "version, protocol, state_folder, sessions, plans, jobs, daws, targets, engines, preferences",
        "Everything at a glance: sessions with tracks (faders where they stand in the DAW now, as far as it tells; -200 dB is shut), references, mix and newest plan; the newest 100 plans; jobs as below; how each DAW stands "
        "(running and installed are null where that cannot be told); targets and engines by name; whether anything is learned.",
    ),
    (
        "/ama/v1/jobs",
        "a list of jobs",
        "Those that are not finished, and the last 3 finished of each kind.",
    ),
    (
        "/ama/v1/jobs/ID",
        "id, kind, subject, daw, state, fraction, stage, error, code, result",
        "kind: suggest, render, apply, revert, commit or open; state: queued, running, done, failed or cancelled. result of a suggest: plan, count, "
        "plan_path; of a render: name, url, before_name, before_url, path, the levels of both; of an apply: applied, skipped, receipt_path, receipt; "
        "of a revert: restored, conflicting, path, reverted; of a commit or open: session, tracks, warnings.",
    ),
    (
        "/ama/v1/plans/ID",
        "id, plan, decisions, deliveries",
        "The plan's document (`ama.plan/1`), what was said to each suggestion, and what was handed over: name, receipt, reverted, at, the newest first.",
    ),
    ("/ama/v1/plans/ID/tonal_balance.png", "PNG", "The tonal balance before, after and of the target."),
    (
        "/ama/v1/files?folder=PATH",
        "folder, file, parent, holds, folders, projects, sounds",
        "What lies in a folder of this machine (without PATH the user's own), hidden files left out; where PATH is a file, what lies beside it; holds: ardour, reaper, session, stems or empty.",
    ),
    (
        "/ama/v1/sound/NAME",
        "audio, with Range",
        "A render in the state folder. Of those named audition-* the newest 12 are kept.",
    ),
    (
        "/ama/v1/preferences",
        "the document of `ama preferences show --json`",
        "What was learned of the user.",
    ),
    (
        "/ama/v1/events",
        "text/event-stream",
        "job: how a job stands, at every change of state or stage, within a stage every 0.1 s at most; changed: what (sessions, faders, plans, decisions, "
        "deliveries, renders, daws or preferences) and subject. Whoever did it: OSC, HTTP or a script in a DAW.",
    ),
    (
        "/?HOST_INFO, and any OSC address or part of one, with ?ATTRIBUTE",
        "JSON as OSCQuery describes it",
        "Where the OSC service listens; FULL_PATH, CONTENTS, TYPE, ACCESS, DESCRIPTION, RANGE and OVERLOADS of a node.",
    ),
)  # fmt: skip
