"""What a branch changes of the settings in gitrain.yaml, and whether it weakens a guard. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from gitrain.desired import DesiredJob
from gitrain.diff import diff
from gitrain.manifest import Project
from gitrain.plan.reasons import enumerate_
from gitrain.workspace_types import workspace_type


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that a branch changes; a side that lacks it has None.

    `path` is that in gitrain.yaml, below `spec`, and of the workspace at hand below its own name.
    `effect` says what comes of it, where the plan can tell.
    """

    path: str
    old: Any = None
    new: Any = None
    weakens: bool = False
    effect: str = ""


def settings_of(project: Project, workspace: str) -> Mapping[str, Any]:
    """All that gitrain.yaml sets, defaults included, with the workspace at hand at the top."""
    spec = _whole(project.spec)
    places = spec.pop("workspaces")
    for name, place in project.spec.workspaces.items():
        kind = workspace_type(place)
        places[name]["type"] = kind.name
        if place.protect.clean is None:
            places[name]["protect"]["clean"] = kind.clean
    names = sorted(places)
    own = places.pop(workspace, {})
    return {
        "name": project.metadata.name,
        "workspaces": {"names": names, **places},
        **spec,
        **own,
    }


def _whole(value: Any) -> Any:
    """Plain values, with the defaults that msgspec leaves out."""
    if isinstance(value, msgspec.Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


def changed(
    fork: Mapping[str, Any], theirs: Mapping[str, Any], ours: Mapping[str, Any]
) -> Iterator[Setting]:
    """What ours has changed since the fork, and theirs does not have; of a workspace that is new
    there is only the name to tell."""
    mine = {one.path for one in diff(fork, ours)}
    for one in diff(theirs, ours):
        if one.path in mine and one.path.partition(".")[0] in theirs:
            weak = weakens(one.path, one.old, one.new)
            yield Setting(path=one.path, old=one.old, new=one.new, weakens=weak)


def raised_timeouts(before: Iterable[DesiredJob], after: Iterable[DesiredJob]) -> Iterator[Setting]:
    """What bounds a run's cost; jobs with the same change are one line."""
    old = {job.name: job.spec.limits.timeout for job in before}
    raised: dict[tuple[int, int | None], list[str]] = {}
    for job in after:
        limit, timeout = old.get(job.name), job.spec.limits.timeout
        if limit is not None and _raised(limit, timeout):
            raised.setdefault((limit, timeout), []).append(job.name)
    for (limit, timeout), names in raised.items():
        path = f"limits.timeout of {enumerate_(names)}"
        yield Setting(path=path, old=limit, new=timeout, weakens=True)


def weakens(path: str, old: Any, new: Any) -> bool:
    """Whether a setting guarded more as it was. Where things are is a guard, too: what is moved
    away from is not found again, and nothing protects it."""
    field = path.split(".", 2)[2] if path.startswith("workspaces.") and "." in path[11:] else path
    judge = _GUARDS.get(field)
    return judge is not None and judge(old, new)


def _raised(old: Any, new: Any) -> bool:
    """A limit that is higher, or gone; a number of another sort than before may be anything."""
    if old is None or new is None:
        return old is not None
    return bool(new > old) if type(new) is type(old) or _numbers(old, new) else True


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _off(old: Any, new: Any) -> bool:
    return bool(old) and not new


def _on(old: Any, new: Any) -> bool:
    return bool(new) and not old


def _other(old: Any, new: Any) -> bool:
    return bool(old) and new != old


def _allows_more(old: Any, new: Any) -> bool:
    """Sizes: none means any."""
    return bool(old) and (not new or not set(new) <= set(old))


def _grows(old: Any, new: Any) -> bool:
    return not set(new or ()) <= set(old or ())


def _asks_less(old: Any, new: Any) -> bool:
    return not set(old or ()) <= set(new or ())


_GUARDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "policy.max_instances": _raised,
    "policy.allowed_sizes": _allows_more,
    "policy.require_timeout": _off,
    "policy.max_timeout": _raised,
    "policy.required_labels": _asks_less,
    "policy.max_submits": _raised,
    "policy.max_gpu_hours": _raised,
    "defaults.Job.limits.timeout": _raised,
    "protect.branch": _other,
    "protect.clean": _off,
    "prune": _on,
    "slots": _raised,
    "environment": _grows,
    "name": _other,
    "type": _other,
    "path": _other,
    "config": _other,
    "subscription_id": _other,
    "resource_group": _other,
    "workspace_name": _other,
    "workspaces.names": _asks_less,
}
