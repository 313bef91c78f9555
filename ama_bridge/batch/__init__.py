"""Many sessions in one go: a folder of sessions in, for each of them a plan, both mixes and presets out, and one summary of all.

sessions_in    which folders of a folder are sessions
Wanted / Job   what is wanted of all; one session of it, which any process on any machine can do by itself (`session_work.done`)
run            all jobs, in processes of this machine (`local`) or on a Dask cluster (`cluster`), to an `Outcome` each
Summary        what became of all, as documents

    DIR/summary.csv  summary.json  summary.png
    DIR/SESSION/plan.json  before.wav  after.wav  tonal_balance.png  settings.txt  presets/*.json
    DIR/SESSION/stems/      which pieces of files are the stems of a DAW's session
    DIR/SESSION/result.json what it was made of: where that is unchanged, it is not made again

A session's files are made in a hidden folder beside its own and moved there when all are whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from ama_analysis.progress import OnProgress
from ama_bridge.batch.checks import check_out, checked
from ama_bridge.batch.finding import Found, name_of, sessions_in
from ama_bridge.batch.job import Job, Wanted, code
from ama_bridge.batch.outcome import Figures, Outcome, Tally
from ama_bridge.batch.summary import Summary


def run(
    jobs: Sequence[Job],
    tally: Tally,
    *,
    processes: int,
    scheduler: str | None,
    on_progress: OnProgress,
) -> None:
    """Do the jobs and tell `tally` what becomes of each; raises before anything begins where a scheduler or its workers cannot be used.

    What `on_progress` raises, and Ctrl-C, stop it: what is whole stays, what is not is taken away.
    """
    if scheduler is not None:
        from ama_bridge.batch.cluster import on_cluster

        on_cluster(jobs, tally, address=scheduler, on_progress=on_progress)
    else:
        from ama_bridge.batch.local import on_this_machine

        on_this_machine(jobs, tally, processes=processes, on_progress=on_progress)


__all__ = [
    "Figures",
    "Found",
    "Job",
    "Outcome",
    "Summary",
    "Tally",
    "Wanted",
    "check_out",
    "checked",
    "code",
    "name_of",
    "run",
    "sessions_in",
]
