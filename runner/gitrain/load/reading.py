"""One file of the project, read: its text, its documents, or why there are none."""

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
    """What a file holds; with problems there are no documents."""

    source: Source
    documents: tuple[Body, ...] = ()
    mentions_vars: bool = False
    problems: tuple[Problem, ...] = ()

    def marks(self, body: Body) -> Marks:
        """The places of one of the documents, as they are written."""
        return Marks(self.places(body), Lines(self.source))

    def places(self, body: Body) -> Places:
        # They outlive what they are the places of, and must not keep its values.
        source, index = self.source, body.index
        return Places(Location(source.file, body.line, body.column), lambda: source.places(index))


def read(root: Path, file: str, parser: Parse = parse) -> Reading:
    """Read a YAML file of the project; `file` is relative to `root`. Never raises."""
    try:
        data = read_bytes(f"{root}/{file}")
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        problem = Problem(
            code="unreadable",
            message=message,
            location=Location(file),
            suggestion="make it a readable file",
        )
        return Reading(Source(file, ""), problems=(problem,))
    parsed = parser(data)
    source = Source(file, data.decode(errors="replace"))
    if parsed.flaws:
        return Reading(source, problems=tuple(problem_of(flaw, source) for flaw in parsed.flaws))
    documents = tuple(body for body in parsed.documents if body.value is not None)
    return Reading(source, documents, mentions_vars(source.text))


def read_bytes(path: Path | str) -> bytes:
    """A regular file's content, and no more of it than may be parsed. Raises OSError."""
    # Without buffers and with one look: there may be thousands. A pipe must not be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is no regular file")
        content = b""
        while piece := os.read(descriptor, MAX_BYTES + 1 - len(content)):
            content += piece
        return content
    finally:
        os.close(descriptor)


def problem_of(flaw: Flaw, source: Source) -> Problem:
    """A flaw with its place and source line."""
    return Problem(
        code=flaw.code,
        message=flaw.message,
        location=Location(source.file, flaw.line, flaw.column),
        suggestion=flaw.suggestion,
        excerpt=Lines(source).get((source.file, flaw.line), ""),
    )
