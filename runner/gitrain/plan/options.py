"""The flags that shape a plan. Apply has none of its own."""

from __future__ import annotations

import msgspec

from gitrain.plan.reasons import ChangedFiles


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`select` are patterns: NAME, KIND/NAME, globs, label=value; none selects all.

    `absent_secrets` are the variables that reconcile looked for and did not find; plan never looks.
    `retry` and `rerun` name jobs whose failed, or whose finished, runs do not count this time.
    `by_hand` is `gitrain run`: it supersedes no run and creates no cluster. `changed_files` are the
    names that differ between two source trees, where Git still has both. `submitted` counts the
    submits that the same reconcile has already made.
    """

    select: tuple[str, ...] = ()
    prune: bool = False
    replace: bool = False
    force: bool = False
    max_submits: int | None = None
    submitted: int = 0
    absent_secrets: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    rerun: frozenset[str] = frozenset()
    by_hand: bool = False
    changed_files: ChangedFiles = {}
