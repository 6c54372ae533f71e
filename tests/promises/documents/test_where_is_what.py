"""CONTRIBUTING's table "Where is what": each file has the definition that it is named for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.documents.pages import CONTRIBUTING, ROOT, rows

ROWS = [
    (question, file.strip("`"), definition.strip("`"))
    for question, file, definition in rows(CONTRIBUTING, "| question | file | definition |")
]


def definitions(python: str) -> Iterator[str]:
    """What a module defines: functions, classes and names, and `Class.member` of each class."""
    for node in ast.parse(python).body:
        yield from _defined(node)
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for inner in node.body for name in _defined(inner))


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign():
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def holds(file: Path, definition: str) -> bool:
    """Whether a module defines it; whether any other file has a line with these words."""
    text = file.read_text(encoding="utf-8")
    return definition in (definitions(text) if file.suffix == ".py" else text)


def test_there_is_an_answer_to_each_of_the_nineteen_questions():
    assert len({question for question, _, _ in ROWS}) == 19


@pytest.mark.parametrize(
    ("file", "definition"),
    [pytest.param(file, definition, id=question) for question, file, definition in ROWS],
)
def test_the_file_has_the_definition(file: str, definition: str):
    assert (ROOT / file).is_file(), f"{file} does not exist"
    assert holds(ROOT / file, definition), f"{file} does not define {definition}"


def test_what_only_uses_a_name_does_not_define_it():
    text = "from x import KINDS\nclass A:\n    run_id: str\n    def f(self): ...\nB = KINDS\n"

    assert set(definitions(text)) == {"A", "A.run_id", "A.f", "B"}
