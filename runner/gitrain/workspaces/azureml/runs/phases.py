"""What Azure ML's words mean: statuses, errors and times. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.observed import Phase

PHASES: Mapping[str, Phase] = {
    "NotStarted": Phase.QUEUED,
    "Starting": Phase.QUEUED,
    "Queued": Phase.QUEUED,
    "Provisioning": Phase.PREPARING,
    "Preparing": Phase.PREPARING,
    "Running": Phase.RUNNING,
    # Azure ML waits for the node: the run continues, or Azure ML itself ends it.
    "NotResponding": Phase.RUNNING,
    "Finalizing": Phase.FINISHING,
    "CancelRequested": Phase.FINISHING,
    "Completed": Phase.COMPLETED,
    "Failed": Phase.FAILED,
    "Canceled": Phase.CANCELED,
}

_EXIT_CODE = re.compile(
    r"(?:exit(?:ed)?|status|return(?:ed)?)[ _-](?:with )?(?:status )?"
    r"(?:code)?:? ?(-?\d{1,3})\b",
    re.IGNORECASE,
)
_LENGTH = 300
_FRACTION = re.compile(r"\.(\d{1,6})\d*")

# Patterns of a failure's code or message, and what they mean to a person. The first match counts.
_FAILURES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (
            r"image ?build|failed to (?:build|prepare) (?:the )?(?:docker )?image",
            "the environment's image could not be built (see `gitrain logs`)",
        ),
        (
            r"(?:pull|download)\w* (?:the )?(?:docker )?image|imagepull",
            "its image could not be pulled",
        ),
        (r"quota", "the quota of the subscription or region is too small"),
        (r"preempt|\bevict", "its node was preempted"),
        (
            r"node\w* (?:was |is |became )?(?:lost|unusable|unreachable|unhealthy|deallocated)"
            r"|nodeunusable|nodefailure|lost (?:the )?node",
            "its node was lost",
        ),
        (
            r"maxrunduration|max_run_duration|time ?limit|timed out after|exceeded .*duration",
            "stopped after its timeout",
        ),
        (r"out of memory|oomkilled", "out of memory"),
        (
            r"authorizationpermissionmismatch|permission denied|forbidden|identity.*denied",
            "its identity may not read or write the data",
        ),
    )
)


def phase(status: str, run_id: str) -> Phase:
    """The phase of a status. Raises WorkspaceError for an unknown one: never guess."""
    if status not in PHASES:
        raise WorkspaceError(
            f"run {run_id} has a status that this version of gitrain does not know: {status!r}"
        )
    return PHASES[status]


def moment(text: str | None) -> str:
    """A time from Azure as RFC 3339 in UTC with milliseconds, so that times sort as strings."""
    if not text:
        return ""
    short = _FRACTION.sub(lambda match: f".{match[1]:0<6}", text.strip())
    parsed = datetime.fromisoformat(short)
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(start: str, end: str) -> float:
    """How long it was from one `moment` to another; 0 when either is not known."""
    if not start or not end:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def exit_code(error: Mapping[str, Any] | None) -> int | None:
    """The exit code that an error's message names, if it names one."""
    match = _EXIT_CODE.search(" ".join(_texts(error)))
    return int(match[1]) if match else None


def failure(error: Mapping[str, Any] | None) -> str:
    """Why a run failed, for a person: what it means, then what Azure ML said; "" without either."""
    texts = [text for text in _texts(error) if text]
    said = next((text for text in texts if " " in text), texts[0] if texts else "")
    line = " ".join(said.split())[:_LENGTH]
    everything = " ".join(texts)
    words = next((words for pattern, words in _FAILURES if pattern.search(everything)), "")
    code = exit_code(error)
    if not words and code is not None:
        words = f"exit code {code}{_CODES.get(code, '')}"
        return words if _is_only_about_the_code(line) else f"{words}: {line}"
    return f"{words}: {line}" if words and line else words or line


_CODES = {137: " (ended by SIGKILL: out of memory?)", 139: " (SIGSEGV)", 143: " (SIGTERM)"}


def _is_only_about_the_code(line: str) -> bool:
    return len(line) < 80 or "check log file" in line.casefold() or "User process" in line


def _texts(error: Mapping[str, Any] | None) -> Iterator[str]:
    """Every code and message of an error, from the outside in."""
    inner = (error or {}).get("error", error)
    if not isinstance(inner, Mapping) or not inner:
        return
    yield str(inner.get("code") or "")
    yield str(inner.get("message") or "")
    for detail in (*(inner.get("details") or ()), inner.get("innerError")):
        if isinstance(detail, Mapping) and detail:
            yield from _texts({"error": detail})
