"""Secrets are references: the environment variables that an action needs when it runs."""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.desired import EnvironmentUse
from gitrain.manifest import Job, JobSpec, Registry, SecretReference, SshSettings, Value


def of_job(job: Job, use: EnvironmentUse | None) -> tuple[str, ...]:
    """The environment variables that must be set when this job is submitted, sorted.

    Those of a registry are needed when the environment is registered, not here.
    """
    return of_run(job.spec, use)


def of_run(spec: JobSpec, use: EnvironmentUse | None) -> tuple[str, ...]:
    """The environment variables that a run of this reads when it starts, sorted."""
    variables = dict(spec.environment_variables)
    if use and use.definition:
        variables = {**use.definition.environment_variables, **variables}
    found = {v.env for v in variables.values() if isinstance(v, Value) and v.env is not None}
    return tuple(sorted(found))


def of_registry(registry: Registry | None) -> tuple[str, ...]:
    given = (registry.username, registry.password) if registry else ()
    return _names(given)


def of_ssh(settings: SshSettings | None) -> tuple[str, ...]:
    given = (settings.admin_password, settings.ssh_key_value) if settings else ()
    return _names(given)


def _names(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({v.env for v in values if isinstance(v, SecretReference)}))
