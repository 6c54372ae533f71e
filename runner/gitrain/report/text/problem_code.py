"""A problem code explained: what it means, and an example with and without the problem."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from gitrain.problems.row import PROJECT, VALIDATE, Example, Row
from gitrain.report.safe import plain
from gitrain.report.text.columns import Style, unstyled

_WIDTH = 88


def code_text(row: Row, fields: Iterable[str] = (), style: Style = unstyled) -> str:
    """Explain a code; `fields` are those of manifests that have the same name."""
    blocks = [
        f"{style(row.code, 'bold')}: {row.title}",
        _filled(row.paragraph),
        *_examples(row, style),
    ]
    if fields := tuple(fields):
        blocks.append(_filled(f"Fields of the same name: {', '.join(fields)}"))
    return "\n\n".join(blocks) + "\n"


def codes_text(rows: Iterable[Row], style: Style = unstyled) -> str:
    """Every code with its title, in alphabetical order."""
    ordered = sorted(rows, key=lambda row: row.code)
    width = max(len(row.code) for row in ordered)
    codes = ((style(row.code, "bold"), " " * (width - len(row.code)), row) for row in ordered)
    return "".join(f"{code}{space}  {row.title}\n" for code, space, row in codes)


def _examples(row: Row, style: Style) -> Iterator[str]:
    if not (row.bad and row.good):
        yield _filled(f"There is no example: {row.unshown}.")
        return
    for title, example, before in (
        ("With the problem:", row.bad, {"gitrain.yaml": PROJECT}),
        ("Fixed:", row.good, row.bad.files),
    ):
        yield "\n".join([f"  {style(title, 'bold')}", *_project(example, before, style)])


def _project(example: Example, before: Mapping[str, str], style: Style) -> Iterator[str]:
    """The files that differ from those `before`, and the commands unless only validate runs."""
    for file, text in example.files.items():
        if text != before.get(file):
            yield from ("", f"    {style(f'# {file}', 'dim')}")
            yield from (f"    {plain(line)}" for line in text.splitlines())
    for file in before.keys() - example.files.keys():
        yield from ("", f"    {style(f'# {file}: removed', 'dim')}")
    if example.commands != (VALIDATE,):
        yield ""
        yield from (f"    {style('$', 'dim')} {command}" for command in example.commands)


def _filled(text: str) -> str:
    lines = textwrap.wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return textwrap.indent("\n".join(lines), "  ")
