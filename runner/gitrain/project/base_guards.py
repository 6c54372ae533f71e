"""The guards of the base: they judge what a branch plans, whatever it says of them itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from gitrain.document import Manifests
from gitrain.errors import Problem
from gitrain.manifest import Policy, WorkspaceSpec
from gitrain.plan.actions import Base
from gitrain.plan.settings import Setting, changed, settings_of
from gitrain.project.at_commit import project_at
from gitrain.project.opened import OpenedProject
from gitrain.rules.policy import check_policy

# What says how a workspace is used; all else says where it is.
_USE = {"prune", "protect", "vars", "slots"}


class BaseGuards(msgspec.Struct, frozen=True, kw_only=True):
    """What the gitrain.yaml of the base `ref` says.

    `policy` is None where the base has no project, and then nothing of it judges. `settings` are
    those that the branch changes. `elsewhere` is the workspace as the base has it, if the branch
    moves it.
    """

    ref: str
    manifests: Manifests
    policy: Policy | None = None
    prunes: bool = False
    settings: tuple[Setting, ...] = ()
    elsewhere: WorkspaceSpec | None = None

    def refusals(
        self, *, moved: Collection[str] = (), known: Iterable[Problem] = ()
    ) -> tuple[Problem, ...]:
        """What the base's policy forbids in the branch's manifests, and their own policy allows.

        What the base alone has `moved` since (`Kind/name`) is as the base has it, and what is
        `known` to be wrong there came with or without the branch.
        """
        own = self.manifests.project.spec.policy
        if self.policy is None or self.policy == own:
            return ()
        documents = {
            name: tuple(one for one in found if f"{one.kind}/{one.name}" not in moved)
            for name, found in self.manifests.by_workspace.items()
        }
        judged = msgspec.structs.replace(self.manifests, by_workspace=documents)
        before = {(one.path, one.message) for one in known}
        return tuple(
            msgspec.structs.replace(one, message=f"{one.message} (the policy of {self.ref})")
            for one in check_policy(judged, self.policy)
            if (one.path, one.message) not in before
        )


def base_guards(opened: OpenedProject, base: Base) -> BaseGuards:
    """Read from the base's gitrain.yaml alone: its manifests may be invalid."""
    manifests, name = opened.manifests, opened.workspace_name
    theirs = project_at(opened, base.commit)
    if theirs is None:
        return BaseGuards(ref=base.ref, manifests=manifests)
    fork = theirs if base.fork == base.commit else project_at(opened, base.fork) or theirs
    place, own = theirs.spec.workspaces.get(name), manifests.project.spec.workspaces[name]
    sides = (settings_of(one, name) for one in (fork, theirs, manifests.project))
    return BaseGuards(
        ref=base.ref,
        manifests=manifests,
        policy=theirs.spec.policy,
        prunes=place.prune if place else False,
        settings=tuple(changed(*sides)),
        elsewhere=place if place and _where(place) != _where(own) else None,
    )


def _where(place: WorkspaceSpec) -> dict[str, object]:
    fields = msgspec.to_builtins(place).items()
    return {name: value for name, value in fields if name not in _USE}
