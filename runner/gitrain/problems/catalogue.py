"""All rows, by code. A lot of data: import it only where a code is explained."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.problems import azureml, documents, folders, git, jobs, plans, resources, sources, text
from gitrain.problems.row import Row


def every() -> Iterator[Row]:
    """Every code that gitrain can report, by area, in the order in which a manifest is checked."""
    for area in (text, documents, azureml, jobs, resources, sources, folders, git, plans):
        yield from area.ROWS


def find(code: str) -> Row | None:
    """The row of a code; None for an unknown code."""
    return next((row for row in every() if row.code == code), None)
