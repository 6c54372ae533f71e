"""docs/reference/problems.md: the codes of problems, found in the code.

A code is what is given for a parameter or a field that is called `code` and is a text, as in
`Problem(code="unknown-field", …)` or `document.problem(path, "unknown-field", …)`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import gitrain
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
What `gitrain validate`, `plan` and `reconcile` find wrong has a code. It stays the same from one
release to the next, so that a script can rely on it; the words of a message may change. `-o
json` has it as `code`. `…` stands for what the message names."""

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_PACKAGE = Path(gitrain.__file__).parent

Constants = Mapping[str, ast.expr]


def page() -> str:
    found = codes()
    rows = ((f"`{code}`", "<br>".join(sorted(found[code]))) for code in sorted(found))
    return document("Problem codes", INTRODUCTION, table(("code", "messages"), rows))


def codes() -> dict[str, set[str]]:
    """Each code, and the messages that it stands with where they can be read off."""
    trees = [
        ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted(_PACKAGE.rglob("*.py"))
        if "templates" not in file.parts
    ]
    takers = _takers(trees)
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        constants = _constants(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                for code, message in _given(call, takers, constants):
                    found[code] |= {message} if message else set()
        for code in _defaults(tree):
            found[code] |= set()
    return found


def _constants(tree: ast.Module) -> Constants:
    """The names that a module gives to values."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _takers(trees: list[ast.Module]) -> dict[str, set[int]]:
    """The names of functions and classes that take a code, and at which position of a call."""
    takers: dict[str, set[int]] = defaultdict(set)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for name, place in _taken_by(node):
                    takers[name].add(place)
            elif isinstance(node, ast.FunctionDef) and not _is_method(node):
                takers[node.name].update(_places(node))
    return takers


def _taken_by(class_: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """The same of a class: as a field, or as a parameter of its methods."""
    for index, field in enumerate(_fields(class_)):
        if _is_code(field.target, field.annotation):
            yield class_.name, index
    for method in class_.body:
        if isinstance(method, ast.FunctionDef):
            name = class_.name if method.name == "__init__" else method.name
            yield from ((name, index - 1) for index in _places(method))


def _fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    return [field for field in node.body if isinstance(field, ast.AnnAssign)]


def _places(function: ast.FunctionDef) -> Iterator[int]:
    for index, argument in enumerate(function.args.args):
        if _is_code(ast.Name(argument.arg), argument.annotation):
            yield index


def _is_code(name: ast.expr, annotation: ast.expr | None) -> bool:
    return (
        isinstance(name, ast.Name)
        and name.id == "code"
        and isinstance(annotation, ast.Name)
        and annotation.id == "str"
    )


def _is_method(function: ast.FunctionDef) -> bool:
    return bool(function.args.args) and function.args.args[0].arg in ("self", "cls")


def _given(
    call: ast.Call, takers: dict[str, set[int]], constants: Constants
) -> Iterator[tuple[str, str]]:
    """The codes that a call gives, each with the message that stands next to it."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if "code" in named:
        for code in _texts(named["code"], constants):
            yield code, _message(named.get("message"))
    for index in takers.get(_name(call.func), ()):
        if index < len(call.args):
            after = call.args[index + 1] if index + 1 < len(call.args) else named.get("message")
            for code in _texts(call.args[index], constants):
                yield code, _message(after)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _defaults(tree: ast.Module) -> Iterator[str]:
    """The codes that are the default of a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _is_code(node.target, node.annotation):
            yield from _texts(node.value, {})


def _texts(node: ast.expr | None, constants: Constants) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield from _texts(constants.get(node.id), {})
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, constants)
        yield from _texts(node.orelse, constants)
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _CODE.fullmatch(node.value)
    ):
        yield node.value


def _message(node: ast.expr | None) -> str:
    """A text in the code, with `…` for what is put into it; "" for what is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "…" for p in node.values)
        return re.sub("(?:… ?)+…", "…", "".join(map(str, parts)))
    return ""
