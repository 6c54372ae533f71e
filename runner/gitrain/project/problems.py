"""Everything that is wrong with the manifests, as far as can be seen offline."""

from __future__ import annotations

from pathlib import Path

from gitrain.errors import Problem
from gitrain.load.files import read_files
from gitrain.load.manifests import Loaded
from gitrain.rules.check import check
from gitrain.rules.policy import check_policy
from gitrain.workspace_types import workspace_type
from gitrain.yaml.parse import Parse


def problems_of(loaded: Loaded, root: Path, parser: Parse) -> tuple[Problem, ...]:
    """Those of reading, of the rules, of policy, and of the files that manifests name; sorted."""
    found = dict.fromkeys(loaded.problems)
    if loaded.manifests:
        found |= dict.fromkeys((*check(loaded.manifests), *check_policy(loaded.manifests)))
        for name, target in loaded.manifests.project.spec.workspaces.items():
            documents = loaded.manifests.documents(name)
            found |= dict.fromkeys(read_files(documents, root, workspace_type(target), parser)[1])
    return tuple(sorted(found, key=lambda problem: problem.order))
