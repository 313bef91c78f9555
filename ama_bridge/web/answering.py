"""What goes out: JSON documents, and errors as `{"code", "message"}` under the status that fits."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.responses import Response

from ama_analysis.errors import AmaError, InputError
from ama_bridge.jobs import UnknownJobError

TOO_LARGE: Final = 413
_NOT_THERE: Final = frozenset({"AMA-205", "AMA-301", "AMA-402", "AMA-502"})
_NOT_NOW: Final = frozenset({"AMA-702", "AMA-703", "AMA-704", "AMA-705", "AMA-706", "AMA-801"})


class Refused(AmaError):  # noqa: N818  # it is an answer as much as an error
    """A request that is refused for how it was sent, with its HTTP status."""

    default_code = "AMA-501"

    def __init__(self, status: int, message: str, *, hint: str = "") -> None:
        """Take the status, what is wrong, and what to do."""
        super().__init__(message, hint=hint)
        self.status = status


def status_of(error: AmaError) -> int:
    """Return the HTTP status of an error: 404 what is not there, 400 bad input, 503 what cannot be done now, else 500."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, UnknownJobError) or error.code in _NOT_THERE:
        return 404
    if isinstance(error, InputError):
        return 400
    return 503 if error.code in _NOT_NOW else 500


def json_bytes(document: Any) -> bytes:  # noqa: ANN401  # any JSON value
    """Return a document on one line in UTF-8; where it holds what is not Unicode (bytes in file names) that stays escaped."""
    separators = (",", ":")
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=separators)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(document, allow_nan=False, separators=separators).encode("ascii")


def json_response(document: Any, status: int = 200) -> Response:  # noqa: ANN401  # any JSON value
    """Return a document as an answer that nobody keeps."""
    return raw_json_response(json_bytes(document), status)


def raw_json_response(data: bytes, status: int = 200) -> Response:
    """Return a document that is encoded already as an answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(data, status, headers=headers, media_type="application/json")


def error_response(error: AmaError) -> Response:
    """Return an error as an answer."""
    status = status_of(error)
    response = json_response({"code": error.code, "message": error.sentence()}, status)
    if status == TOO_LARGE:
        response.headers["Connection"] = "close"  # what is still to come is not read
    return response
