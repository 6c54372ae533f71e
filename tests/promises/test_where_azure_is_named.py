"""Azure ML is one type of workspace among others: few files outside its own rooms may name it.

What counts is code: names, and strings that a program uses. Docstrings, comments, the descriptions
of fields and the help of options are prose, and may give Azure ML as the example that it is. So is
`problems/`: what `gitrain explain CODE` prints, with examples of manifests.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gitrain
from gitrain.workspace_types import TYPES

PACKAGE = Path(gitrain.__file__).parent
OWN = ("workspaces/azureml/", "azureml_yaml/", "catalog.py")
PROSE = ("problems/",)
WORD = "azureml"
MOST = 6

NAMED = {
    "assets.py": "how a reference to what a workspace has already is spelled",
    "commands/show.py": "the option `-o azureml`",
    "load/drafts.py": "takes a document in Azure ML's own language as a manifest",
    "workspace_types.py": "the row of this type of workspace, and its spec",
}


def code(source: str) -> Iterator[str]:
    """Every name of a module, and every string in it that is not prose."""
    tree = ast.parse(source)
    prose = set(_prose(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and node not in prose:
                yield node.value
            continue
        for field in ("id", "attr", "name", "asname", "arg", "module"):
            if isinstance(name := getattr(node, field, None), str):
                yield name


def _prose(tree: ast.AST) -> Iterator[ast.AST]:
    """The strings that are written for people alone: no statement of the program uses them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg in ("description", "help"):
            yield from ast.walk(node.value)


def compared(source: str) -> Iterator[str]:
    """Every string that a module compares something with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.MatchValue):
            parts = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
            yield from (part.value for part in parts if isinstance(part.value, str))


def files(holds: Callable[[str], bool]) -> set[str]:
    """The files outside Azure's own rooms of whose source this is true."""
    found = {file.relative_to(PACKAGE).as_posix(): file for file in PACKAGE.rglob("*.py")}
    return {
        name
        for name, file in found.items()
        if not name.startswith(OWN + PROSE) and holds(file.read_text(encoding="utf-8"))
    }


def names_azure(source: str) -> bool:
    return any(WORD in text.lower() for text in code(source))


def test_azure_is_named_in_these_files_alone() -> None:
    assert files(names_azure) == set(NAMED)
    assert len(NAMED) <= MOST


def test_nobody_compares_the_name_of_a_type() -> None:
    found = files(lambda source: not set(TYPES).isdisjoint(compared(source)))

    # There it is a format of `-o`.
    assert found == {"commands/show.py"}


def test_a_row_and_its_spec_are_known_to_the_table_and_the_adapter_alone() -> None:
    rows = {"LOCAL", "AZUREML", *(row.spec.__name__ for row in TYPES.values())}
    found = files(lambda source: not rows.isdisjoint(code(source)))

    assert found == {"workspace_types.py", "workspaces/local/workspace.py"}


@pytest.mark.parametrize(
    "source",
    [
        'x = kind == "azureml"',
        'x = f"azureml:{name}"',
        "def azureml(): ...",
        "from gitrain import azureml_yaml",
        "from gitrain.workspaces.azureml import words",
        "class AzuremlWorkspace: ...",
        "f(azureml=True)",
        "x = document.azureml",
        'x = {"azureml": 1}',
    ],
)
def test_code_that_names_it_is_found(source: str) -> None:
    assert names_azure(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""On azureml."""',
        "def f():\n    '''Of azureml.'''",
        "x = 1  # as on azureml",
        'x = Meta(description="A name, or `azureml:NAME`.")',
        '@option("-w", help="such as " "azureml")\ndef f(): ...',
    ],
)
def test_prose_is_let_be(source: str) -> None:
    assert not names_azure(source)
