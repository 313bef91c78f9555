"""One of AMA's own systems on one job, in a process of its own: `python -m ama_analysis.evaluate.worker JOB.json ANSWER.json`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ama_analysis.errors import AmaError
from ama_analysis.evaluate.job import Answer, job_from_json
from ama_analysis.evaluate.own_systems import OWN
from ama_analysis.evaluate.peer_driver import peak_mb


def main(arguments: list[str]) -> None:
    """Read the job, answer it."""
    job = job_from_json(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    try:
        strips, moves, unavailable = OWN[job.system](job)
    except AmaError as error:
        sys.exit(error.sentence())
    answer = Answer(
        strips=strips,
        moves=moves,
        wall_s=0.0,
        cpu_s=time.process_time(),
        peak_mb=peak_mb(),
        unavailable=unavailable,
    )
    Path(arguments[1]).write_text(json.dumps(answer.to_json()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
