"""Tests marked `ardour` run the real Ardour; where it is not installed they are skipped, and one line a file says so."""

from __future__ import annotations

import pytest

from tests.daw.ardour.made_sessions import newest_program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if newest_program() is not None:
        return
    absent = pytest.mark.skip(reason="no Ardour here: apt install ardour")
    for item in items:
        if item.get_closest_marker("ardour"):
            item.add_marker(absent)
