"""One file of the project, as read: its text, and its documents or why it has none."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from gitrain.document import Marks
from gitrain.errors import Location, Problem
from gitrain.load.effective import mentions_vars
from gitrain.yaml.decode import MAX_BYTES, Flaw
from gitrain.yaml.documents import Body, Parse
from gitrain.yaml.parse import parse
from gitrain.yaml.places import Lines, Places, Source


class Reading(msgspec.Struct, frozen=True):
    """The content of a file; with problems it has no documents."""

    source: Source
    documents: tuple[Body, ...] = ()
    mentions_vars: bool = False
    problems: tuple[Problem, ...] = ()

    def marks(self, body: Body) -> Marks:
        """The positions in one of the documents, as it is written."""
        return Marks(self.places(body), Lines(self.source))

    def places(self, body: Body) -> Places:
        # Positions outlive their document, and must not keep its values alive.
        source, index = self.source, body.index
        return Places(Location(source.file, body.line, body.column), lambda: source.places(index))


def read(root: Path, file: str, parser: Parse = parse) -> Reading:
    """Read a YAML file of the project; `file` is relative to `root`. Never raises."""
    try:
        data = read_bytes(f"{root}/{file}")
    except OSError as error:
        message = f"cannot read this file: {error.strerror or error}"
        problem = Problem(
            code="unreadable",
            message=message,
            location=Location(file),
            suggestion="check its permissions, and that it is a regular file",
        )
        return Reading(Source(file, ""), problems=(problem,))
    parsed = parser(data)
    source = Source(file, data.decode(errors="replace"))
    if parsed.flaws:
        return Reading(source, problems=tuple(problem_of(flaw, source) for flaw in parsed.flaws))
    documents = tuple(body for body in parsed.documents if body.value is not None)
    return Reading(source, documents, mentions_vars(source.text))


def read_bytes(path: Path | str) -> bytes:
    """A regular file's content, up to a little more than may be parsed. Raises OSError."""
    # Unbuffered, and with a single stat: there may be thousands. Never wait for a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        content = b""
        while piece := os.read(descriptor, MAX_BYTES + 1 - len(content)):
            content += piece
        return content
    finally:
        os.close(descriptor)


def problem_of(flaw: Flaw, source: Source) -> Problem:
    """The problem for a flaw, with its position and source line."""
    return Problem(
        code=flaw.code,
        message=flaw.message,
        location=Location(source.file, flaw.line, flaw.column),
        suggestion=flaw.suggestion,
        excerpt=Lines(source).get((source.file, flaw.line), ""),
    )
