"""The house stays in order: no circle of imports, no name for many things, tests where code is.

What lies in which room is CONTRIBUTING's table (tests/promises/documents/test_where_is_what.py),
and which way the arrows point is .importlinter's.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.root import ROOT

PACKAGE = ROOT / "runner/gitrain"
UNIT = ROOT / "tests/unit"
MOST = 3
"""How often one file name may occur in the package."""


def modules() -> dict[str, Path]:
    """Each module by its name, templates aside."""
    files = (file for file in PACKAGE.rglob("*.py") if "templates" not in file.parts)
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(file: Path, known: set[str]) -> Iterator[str]:
    """The modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from parts & known or {node.module}


def test_no_module_imports_itself_by_way_of_others() -> None:
    files = modules()
    graph = {name: set(imported(file, set(files))) - {name} for name, file in files.items()}

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" → ".join(error.args[1])) from None


def test_no_file_name_stands_for_many_things() -> None:
    names = Counter(file.name for file in modules().values() if file.name != "__init__.py")

    assert {name: count for name, count in names.items() if count > MOST} == {}


def test_every_folder_of_unit_tests_is_that_of_a_package() -> None:
    folders = {f.parent.relative_to(UNIT) for f in UNIT.rglob("test_*.py")}

    assert [str(folder) for folder in folders if not (PACKAGE / folder).is_dir()] == []


def test_no_package_is_without_a_docstring() -> None:
    packages = [file for file in modules().values() if file.name == "__init__.py"]
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in packages}

    assert [str(file) for file, tree in trees.items() if not ast.get_docstring(tree)] == []
