"""Where something is, what is wrong with it, and how a command ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum, StrEnum

import msgspec


class Exit(IntEnum):
    """Exit codes of every command; where several apply, the caller returns the first of `WORST`."""

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
    """A place in a file: `file` is relative to the project's root, both numbers count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: what, where, and what to do about it.

    `code` is stable and machine-readable (`unknown-field`); `path` is the field (`spec.inputs.lr`);
    `excerpt` is the source line that `location` points at, for the caret below it.
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
        """Sorts problems as a reader goes through the files."""
        return (self.location or Location("", 0, 0), self.path, self.code, self.message)


MAX_PROBLEMS = 100
"""Of a file, errors and warnings each: nobody reads more, and a hostile one could have millions."""


class Tally:
    """Lets the problems of each file through until there are too many."""

    def __init__(self) -> None:
        self._count: Counter[tuple[str, Severity]] = Counter()

    def full(self, file: str) -> bool:
        """Whether a file has so many errors that it is not looked at any further."""
        return self._count[file, Severity.ERROR] >= MAX_PROBLEMS

    def take(self, file: str, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Those of `problems`, which are of `file`, that are shown; they may be endless.

        Further warnings are dropped, the last error says that there may be more.
        """
        for problem in problems:
            self._count[file, problem.severity] += 1
            if self.full(file):
                yield problem
                yield Problem(
                    code="too-many-problems",
                    message="the rest of this file was not checked",
                    location=problem.location,
                    suggestion="mend what is above, then look again",
                )
                return
            if self._count[file, problem.severity] <= MAX_PROBLEMS:
                yield problem


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


class GitrainError(Exception):
    """Anything a user can cause or cure: printed as one line, never as a traceback.

    Its notes (`add_note`) are further lines, where there are several cures to choose from.
    """

    exit_code = Exit.ERROR

    @property
    def lines(self) -> tuple[str, ...]:
        """What to print; none of them is safe for a terminal yet."""
        return (str(self), *(f"  {note}" for note in getattr(self, "__notes__", ())))


class UsageError(GitrainError):
    """Arguments that make no sense, alone or together."""


class ManifestsError(GitrainError):
    """The manifests are invalid. `problems` has every problem of every file, warnings included."""

    exit_code = Exit.INVALID

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.order))
        errors = sum(problem.severity is Severity.ERROR for problem in self.problems)
        super().__init__("1 problem" if errors == 1 else f"{errors} problems")


class RefusedError(GitrainError):
    """A policy or a guard says no. Nothing was changed."""

    exit_code = Exit.REFUSED

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class WorkspaceError(GitrainError):
    """The workspace answered, and the answer is no."""


class GitHubError(GitrainError):
    """GitHub cannot be asked, or says no: one line, with what to do about it."""


class UnavailableError(WorkspaceError):
    """The workspace could not be asked: trying again may help. Never read as "it is not there"."""
