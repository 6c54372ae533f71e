"""Locations, problems, errors and exit codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum, StrEnum

import msgspec


class Exit(IntEnum):
    """Exit codes of every command; if several apply, the caller returns the first of `WORST`."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    INVALID = 3
    REFUSED = 4
    BLOCKED = 5
    RUN_FAILED = 7
    INTERRUPTED = 130


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Location(msgspec.Struct, frozen=True, order=True):
    """A position in a file: `file` is relative to the project's root, both numbers count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem: what is wrong, where, and what to do about it.

    `code` is stable and machine-readable (`unknown-field`); `path` is the field (`spec.inputs.lr`);
    `excerpt` is the source line that `location` points to, for the caret below it.
    """

    code: str
    message: str
    location: Location | None = None
    severity: Severity = Severity.ERROR
    path: str = ""
    suggestion: str = ""
    excerpt: str = ""

    @property
    def order(self) -> tuple[Location, str, str, str]:
        """Sorts problems in the order of a reader who goes through the files."""
        return (self.location or Location("", 0, 0), self.path, self.code, self.message)


MAX_PROBLEMS = 100
"""Per file, for errors and warnings each: nobody reads more, and a file could have millions."""


class Tally:
    """Passes on the problems of each file until there are too many."""

    def __init__(self) -> None:
        self._count: Counter[tuple[str, Severity]] = Counter()

    def full(self, file: str) -> bool:
        """Whether a file has so many errors that it is not checked any further."""
        return self._count[file, Severity.ERROR] >= MAX_PROBLEMS

    def take(self, file: str, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems of `file` to show; `problems` may be endless.

        Further warnings are dropped; after the last error, one more says that checking stopped.
        """
        for problem in problems:
            self._count[file, problem.severity] += 1
            if self.full(file):
                yield problem
                yield Problem(
                    code="too-many-problems",
                    message=f"stopped after {MAX_PROBLEMS} problems in this file",
                    location=problem.location,
                    suggestion="fix the ones above and run it again",
                )
                return
            if self._count[file, problem.severity] <= MAX_PROBLEMS:
                yield problem


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


class GitrainError(Exception):
    """Anything a user can cause or fix: printed as one line, never as a traceback.

    Its notes (`add_note`) are additional lines, for when there are several ways to fix it. `code`
    is stable and machine-readable, as in Problem; most errors need none.
    """

    exit_code = Exit.ERROR
    code = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to print; they are not yet safe for a terminal."""
        return (str(self), *(f"  {note}" for note in getattr(self, "__notes__", ())))


class UsageError(GitrainError):
    """Arguments that make no sense, by themselves or together."""


class ManifestsError(GitrainError):
    """The manifests are invalid. `problems` has every problem of every file, warnings included."""

    exit_code = Exit.INVALID

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.order))
        errors = sum(problem.severity is Severity.ERROR for problem in self.problems)
        super().__init__("1 problem" if errors == 1 else f"{errors} problems")


class RefusedError(GitrainError):
    """A policy or a guard refused. Nothing was changed."""

    exit_code = Exit.REFUSED

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class WorkspaceError(GitrainError):
    """The workspace answered with an error."""


class GitHubError(GitrainError):
    """GitHub did not answer, or answered with an error: one line, with what to do about it."""


class UnavailableError(WorkspaceError):
    """The workspace did not answer: trying again may help. Never take it for "does not exist"."""
