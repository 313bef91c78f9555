"""The comparison: every system on every unit, each in a process of its own, scored by the benchmark's own ruler."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ama_analysis.audio import read_audio
from ama_analysis.errors import CancelledError, WorkError
from ama_analysis.evaluate import runs
from ama_analysis.evaluate.job import Answer, Job, Stem
from ama_analysis.evaluate.material import mix_file
from ama_analysis.evaluate.metrics import Features, compare, features_of
from ama_analysis.evaluate.runs import Run
from ama_analysis.evaluate.systems import Bench, System
from ama_analysis.evaluate.units import Aim, Unit
from ama_analysis.progress import OnProgress


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Units and systems on their way to runs; `notes` say which system was left out where, and why."""

    units: Sequence[Unit]
    systems: Sequence[System]
    bench: Bench
    folder: Path
    on_progress: OnProgress
    notes: list[str] = field(default_factory=list)
    _kept: dict[str, Run] = field(default_factory=dict)
    _heard: dict[Path, Features | None] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _done: int = 0

    def runs(self) -> tuple[Run, ...]:
        """Do what is not done yet and return all runs in the order of units, systems and aims."""
        self._kept = runs.read_runs(self.folder)
        able = [system for system in self.systems if self._able(system)]
        for unit in self.units:
            wanted = [system for system in able if unit.task == "match" or system.strips]
            with tempfile.TemporaryDirectory(prefix="ama-") as folder:
                self._unit(unit, wanted, Path(folder))
        keys = [self._key(u, s, a) for u in self.units for s in able for a in u.aims]
        return tuple(self._kept[key] for key in keys if key in self._kept)

    def _able(self, system: System) -> bool:
        reason = self.bench.reason_against(system)
        if reason:
            self._note(f"{system.title} was left out: {reason}.")
        return not reason

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _key(self, unit: Unit, system: System, aim: Aim) -> str:
        return runs.key_of(unit, aim, system, self.bench)

    def _unit(self, unit: Unit, systems: Sequence[System], folder: Path) -> None:
        stems: tuple[Stem, ...] = ()
        for system in systems:
            self._tell(unit, system)
            missing = [a for a in unit.aims if self._key(unit, system, a) not in self._kept]
            if missing and system.name not in self._gone:
                stems = stems or unit.stems(folder)
                try:
                    self._system(unit, system, missing, stems, folder)
                except CancelledError:
                    raise
                except WorkError as error:
                    self._note(error.message)
            self._done += len(unit.aims)

    def _system(
        self,
        unit: Unit,
        system: System,
        aims: Sequence[Aim],
        stems: tuple[Stem, ...],
        folder: Path,
    ) -> None:
        """Run a system for each aim (once, where it does not hear them) and keep the scored runs."""
        answer: Answer | None = None
        mix: Features | None = None
        for aim in aims:
            if system.human:
                mix = mix or features_of(read_audio(mix_file(unit.session, folder)))
            elif system.hears or answer is None:
                out = folder / "answer.wav" if unit.task == "match" else None
                answer = self._asked(unit, system, aim, stems, out)
                if answer.unavailable:
                    self._gone.add(system.name)
                    self._note(f"{system.title} was left out: {answer.unavailable}")
                    return
                mix = features_of(read_audio(out)) if out else None
            rows = self._rows(unit, aim, answer, mix, folder)
            run = runs.run_of(self._key(unit, system, aim), unit, aim, system, answer, rows)
            runs.keep(self.folder, [run])
            self._kept[run.key] = run

    def _asked(
        self, unit: Unit, system: System, aim: Aim, stems: tuple[Stem, ...], out: Path | None
    ) -> Answer:
        folder = (out or stems[0].path).parent
        job = Job(
            system=system.name,
            session=unit.session.name,
            stems=stems,
            references=(unit.reference(aim, folder),) if system.hears else (),
            out=out,
        )
        return self.bench.run(system, job, lambda: self._tell(unit, system))

    def _rows(
        self, unit: Unit, aim: Aim, answer: Answer | None, mix: Features | None, folder: Path
    ) -> Mapping[str, float]:
        if unit.task == "faders":
            strips = answer.strips if answer else None
            return runs.fader_rows(unit, strips) if strips else {}
        reference = self._features(unit.reference(aim, folder), aim)
        return compare(mix, reference) if mix and reference else {}

    def _features(self, path: Path, aim: Aim) -> Features | None:
        name = aim.path or path
        if name not in self._heard:
            self._heard[name] = features_of(read_audio(path))
        return self._heard[name]

    def _tell(self, unit: Unit, system: System) -> None:
        total = max(sum(len(unit.aims) for unit in self.units) * len(self.systems), 1)
        self.on_progress(min(self._done / total, 1.0), f"{unit.session.name}, {system.title}")
