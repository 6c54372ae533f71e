"""What each type of workspace does with each field: one table, for rules, plan, help and README.

A field that a table does not name is honoured. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from gitrain.manifest import EnvironmentSpec, JobSpec, Resources


class Verdict(StrEnum):
    HONOURED = "honoured"
    REPLACED = "replaced"
    IGNORED = "no meaning"
    REFUSED = "refused"


class Treatment(msgspec.Struct, frozen=True):
    """What happens to a field, and in a few words how."""

    verdict: Verdict
    how: str = ""


_NO_CONTAINER = Treatment(Verdict.IGNORED, "local runs have no container")
_NO_CLUSTER = Treatment(Verdict.IGNORED, "clusters are no resources on local")

FIELDS: Mapping[str, Mapping[str, Treatment]] = {
    "local": {
        "Cluster.spec": _NO_CLUSTER,
        "Environment.spec.image": _NO_CONTAINER,
        "Environment.spec.dockerfile": _NO_CONTAINER,
        "Environment.spec.build": _NO_CONTAINER,
        "Environment.spec.conda_file": Treatment(
            Verdict.IGNORED, "write `requirements_file` beside it"
        ),
        "Environment.spec.registry": _NO_CONTAINER,
        "Environment.spec.requirements_file": Treatment(Verdict.HONOURED, "a virtual environment"),
        "Job.spec.compute": _NO_CLUSTER,
        "Job.spec.inputs.mode": Treatment(Verdict.REPLACED, "the path itself"),
        "Job.spec.outputs.mode": Treatment(Verdict.REPLACED, "a folder of the run"),
        "Job.spec.resources.shm_size": _NO_CONTAINER,
        "Job.spec.resources.docker_args": _NO_CONTAINER,
    },
    "azureml": {
        "Environment.spec.local": Treatment(Verdict.IGNORED, "only for local"),
        "Job.spec.inputs.fingerprint": Treatment(Verdict.REFUSED, "`content`: data are not here"),
        "Environment.spec.requirements_file": Treatment(
            Verdict.HONOURED, "installed into the image"
        ),
    },
}
FIELDS = {**FIELDS, "memory": FIELDS["azureml"]}


def treatment(workspace: str, field: str) -> Treatment:
    """What a type of workspace does with `Kind.spec.field`, or with what it is a part of."""
    table = FIELDS[workspace]
    while field:
        if field in table:
            return table[field]
        field = field.rpartition(".")[0]
    return Treatment(Verdict.HONOURED)


def fields_set(spec: JobSpec | EnvironmentSpec) -> Iterable[str]:
    """The fields of a spec that say something other than their default, as `Kind.spec.field`."""
    kind = type(spec).__name__.removesuffix("Spec")
    for name in spec.__struct_fields__:
        value = getattr(spec, name)
        if isinstance(value, Resources):
            default = Resources()
            for part in value.__struct_fields__:
                if getattr(value, part) != getattr(default, part):
                    yield f"{kind}.spec.resources.{part}"
        elif value not in ("", None, {}, ()):
            yield f"{kind}.spec.{name}"


def ignored(workspace: str, specs: Iterable[JobSpec | EnvironmentSpec]) -> tuple[str, ...]:
    """The fields among all these specs that have no meaning in this type of workspace, sorted."""
    found = {field for spec in specs for field in fields_set(spec)}
    ignored = (f for f in found if treatment(workspace, f).verdict is Verdict.IGNORED)
    return tuple(sorted({field.partition(".spec.")[2] for field in ignored}))
