"""Every adapter in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.contract.adapters import ADAPTERS, Driver


@pytest.fixture(params=sorted(ADAPTERS))
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    root = tmp_path / "project"
    root.mkdir()
    made = ADAPTERS[request.param](root)
    yield made
    made.close()
