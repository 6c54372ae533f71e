"""The kinds of manifests: one row for each, and where each layer finds what is particular to it.

Places, not objects, so that this module imports nothing: `validate` never loads the plan, and a
layer loads its own part of a row when it needs it. A new kind is a row here and what it names.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """One kind. Each place is `module:attribute`.

    `type` is the struct of its manifests, a `gitrain.manifest.Resource` of the kind's own name.
    `plan` is a subclass of `gitrain.plan.kind.InPlan`. `rules` takes one `Document` and the
    workspace's `Names`, and yields problems: what the schema cannot say. `resolve` takes the
    kind and a `gitrain.resolve.Resolving`, and returns what is desired of it.
    `on_local` says whether a resource that names no workspaces also exists on a local one when the
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
    """What a place of a row names."""
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
