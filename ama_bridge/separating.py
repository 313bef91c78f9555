"""Whether a finished mix or a reference is taken apart: where it was asked for, and where it was not refused and is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.errors import OptionError
from ama_analysis.models.umx_weights import UmxWeights, weights_in
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference
from ama_analysis.roles import role_from_name
from ama_bridge.stem_folders import used

if TYPE_CHECKING:
    from ama_analysis.models.separation_document import SeparationDocument
    from ama_analysis.session import Session

SEPARATING_SHARE: Final = 0.7
"""Of the progress of a plan that begins with taking a mix apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separating:
    """What the user said: yes, no, or nothing (None: where it is installed and the weights are in `folder`)."""

    folder: Path
    wanted: bool | None = None

    def weights(self) -> UmxWeights | None:
        """Return the checked weights; None where separation is not wanted, or not there and nobody insists.

        `MissingExtraError` (AMA-901) and `WeightsError` (AMA-902) where it was asked for, the latter also for damaged weights.
        """
        if self.wanted:
            from ama_analysis.models.separation_files import check_separation_is_there

            check_separation_is_there()
            return weights_in(self.folder)
        return None if self.wanted is False or self.lacks() else weights_in(self.folder)

    def check(self, paths: Sequence[Path], references: Sequence[str]) -> None:
        """Raise `OptionError` (AMA-501) where separating was asked for and there is nothing to separate."""
        if self.wanted and not references and not (len(paths) == 1 and paths[0].is_file()):
            message = "--separate needs one finished mix, or a reference."
            raise OptionError(message, hint="Write: ama suggest song.wav --separate.")

    def lacks(self) -> str:
        """Return what is to be done before mixes can be taken apart, empty where nothing is."""
        from ama_analysis.models import separation_files

        if not separation_files.separation_is_there():
            return "pip install 'ama-bridge[separation]' adds what takes one apart"
        if not any(self.folder.glob("*.pth")):
            return "`ama separate --download` fetches what takes one apart"
        return ""

    def session_of(
        self,
        paths: Sequence[Path],
        *,
        references: Sequence[Reference],
        mix: Path | None,
        parts_dir: Path,
        weights: UmxWeights | None,
        on_progress: OnProgress,
    ) -> Session | None:
        """Return the session of a finished mix: of its parts, which are kept below `parts_dir`; None where the paths are no such mix.

        Where separation is not there and nobody insists, the mix is one stem, and the session says so.
        """
        from ama_analysis.advise import session_from_paths
        from ama_analysis.models.separation_files import kept_parts

        song = self._finished_mix(paths, references)
        if song is None:
            return None
        if weights is None:
            session = session_from_paths([song], references=references, mix=mix)
            note = f"{song.name} was taken as one stem. If it is a finished mix: {self.lacks()}."
            return replace(session, warnings=(note, *session.warnings))
        share = part_of(on_progress, 0.0, SEPARATING_SHARE)
        while not used(folder := kept_parts(song, parts_dir, weights, on_progress=share)):
            pass  # another process has just removed what was there
        session = session_from_paths([folder], name=song.stem, references=references, mix=mix)
        if self.wanted:
            return session
        note = f"{song.name} was taken for a finished mix; with --no-separate it is one stem."
        return replace(session, warnings=(note, *session.warnings))

    def _finished_mix(self, paths: Sequence[Path], references: Sequence[Reference]) -> Path | None:
        """Return the file that is a finished mix and no stem, None where there is none.

        That is a single file that is to be separated, or one with references whose name does not say an instrument.
        """
        single = paths[0] if len(paths) == 1 and paths[0].is_file() else None
        if single is None or self.wanted is False:
            return None
        unnamed = bool(references) and role_from_name(single.stem).confidence == 0.0
        return single if self.wanted or unnamed else None


def separate_mix(
    mix: Path, out: Path, weights: Path, *, on_progress: OnProgress
) -> SeparationDocument:
    """Write the parts of a mix into the folder `out` by the weights in a folder."""
    from ama_analysis.models.separation_files import separate_file

    return separate_file(mix, out, weights_in(weights), on_progress=on_progress)


def check_separable(mix: Path) -> None:
    """Raise what is wrong with a mix, or with the libraries that take it apart, before anything is fetched."""
    from ama_analysis.audio import open_audio
    from ama_analysis.models.separation_files import check_separation_is_there

    open_audio(mix)
    check_separation_is_there()
