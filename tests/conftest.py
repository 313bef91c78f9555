"""No test writes into the folders of whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMA_CACHE", "off")
        patch.setenv("AMA_PREFERENCES", "off")
        patch.setenv("AMA_HTTP_PORT", "0")
        patch.setenv("AMA_PRESETS", str(tmp_path_factory.mktemp("presets")))
        patch.setenv("AMA_WEIGHTS", str(tmp_path_factory.mktemp("weights")))
        yield
