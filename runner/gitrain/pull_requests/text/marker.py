"""Hidden markers in comments: what a later run needs to know about an earlier one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

import msgspec

ROOM = 15_000
"""Bytes for the run ids in one comment, about 300 of them; the rest are only counted."""

_MARK = re.compile(r"<!-- gitrain:(?P<kind>[a-z]+)(?P<fields>(?: [a-z]+=[^ >]*)*) -->")


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """The kind of a comment (`plan`, `results` or `drift`), what it is about, and facts about it.

    It belongs to the workspace of the project in `folder`, relative to the repository's root.
    """

    kind: str
    workspace: str
    folder: str = ""
    runs: tuple[str, ...] = ()
    more: int = 0
    facts: Mapping[str, str] = {}

    def __str__(self) -> str:
        """The first line of the comment; GitHub does not show it."""
        shown = _fitting(self.runs)
        more = self.more + len(self.runs) - len(shown)
        fields = {
            "workspace": quote(self.workspace, safe=""),
            "folder": quote(self.folder, safe="/"),
            **{name: quote(value, safe="") for name, value in self.facts.items()},
            "runs": ",".join(quote(run, safe="") for run in shown),
            "more": str(more) if more else "",
        }
        told = "".join(f" {name}={value}" for name, value in fields.items() if value)
        return f"<!-- gitrain:{self.kind}{told} -->"

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about: no two comments should have the same subject. The fact `of` separates
        the results of one state of a pull request from those of another."""
        return (self.kind, self.workspace, self.folder, self.facts.get("of", ""))

    def matches(self, other: Marker) -> bool:
        return self.subject == other.subject


def read_marker(body: str) -> Marker | None:
    """The marker at the very beginning of a comment; None for any other comment."""
    match = _MARK.match(body)
    if match is None:
        return None
    pairs = (part.partition("=") for part in match["fields"].split())
    fields = {name: value for name, _, value in pairs}
    runs = fields.pop("runs", "")
    more = fields.pop("more", "")
    return Marker(
        kind=match["kind"],
        workspace=unquote(fields.pop("workspace", "")),
        folder=unquote(fields.pop("folder", "")),
        runs=tuple(unquote(run) for run in runs.split(",") if run),
        more=int(more) if more.isdigit() else 0,
        facts={name: unquote(value) for name, value in fields.items()},
    )


def _fitting(runs: tuple[str, ...]) -> list[str]:
    shown: list[str] = []
    left = ROOM
    for run in runs:
        left -= len(quote(run, safe="")) + 1
        if left < 0:
            break
        shown.append(run)
    return shown
