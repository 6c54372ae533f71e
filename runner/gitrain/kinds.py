"""The kinds of manifests: one row each, with the names of what each layer needs for it.

Rows have names, not objects, so that this module imports nothing: `validate` never loads the plan,
and each layer loads its part of a row when it needs it. A new kind is a row here and what it names.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """One kind. Objects are named as `module:attribute`.

    `type` is the struct of its manifests, a `gitrain.manifest.Resource` with the name of the kind.
    `plan` is a subclass of `gitrain.plan.kind.InPlan`. `rules` takes a `Document` and the
    workspace's `Names`, and yields the problems that the schema cannot find. `resolve` takes the
    kind and a `gitrain.resolve.Resolving`, and returns the desired resources.
    `on_local` says whether a resource that lists no workspaces also exists on a local one if the
    project has others.
    """

    name: str
    type: str
    plan: str
    rules: str = "gitrain.rules.kinds:any_kind"
    resolve: str = "gitrain.resolve:as_declared"
    on_local: bool = True


_ROWS = (
    Kind(
        "Cluster",
        type="gitrain.manifest.cluster:Cluster",
        plan="gitrain.plan.clusters:Clusters",
        rules="gitrain.rules.kinds:clusters",
        resolve="gitrain.resolve:clusters",
    ),
    Kind(
        "Environment",
        type="gitrain.manifest.environment:Environment",
        plan="gitrain.plan.environments:Environments",
        rules="gitrain.rules.kinds:environments",
        resolve="gitrain.resolve:environments",
    ),
    Kind(
        "Job",
        type="gitrain.manifest.job:Job",
        plan="gitrain.plan.job_kind:JobKind",
        rules="gitrain.rules.kinds:jobs",
        resolve="gitrain.resolve:jobs",
        on_local=False,
    ),
)

# By name, in the order of the plan.
KINDS = {row.name: row for row in _ROWS}


def found(place: str) -> Any:
    """The object with this name in a row."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
