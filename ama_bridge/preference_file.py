"""What was learned of a user as a file: JSON that people can read, with a version.

    {"schema": "ama.preferences/1",
     "lessons": [{"plan": "...", "session": "...", "style": "pop",
                  "faders": {"lead vocal": {"offset_db": 1.5, "by": "edit"}},
                  "rules": {"compressor": {"kept": 0.0, "refused": 1.0}}}]}

Names of sessions and tracks are not in it, only fingerprints. Keys that this version does not know are passed over, so that a file of a
later AMA with the same schema can be read; one with another schema is refused, and never written over.
"""

from __future__ import annotations

from typing import Final

from ama_analysis.codec import CodecError, Json, from_json, known_part, to_json
from ama_analysis.errors import OptionError
from ama_analysis.preferences import (
    LESSONS_MOST,
    Lesson,
    Preferences,
    Taste,
    taste_of,
)
from ama_bridge import json_text

SCHEMA: Final = "ama.preferences/1"
_KIND: Final = "ama.preferences/"


class OtherVersionError(OptionError):
    """The file is of an AMA that keeps preferences in another way."""


def preferences_bytes(preferences: Preferences) -> bytes:
    """Return the file's bytes."""
    return json_text.to_bytes({"schema": SCHEMA, **to_json(preferences, Preferences)})


def tastes(preferences: Preferences) -> dict[str, Taste]:
    """Return what follows from the lessons, style by style."""
    styles = sorted({lesson.style for lesson in preferences.lessons})
    return {style: taste_of(preferences, style) for style in styles}


def preferences_document(preferences: Preferences) -> dict[str, Json]:
    """Return the file's document with what follows from it."""
    learned = {style: to_json(taste, Taste) for style, taste in tastes(preferences).items()}
    return {"schema": SCHEMA, **to_json(preferences, Preferences), "learned": learned}


def preferences_from_bytes(data: bytes, *, name: str) -> Preferences:
    """Return what a file says; `OptionError` where it says nothing, `OtherVersionError` where it is of another version."""
    try:
        document = json_text.from_bytes(data)
        schema = document.get("schema") if isinstance(document, dict) else None
        if schema != SCHEMA and isinstance(schema, str) and schema.startswith(_KIND):
            message = f"{name} is {schema}, this version reads {SCHEMA}."
            raise OtherVersionError(message, hint="Use the AMA that wrote it.")
        return _preferences(document)
    except (ValueError, CodecError) as error:
        message = f"{name} holds no preferences: {error}."
        raise OptionError(
            message, hint="`ama preferences export FILE` writes such files."
        ) from error


def _preferences(document: Json) -> Preferences:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise CodecError("schema", f"is not {SCHEMA!r}")
    lessons = document.get("lessons")
    if not isinstance(lessons, list):
        raise CodecError("lessons", "is not an array")
    read = (
        from_json(known_part(one, Lesson), Lesson, f"lessons[{at}]")
        for at, one in enumerate(lessons)
    )
    return Preferences(lessons=tuple(read)[-LESSONS_MOST:])
