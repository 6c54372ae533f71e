"""--select: the rows that a plan is narrowed to, with what the selected resources need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from gitrain.desired import Desired, DesiredResource
from gitrain.errors import UsageError
from gitrain.plan.actions import Action
from gitrain.plan.kind import in_plan


def selected(desired: Desired, patterns: Iterable[str]) -> frozenset[str]:
    """The keys (`Kind/name`) that the patterns choose, and all that those need.

    Raises UsageError for a pattern that chooses nothing: a typo must not look like an empty plan.
    """
    found = {one.key: one for one in desired.all}
    chosen: set[str] = set()
    for pattern in patterns:
        matching = {key for key, one in found.items() if _matches(pattern, one)}
        if not matching:
            raise UsageError(f"--select {pattern}: no resource in this workspace matches")
        chosen |= matching
    return frozenset(_with_needs(chosen, found))


def _matches(pattern: str, one: DesiredResource) -> bool:
    if "=" in pattern:
        label, _, value = pattern.partition("=")
        labels = one.metadata.labels
        return label in labels and fnmatchcase(labels[label], value)
    kind, slash, name = pattern.partition("/")
    if slash:
        return fnmatchcase(one.kind.lower(), kind.lower()) and fnmatchcase(one.name, name)
    return fnmatchcase(one.name, pattern)


def _with_needs(chosen: Iterable[str], found: Mapping[str, DesiredResource]) -> set[str]:
    """A needed resource may exist without a manifest: then it is not one of ours."""
    whole: set[str] = set()
    left = list(chosen)
    while left:  # not by recursion: a chain may be longer than Python's stack is deep
        key = left.pop()
        if key not in whole:
            whole.add(key)
            one = found.get(key)
            left += in_plan(one.kind).takes_along(one) if one else ()
    return whole


def narrowed(actions: Iterable[Action], keys: frozenset[str]) -> tuple[Action, ...]:
    """The rows of these resources, in their order."""
    return tuple(action for action in actions if action.key in keys)
