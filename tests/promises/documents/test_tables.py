"""What the README repeats: fields, exit codes, the frozen sentences, schemas and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitrain.errors import Exit
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.report.json.schemas import output_files
from gitrain.report.sentences import NO_CHANGES, reconciled_line, summary_line
from tests.promises.documents import field_table
from tests.promises.documents.readme import README, ROOT, TEXT, blocks, rows

REMEDY = "run: .venv/bin/python -m tests.promises.documents.field_table --write"
WAITING = Action(verb=Verb.WAITING, kind="Job", name="tune", reason="pretrain is to be completed")


def test_the_table_of_fields_is_current():
    assert field_table.committed(TEXT) == field_table.table(), REMEDY


@pytest.mark.parametrize("kind", field_table.KINDS)
def test_the_table_of_fields_covers_every_field(kind):
    covering = tuple(field_table.rows(kind))

    for field in field_table.leaves(kind):
        assert any(field == row or field.startswith(f"{row}.") for row in covering), field


def test_the_exit_codes_are_all_there():
    told = [int(row[0]) for row in rows("| exit code | means |")]

    assert told == [int(code) for code in Exit]


@pytest.mark.parametrize(
    "sentence",
    [
        summary_line(Plan(project="pets", workspace="local", actions=(WAITING,))),
        reconciled_line(()),
    ],
)
def test_a_quoted_sentence_is_the_one_that_is_printed(sentence):
    pattern = re.sub(r"\d+", r"\\d+", re.escape(sentence))
    first = sentence.split()[0]
    lines = [line for block in blocks("console") for line in block.text.splitlines()]
    quoted = [line for line in lines if line.startswith(f"{first} ")]

    assert quoted
    assert all(re.fullmatch(pattern, line) for line in quoted)


def test_no_changes_is_said_as_it_is_printed():
    quoted = [line for line in TEXT.splitlines() if line.startswith("No changes")]

    assert set(quoted) == {NO_CHANGES}


def test_every_json_output_is_listed():
    for name in output_files():
        assert f"(schemas/v1/output/{name})" in TEXT


@pytest.mark.parametrize(
    "file",
    [README, ROOT / ".github/CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")],
    ids=lambda f: f.name,
)
def test_links_lead_somewhere(file):
    for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = file.parent / path if path else file
        assert found.exists(), target
        assert not anchor or anchor in _anchors(found), target


def _anchors(file: Path) -> set[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return {_anchor(line) for line in lines if line.startswith("#")}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")
