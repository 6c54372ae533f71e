"""Annotations: problems and degraded jobs as workflow commands, then the plain text."""

import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from gitrain.apply import Result
from gitrain.errors import Location, Problem, Severity
from gitrain.plan.actions import Plan, Verb
from gitrain.reconcile import Reconciled
from gitrain.report.safe import count, plain
from gitrain.report.sentences import setting_line
from gitrain.report.text.columns import Style, unstyled
from gitrain.report.text.plan import plan_text
from gitrain.report.text.problems import problems_text
from gitrain.report.text.reconcile import PAST, left, reconciled_text

# GitHub shows this many of each severity for a step, and silently drops the rest.
_SHOWN = 10


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """How a reviewer sees the project: `folder` is its own, relative to the repository's root, and
    `touched` the ranges of lines that the change under review touches, by file from that root."""

    folder: str = ""
    touched: Mapping[str, tuple[tuple[int, int], ...]] = {}

    def file(self, place: Location) -> str:
        return posixpath.join(self.folder, place.file)

    def distance(self, problem: Problem) -> int:
        """0 on a changed line, 1 in a changed file, else 2."""
        place = problem.location
        if place is None or self.file(place) not in self.touched:
            return 2
        ranges = self.touched[self.file(place)]
        return 0 if any(first <= place.line <= last for first, last in ranges) else 1


HERE = Where()


def annotations(problems: Iterable[Problem], where: Where = HERE) -> str:
    """One workflow command per line: at most 10 errors and 10 warnings, those on changed lines
    first; the last of each says how many more there are."""
    ordered = sorted(problems, key=lambda problem: (where.distance(problem), problem.order))
    lines: list[str] = []
    for severity in (Severity.ERROR, Severity.WARNING):
        found = [problem for problem in ordered if problem.severity is severity]
        shown = found if len(found) <= _SHOWN else found[: _SHOWN - 1]
        lines += [_command(problem, where) for problem in shown]
        if more := len(found) - len(shown):
            lines.append(f"::{severity.value}::and {count(more, 'more ' + severity.value)}")
    return "".join(f"{line}\n" for line in lines)


def plan_github(plan: Plan, style: Style = unstyled, *, where: Where = HERE) -> str:
    """Refusals as errors, weakened guards and degraded jobs as warnings, then the text."""
    places = {row.key: row.location for row in plan.actions}
    degraded = [
        Problem(
            code=f"{one.kind}/{one.name}",
            message=one.reason,
            location=places[f"{one.kind}/{one.name}"],
            severity=Severity.WARNING,
        )
        for one in plan.degraded
    ]
    weakened = [
        Problem(
            code="weakens a guard",
            message=setting_line(one),
            severity=Severity.WARNING,
        )
        for one in plan.weakened
    ]
    return annotations([*plan.problems, *weakened, *degraded], where) + plan_text(plan, style)


def problems_github(
    problems: Iterable[Problem], files: int, style: Style = unstyled, *, where: Where = HERE
) -> str:
    problems = tuple(problems)
    return annotations(problems, where) + problems_text(problems, files, style)


def reconciled_github(
    reconciled: Reconciled, style: Style = unstyled, *, where: Where = HERE
) -> str:
    """An error for each refusal, each action that failed or was skipped, and what is blocked; a
    warning for what is degraded; then the text."""
    places = {row.key: row.location for row in reconciled.first.actions}
    problems = [
        Problem(
            code=f"{outcome.kind}/{outcome.name}",
            message=f"not {PAST.get(outcome.action, outcome.action.value)}: {outcome.message}",
            location=places.get(f"{outcome.kind}/{outcome.name}"),
        )
        for outcome in reconciled.outcomes
        if outcome.result is not Result.DONE
    ]
    held = [
        Problem(
            code=row.key,
            message=row.reason,
            location=row.location,
            severity=Severity.ERROR if row.verb is Verb.BLOCKED else Severity.WARNING,
        )
        for row in left(reconciled)
        if row.verb is not Verb.WAITING
    ]
    found = [*reconciled.last.problems, *problems, *held]
    return annotations(found, where) + reconciled_text(reconciled, style)


def _command(problem: Problem, where: Where) -> str:
    properties = {"title": problem.code}
    if place := problem.location:
        properties = {
            "file": where.file(place),
            "line": str(place.line),
            "col": str(place.column),
            **properties,
        }
    told = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = _data(problem.message)
    if problem.suggestion:
        message += "%0A" + _data(problem.suggestion)
    return f"::{problem.severity.value} {told}::{message}"


def _data(text: str) -> str:
    """Line ends become the text `\\n` before GitHub's own escapes: a message stays on one line."""
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
