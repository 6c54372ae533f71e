"""Problems as text: where, what, the line itself with a caret, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitrain.errors import Problem, Severity
from gitrain.report.safe import count, plain
from gitrain.report.text.columns import Style, unstyled, width

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def problems_text(problems: Iterable[Problem], files: int, style: Style = unstyled) -> str:
    """Every problem, in the order of the files, and a summary; `files` manifests were checked."""
    ordered = sorted(problems, key=lambda problem: problem.order)
    blocks = ["\n".join(problem_lines(problem, style)) for problem in ordered]
    return "\n\n".join([*blocks, verdict(ordered, files)]) + "\n"


def verdict(problems: Iterable[Problem], files: int) -> str:
    """`3 errors, 1 warning in 2 files` or `20 manifests are valid.`; with 0 `files` only the
    problems."""
    problems = list(problems)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    found = [count(errors, "error")] if errors else []
    found += [count(warnings, "warning")] if warnings else []
    places = len({problem.location.file for problem in problems if problem.location})
    story = ", ".join(found) + (f" in {count(places, 'file')}" if places else "")
    if errors or (warnings and not files):
        return story
    valid = "1 manifest is valid" if files == 1 else f"{files} manifests are valid"
    return f"{valid}; {story}." if warnings else f"{valid}."


def problem_lines(problem: Problem, style: Style) -> Iterator[str]:
    """`file:line:col: error[code]: message`, the excerpt with a caret, and the suggestion."""
    place = style(f"{plain(str(problem.location))}: ", "bold") if problem.location else ""
    severity = style(f"{problem.severity.value}[{problem.code}]:", _COLORS[problem.severity])
    yield f"{place}{severity} {plain(problem.message)}"
    gutter = 2
    if problem.location and problem.excerpt:
        line = str(problem.location.line)
        gutter = len(line) + 2
        # The bar keeps a line of the file from being read as a workflow command of its own.
        yield f"  {style(f'{line} |', 'dim')} {_excerpt(problem.excerpt)}"
        before = _excerpt(problem.excerpt[: problem.location.column - 1])
        caret = style("^", _COLORS[problem.severity])
        yield f"{' ' * gutter} {style('|', 'dim')} {' ' * width(before)}{caret}"
    if problem.suggestion:
        yield f"{' ' * gutter} {style('= help:', 'cyan')} {plain(problem.suggestion)}"


def _excerpt(text: str) -> str:
    """A line of a file as shown: a tab becomes one space, so that the caret lines up."""
    return plain(text.rstrip("\r\n").replace("\t", " "))
