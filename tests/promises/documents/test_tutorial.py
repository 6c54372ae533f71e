"""The tutorial, followed by the letter with gitrain from its wheel: it prints what it says."""

from __future__ import annotations

import pytest

from tests.promises.documents.console import steady
from tests.promises.documents.pages import read
from tests.promises.documents.tutorial import TUTORIAL, followed
from tests.promises.packaging.conftest import Place, installed, wheel

__all__ = ["installed", "wheel"]  # fixtures

# The same worker that builds and installs the wheel.
pytestmark = pytest.mark.xdist_group("wheel")
REMEDY = "run: make transcript"


def test_the_tutorial_prints_what_it_says(
    installed: Place, tmp_path_factory: pytest.TempPathFactory
):
    now = followed(tmp_path_factory.mktemp("reader"), installed.variables)

    assert steady(now) == steady(read(TUTORIAL)), REMEDY
