"""docs/reference/problems.md: what `gitrain explain CODE` says of every problem code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitrain.problems.catalogue import every
from gitrain.problems.row import PROJECT, VALIDATE, Example, Row
from tests.promises.documents.reference.markdown import code, document, table

INTRODUCTION = """\
What `gitrain validate`, `plan` and `reconcile` find wrong has a code. It stays the same from one
release to the next, so that a script can rely on it; the words of a message may change. The text
output has it in brackets (`error[unknown-field]`), and `-o json` as `code`. `gitrain explain CODE`
prints what stands here."""


def page() -> str:
    rows = sorted(every(), key=lambda row: row.code)
    listed = table(
        ("code", "what it means"), ((f"[`{row.code}`](#{row.code})", row.title) for row in rows)
    )
    return document("Problem codes", INTRODUCTION, listed, *(_section(row) for row in rows))


def _section(row: Row) -> str:
    return "\n\n".join(
        (f"## {row.code}", f"{row.title.capitalize()}.", row.paragraph, *_shown(row))
    )


def _shown(row: Row) -> Iterator[str]:
    if not (row.bad and row.good):
        yield f"There is no example: {row.unshown}."
        return
    yield "With the problem:"
    yield from _project(row.bad, {"gitrain.yaml": PROJECT})
    yield "Fixed:"
    yield from _project(row.good, row.bad.files)


def _project(example: Example, before: Mapping[str, str]) -> Iterator[str]:
    """The files that differ from those `before`, and what is typed unless it is validate alone."""
    for file, text in example.files.items():
        if text != before.get(file):
            yield code(f"# {file}\n{_printable(text)}")
    for file in before.keys() - example.files.keys():
        yield f"Without `{file}`."
    if example.commands != (VALIDATE,):
        yield code("\n".join(f"$ {command}" for command in example.commands), "console")


def _printable(text: str) -> str:
    """Characters that no page should hold, as their numbers."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)
