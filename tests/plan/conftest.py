"""An empty workspace in memory for every test."""

import pytest

from tests.plan.build import World


@pytest.fixture
def world() -> World:
    return World()
