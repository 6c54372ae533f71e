"""docs/explanation/security.md names tests that exist, and every test of an attack."""

from __future__ import annotations

import re

from tests.promises.documents.pages import DOCS, ROOT

SECURITY = ROOT / "tests/promises/security"


def named() -> set[str]:
    text = (DOCS / "explanation/security.md").read_text()
    return set(re.findall(r"`((?:tests/|test_)[\w/.]+)`", text))


def test_each_test_that_it_names_exists() -> None:
    absent = [n for n in named() if not ((ROOT / n).exists() or (SECURITY / n).exists())]
    assert absent == []


def test_each_attack_that_is_tried_is_named() -> None:
    assert {file.name for file in SECURITY.glob("test_*.py")} - named() == set()
