"""A problem with a field, before the field's position in the file is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gitrain.document import Marks, Path
from gitrain.errors import Problem, Severity
from gitrain.near import near


class Finding(msgspec.Struct, frozen=True):
    """`path` is that of the field in its document; the rest is as in Problem."""

    path: Path
    code: str
    message: str
    suggestion: str = ""
    severity: Severity = Severity.ERROR

    def at(self, marks: Marks) -> Problem:
        """The problem, with the position of its field."""
        return marks.problem(
            self.path,
            self.code,
            self.message,
            suggestion=self.suggestion,
            severity=self.severity,
        )


def did_you_mean(written: object, known: Iterable[str]) -> str:
    """A suggestion in the form of a question; empty when no known word is close."""
    word = near(str(written), known)
    return f"did you mean `{word}`?" if word else ""


def listed(words: Iterable[str]) -> str:
    """`a`, `b` or `c`."""
    return either([f"`{word}`" for word in words])


def either(words: Sequence[str]) -> str:
    """a, b or c."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
