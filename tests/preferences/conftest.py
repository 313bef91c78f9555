"""`ama` as a function, and a song, as the tests of the bridge have them."""

from __future__ import annotations

from tests.bridge.conftest import ama, song

__all__ = ["ama", "song"]
