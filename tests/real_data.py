"""Where the real stems and references lie for those who have them; tests that use them skip in one line elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SESSIONS = _DATA / "sessions"
REFERENCES = _DATA / "references"

needs_real_data = pytest.mark.skipif(
    not SESSIONS.is_dir(), reason="the real stems and references (shared/data) are not here"
)
