"""The generated pages of docs/reference are what the code says now."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitrain.errors import Exit
from gitrain.load.manifests import load
from gitrain.problems.catalogue import every
from gitrain.report.json.schemas import output_files
from gitrain.rules.check import check
from gitrain.rules.policy import check_policy
from tests.promises.documents import field_table
from tests.promises.documents.pages import read, rows
from tests.promises.documents.reference import FOLDER, PAGES
from tests.promises.hostile import corpus
from tests.promises.hostile.trial import PLACES, SOUND

REMEDY = "run: .venv/bin/python -m tests.promises.documents.reference"


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str):
    assert read(FOLDER / name) == PAGES[name](), REMEDY


@pytest.mark.parametrize("kind", field_table.KINDS)
def test_the_table_of_workspaces_covers_every_field(kind: str):
    covering = tuple(field_table.rows(kind))

    for field in field_table.leaves(kind):
        assert any(field == row or field.startswith(f"{row}.") for row in covering), field


def test_the_exit_codes_are_all_there():
    told = [int(row[0]) for row in rows(FOLDER / "exit-codes.md", "| exit code | means |")]

    assert told == [int(code) for code in Exit]


def test_every_json_output_is_listed():
    for name in output_files():
        assert f"(../../schemas/v1/output/{name})" in read(FOLDER / "json.md")


def test_every_code_that_hostile_documents_bring_about_is_listed(tmp_path: Path):
    seen: set[str] = set()
    for number, (_, place, content) in enumerate(corpus.small()):
        seen |= _codes(tmp_path / str(number), PLACES[place], content)

    assert len(seen) > 30
    assert seen <= {row.code for row in every()}


def _codes(project: Path, hostile: str, content: bytes) -> set[str]:
    """The codes of all that is wrong with a sound project that has one hostile file."""
    for name, text in {**SOUND, hostile: content}.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    loaded = load(project)
    problems = list(loaded.problems)
    if loaded.manifests is not None:
        problems += (*check(loaded.manifests), *check_policy(loaded.manifests))
    return {problem.code for problem in problems}
