"""Everything that can go wrong, as one tree.

    AmaError(code, message, hint)
    * InputError            what was given cannot be used          exit code 2
      x AudioFileError      AMA-1xx  a sound file
      x SessionError        AMA-2xx  tracks, names, indices, folders
      x PresetError         AMA-3xx  a target or a chain
      x PlanError           AMA-4xx  a plan file or a suggestion id
      x OptionError         AMA-5xx  a value on the command line or in a message
      x WeightsError        AMA-902  a file of a model's weights
    * WorkError             the input was good, the work failed    exit code 1
      x RenderError         AMA-6xx  rendering
      x DeliveryError       AMA-7xx  a DAW, a socket, a folder to write to
      x CancelledError      AMA-801  the user stopped the job
      x MissingExtraError   AMA-901  an optional dependency is not installed

`message` is one sentence that names the file or value; `hint` is one sentence that says what to do.
The codes in use are listed in `CODES`; docs/reference.md shows the same table.
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "AMA-101": "the file does not exist or cannot be read",
    "AMA-102": "the file is not a sound file that AMA can decode, or it is damaged",
    "AMA-103": "the file holds no samples",
    "AMA-104": "the sample rate lies outside 8 kHz to 192 kHz",
    "AMA-105": "the file has more channels than AMA mixes",
    "AMA-106": "the file holds values that are not numbers (NaN or infinity), or far beyond full scale",
    "AMA-107": "no file can be written under that name",
    "AMA-201": "the session has no usable track",
    "AMA-202": "two tracks share one id",
    "AMA-203": "a track is named that the session does not have",
    "AMA-204": "the session is not complete",
    "AMA-205": "the session is not known",
    "AMA-301": "there is no preset of that name",
    "AMA-302": "the preset file is not valid",
    "AMA-401": "the plan file is not valid",
    "AMA-402": "the suggestion is not known",
    "AMA-403": "the plan's stems are not where the plan says",
    "AMA-501": "an option or argument has a value that is not allowed",
    "AMA-502": "this version does not have that engine, DAW or address",
    "AMA-601": "rendering failed",
    "AMA-701": "delivering failed, or a file could not be written",
    "AMA-702": "no AMA service answers at that port",
    "AMA-703": "the port, the state folder or what is to be removed is in use",
    "AMA-704": "the DAW does not answer",
    "AMA-705": "it is not certain what became of a request in the DAW",
    "AMA-706": "the DAW's own files are left as they are",
    "AMA-801": "the job was cancelled",
    "AMA-901": "an optional part is not installed",
    "AMA-902": "a file of a model's weights is damaged, missing or of another kind",
    "AMA-999": "an error that AMA did not foresee",
}


class AmaError(Exception):
    """The base of all errors that AMA raises on purpose."""

    default_code = "AMA-999"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        """Take one sentence that says what is wrong, and one that says what to do."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code

    def sentence(self) -> str:
        """Return message and hint as one line."""
        return f"{self.message} {self.hint}".strip()


class InputError(AmaError):
    """What was given cannot be used."""

    default_code = "AMA-501"


class AudioFileError(InputError):
    """A sound file is missing, damaged, empty or out of range."""

    default_code = "AMA-102"


class SessionError(InputError):
    """The tracks of a session do not add up."""

    default_code = "AMA-201"


class PresetError(InputError):
    """A target or chain is missing or not valid."""

    default_code = "AMA-302"


class PlanError(InputError):
    """A plan is not valid, or names what is not there."""

    default_code = "AMA-401"


class OptionError(InputError):
    """A value on the command line or in a message is not allowed."""

    default_code = "AMA-501"


class WeightsError(InputError):
    """A file of a model's weights is damaged, missing or of another kind."""

    default_code = "AMA-902"


class WorkError(AmaError):
    """The input was good, the work failed."""

    default_code = "AMA-999"


class RenderError(WorkError):
    """Rendering failed."""

    default_code = "AMA-601"


class DeliveryError(WorkError):
    """A DAW, a socket or a folder did not take what it should."""

    default_code = "AMA-701"


class CancelledError(WorkError):
    """The user stopped the job."""

    default_code = "AMA-801"


class MissingExtraError(WorkError):
    """An optional dependency is not installed."""

    default_code = "AMA-901"
