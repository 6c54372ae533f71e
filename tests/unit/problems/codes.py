"""Every problem code in the source of gitrain, found where it is written.

Anything with a parameter or field `code: str` takes a code. Each call of it must say which: a text,
a constant, a table of texts, or a code that it was given itself. Anything else is an error here,
since a reader could not find it either.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import gitrain
from gitrain.workspace_types import TYPES, DataPaths

PACKAGE = Path(gitrain.__file__).parent
# The titles of annotations are codes of problems, but also names of jobs.
LEFT_OUT = ("templates/", "problems/", "report/annotations.py")
# `code` is the tree of a code folder here.
NO_PROBLEM = {"canonical_job"}

Takers = Mapping[str, int | None]
"""What takes a code: its name, and the position of the code; None when it is a keyword only."""


def codes() -> dict[str, list[str]]:
    """Each code, with the places (`file:line`) that report it."""
    modules = {
        file: ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
        if not (file := path.relative_to(PACKAGE).as_posix()).startswith(LEFT_OUT)
    }
    declared = {file: dict(_takers(tree)) for file, tree in modules.items()}
    public = {n: at for d in declared.values() for n, at in d.items() if not n.startswith("_")}
    found: dict[str, list[str]] = {}
    for file, tree in modules.items():
        own = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        foreign = {name: at for name, at in public.items() if name not in own}
        for node, code in _Codes(tree, {**foreign, **declared[file]}).found():
            found.setdefault(code, []).append(f"{file}:{node.lineno}")
    return found


def _takers(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name not in NO_PROBLEM | {"__init__"}:
            yield from _of_function(node, node.name)
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and part.name == "__init__":
                    yield from _of_function(part, node.name)
            fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
            names = [ast.unparse(field.target) for field in fields]
            if "code" in names and _is_text(fields[names.index("code")].annotation):
                yield node.name, names.index("code")


def _of_function(node: ast.FunctionDef, name: str) -> Iterator[tuple[str, int | None]]:
    positional = [arg for arg in node.args.args if arg.arg not in ("self", "cls")]
    for at, arg in enumerate(positional):
        if arg.arg == "code" and _is_text(arg.annotation):
            yield name, at
    if any(arg.arg == "code" and _is_text(arg.annotation) for arg in node.args.kwonlyargs):
        yield name, None


def _is_text(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "str"


class _Codes:
    """The codes of one module."""

    def __init__(self, tree: ast.Module, takers: Takers) -> None:
        self._tree = tree
        self._takers = takers
        self._constants = {
            ast.unparse(node.targets[0]): node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
        }

    def found(self) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call) and _name(node) in self._takers:
                yield from ((node, code) for code in self._given(node))
            elif isinstance(node, ast.ClassDef):
                yield from _defaults(node)

    def _given(self, call: ast.Call) -> Iterator[str]:
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        at = self._takers[_name(call)]
        before = call.args[: (at or 0) + 1]
        assert not any(isinstance(arg, ast.Starred) for arg in before), ast.unparse(call)
        if "code" in keywords:
            yield from self._resolved(keywords["code"])
        elif at is not None and at < len(call.args):
            yield from self._resolved(call.args[at])

    def _resolved(self, code: ast.expr) -> Iterator[str]:
        match code:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp(body=one, orelse=other):
                yield from self._resolved(one)
                yield from self._resolved(other)
            case ast.Name(id="code") | ast.Attribute(attr="code"):
                return  # it was given: whoever gave it is looked at
            case ast.Name(id=name) if name in self._constants:
                yield from self._resolved(self._constants[name])
            case ast.Subscript(value=ast.Name(id=name)) if name in self._constants:
                table = self._constants[name]
                assert isinstance(table, ast.Dict)
                for value in table.values:
                    yield from self._resolved(value)
            case ast.Attribute(attr="elsewhere"):
                yield from (row.elsewhere for row in TYPES.values() if row.data is DataPaths.FILES)
            case _:
                raise AssertionError(f"which code is this? {ast.unparse(code)}")


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


def _defaults(node: ast.ClassDef) -> Iterator[tuple[ast.stmt, str]]:
    """A code that a class has unless it is given another one."""
    for part in node.body:
        match part:
            case (
                ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code)))
                | ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
            ):
                if code:
                    yield part, code
