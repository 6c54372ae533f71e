"""Every manifest of the corpus is valid, and shows no phantom difference in any workspace."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gitrain.errors import has_errors
from gitrain.load.manifests import load
from gitrain.observed import Phase
from gitrain.rules.check import check
from tests.promises.corpus.corpus import (
    GOLDEN,
    PROJECTS,
    ROOT,
    WORKSPACES,
    digests,
    manifest_files,
    names,
    problems,
    raw,
    wanted,
)
from tests.promises.corpus.coverage import Schema
from tests.unit.plan.build import World

FILES = manifest_files()
MANY = {"max_submits": 999}


def test_there_are_at_least_sixty_manifests() -> None:
    assert len(FILES) + len(PROJECTS) >= 60


@pytest.mark.parametrize("file", FILES)
def test_a_manifest_is_valid(file: str) -> None:
    found = [p for p in problems() if p.location and p.location.file == file]

    assert not has_errors(found), [f"{p.location}: {p.message}" for p in found]


def test_nothing_else_is_wrong_in_the_project() -> None:
    assert not has_errors(problems())


@pytest.mark.parametrize("workspace", WORKSPACES)
@pytest.mark.parametrize("file", FILES)
def test_after_reconcile_there_is_no_phantom_difference(workspace: str, file: str) -> None:
    world, select = World(), tuple(names(workspace, file))
    if not select or (workspace == "local" and not any(s.startswith("Job/") for s in select)):
        return

    for _ in range(4):  # the longest chain of the corpus, and one more
        world.reconcile(wanted(workspace), select=select, **MANY)
        assert world.plan(wanted(workspace), select=select, **MANY).writes == ()
        for run in list(world.workspace.runs.values()):
            if run.live:
                world.workspace.go(run.id, Phase.COMPLETED)

    assert world.plan(wanted(workspace), select=select).settled


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_after_reconcile_the_whole_project_shows_no_difference(workspace: str) -> None:
    world = World()

    world.reconcile(wanted(workspace), **MANY)

    assert world.plan(wanted(workspace), **MANY).writes == ()


def test_a_job_that_both_workspaces_share_has_one_digest_where_its_values_are_the_same() -> None:
    local = {job.name: job for job in wanted("local").jobs}
    azure = {job.name: job for job in wanted("azure").jobs}

    differing = {n for n in local.keys() & azure.keys() if local[n].digest != azure[n].digest}

    assert differing == {"data-by-override", "data-by-variable"}


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_a_project_file_is_valid(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "gitrain.yaml")
    (tmp_path / "jobs").mkdir()
    shutil.copy(ROOT / "jobs" / "nowhere.yaml", tmp_path / "jobs")

    found = load(tmp_path)

    assert found.problems == ()
    assert found.manifests is not None
    assert check(found.manifests) == ()


def test_the_corpus_uses_all_that_the_schemas_allow() -> None:
    """Every field, word, switch and kind of value, and every two words that stand side by side."""
    schemas = {name: Schema(name) for name in ("Job", "Environment", "Cluster", "Project")}
    files = [*(ROOT / file for file in FILES), ROOT / "gitrain.yaml", *PROJECTS]
    documents = [document for file in files for document in raw(file)]

    used = {
        place
        for document in documents
        if "apiVersion" in document
        for place in schemas[document["kind"]].used(document)
    }

    declared = set().union(*(schema.declared() for schema in schemas.values()))
    assert len(declared) > 150
    assert sorted(declared - used) == []


def test_the_digests_of_the_corpus_are_frozen() -> None:
    """Within gitrain/v1 none may change: every job like it would run again. For what is new in the
    corpus, `python -m tests.promises.corpus.freeze` adds its digest, and changes no other."""
    assert digests() == json.loads(GOLDEN.read_text())
