"""No error quotes a secret: not a part of it, nor another way to write it."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from gitrain.errors import WorkspaceError
from gitrain.secrets.values import hiding, quoted_line

SECRET = 'correct horse/battery "staple"\nü'


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", SECRET)
    monkeypatch.setenv("LONGER", "prefix-and-more")
    monkeypatch.setenv("SHORTER", "prefix")


@pytest.mark.parametrize("before", range(340, 402, 3))
def test_a_secret_is_hidden_before_a_text_is_cut(before: int) -> None:
    with hiding(["SECRET"]):
        shown = quoted_line(f"{'x' * before} {SECRET}")

    assert "c" not in shown
    assert len(shown) <= 400


@pytest.mark.parametrize(
    "written", [SECRET, json.dumps(SECRET), quote(SECRET, safe=""), " ".join(SECRET.split())]
)
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    with pytest.raises(WorkspaceError) as raised, hiding(["SECRET"]):
        raise WorkspaceError(f"refused: {written}")

    assert "horse" not in str(raised.value)
    assert str(raised.value).startswith("refused: ")


def test_the_longer_of_two_secrets_is_hidden_first() -> None:
    with pytest.raises(WorkspaceError, match=r"^no \*\*\*$"), hiding(["SHORTER", "LONGER"]):
        raise WorkspaceError("no prefix-and-more")


def test_afterwards_nothing_is_hidden() -> None:
    with hiding(["SHORTER"]):
        pass
    assert quoted_line("a prefix") == "a prefix"
