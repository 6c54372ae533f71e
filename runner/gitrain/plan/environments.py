"""Environments in the plan: a missing version is registered; no version is ever removed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from gitrain.desired import Desired, DesiredEnvironment
from gitrain.observed import EnvironmentState, Observed
from gitrain.plan.actions import Action, Health, Verb
from gitrain.plan.kind import InPlan
from gitrain.plan.options import Options
from gitrain.plan.reasons import absent_secrets
from gitrain.workspace import Query, Workspace

_OUR_VERSION = re.compile(r"[0-9a-f]{12}")


class RegisterEnvironment(msgspec.Struct, frozen=True):
    """A version that does not exist yet."""

    environment: DesiredEnvironment

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.environment.secrets

    def carry_out(self, workspace: Workspace) -> None:
        workspace.register_environment(self.environment)


class Environments(InPlan[DesiredEnvironment]):
    """One row for each version of an environment that a manifest or a job defines."""

    by_hand = True

    def ask(self, desired: Desired, query: Query) -> Query:
        names = sorted({environment.name for environment in self.among(desired)})
        return msgspec.structs.replace(query, environments=tuple(names))

    def completed(self, desired: Desired, observed: Observed) -> Observed:
        versions: dict[str, set[str]] = {}
        for environment in self.among(desired):
            versions.setdefault(environment.name, set()).add(environment.version)
        states = {n: EnvironmentState(name=n, versions=frozenset(v)) for n, v in versions.items()}
        return msgspec.structs.replace(observed, environments=states)

    def rows(
        self, desired: Desired, observed: Observed, options: Options, earlier: Sequence[Action]
    ) -> list[Action]:
        del earlier
        return [_environment_row(one, observed, options) for one in self.among(desired)]


def _environment_row(
    environment: DesiredEnvironment, observed: Observed, options: Options
) -> Action:
    state = observed.environments.get(environment.name)
    versions = state.versions if state else frozenset()
    foreign = sorted(v for v in versions if not _OUR_VERSION.fullmatch(v))
    if environment.version in versions:
        verb, reason, health = Verb.KEEP, f"version {environment.version}", Health.HEALTHY
    elif foreign and not environment.metadata.adopt:
        reason = (
            f"has versions that gitrain did not create ({foreign[-1]}): choose another name, "
            "or set `adopt: true`"
        )
        verb, health = Verb.BLOCKED, Health.MISSING
    elif reason := absent_secrets(environment.secrets, options.absent_secrets):
        verb, health = Verb.BLOCKED, Health.MISSING
    else:
        verb, reason, health = Verb.REGISTER, f"version {environment.version}", Health.MISSING
    return Action(
        verb=verb,
        kind="Environment",
        name=environment.name,
        reason=reason,
        health=health,
        digest=environment.version,
        version=environment.version,
        location=environment.location,
        payload=RegisterEnvironment(environment) if verb.writes else None,
    )
