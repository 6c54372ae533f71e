"""Reasons: differences and phases in the words of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gitrain.desired import DesiredJob
from gitrain.diff import Change, diff
from gitrain.digest import DEFAULTS
from gitrain.observed import Run
from gitrain.plan.before import last_of_another_digest

ChangedFiles = Mapping[tuple[str, str], tuple[str, ...]]

# For a run that started as a variant, before its values were merged.
MERGED = "was a variant; its values are now merged"

_BLANKS = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥"})
_SHOWN = 4
_WIDTH = 40


def text(value: Any) -> str:
    """A value, shortened, on one line."""
    if value is None:
        return "none"
    plain = value if isinstance(value, str) else str(value).replace("'", "")
    plain = " ".join(plain.split()) or '""'
    return plain if len(plain) <= _WIDTH else plain[: _WIDTH - 1] + "…"


def change(one: Change, files: ChangedFiles) -> str:
    """`inputs.epochs 8 → 9`, `code changed (train.py, data.py)`."""
    if one.path == "code" and one.old and one.new:
        names = files.get((one.old, one.new))
        return f"code changed ({enumerate_(names)})" if names else "code changed"
    if one.path == "code":
        return "code added" if one.new else "code removed"
    if one.path == "variant" and one.old:
        return MERGED
    if one.path == "environment" and one.old and one.new:
        return "environment changed"
    if one.path.startswith("inputs.") and one.path.endswith((".job", ".content")):
        return f"{one.path.rpartition('.')[0]} changed"
    old, new = sides(one.old, one.new)
    return f"{one.path} {old} → {new}"


def sides(old: Any, new: Any) -> tuple[str, str]:
    """Two values that differ, so that what is shown of them differs too."""
    shown = text(old), text(new)
    if shown[0] != shown[1] or not (isinstance(old, str) and isinstance(new, str)):
        return shown
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (one, other) in pairs if one != other), min(len(old), len(new)))
    start = max(0, same - _WIDTH // 2)
    return _exactly(old, start), _exactly(new, start)


def _exactly(value: str, start: int) -> str:
    """A part of a text in which blanks and line ends can be seen."""
    part = value[start : start + _WIDTH - 2].translate(_BLANKS)
    before, after = "…" * (start > 0), "…" * (start + _WIDTH - 2 < len(value))
    return f"{before}{part}{after}"


def changes(differences: Iterable[Change], files: ChangedFiles = MappingProxyType({})) -> str:
    """All changes in a line; "" without any."""
    return enumerate_([change(one, files) for one in differences], separator="; ")


def enumerate_(names: Iterable[str], separator: str = ", ") -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    shown = separator.join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown}{separator}and {len(names) - _SHOWN} more"


def spelled_out(differences: Iterable[Change]) -> tuple[Change, ...]:
    """Changes with the defaults that canonical JSON leaves out: `revision 1 → 2`."""
    return tuple(
        Change(
            one.path,
            DEFAULTS.get(one.path) if one.old is None else one.old,
            DEFAULTS.get(one.path) if one.new is None else one.new,
        )
        for one in differences
    )


def compared(job: DesiredJob, runs: Iterable[Run]) -> tuple[Run | None, tuple[Change, ...]]:
    """The last run of another digest whose canonical form is known, and how this job differs from
    it."""
    before = last_of_another_digest(job.digest, (run for run in runs if run.identity.canonical))
    return before, spelled_out(diff(before.identity.canonical, job.canonical)) if before else ()


def absent_secrets(names: Iterable[str], absent: Collection[str]) -> str:
    """Why an action that needs these variables cannot be carried out; "" when none is missing."""
    missing = [name for name in names if name in absent]
    if not missing:
        return ""
    return f"needs the environment variable {enumerate_(missing)}, which is not set"
