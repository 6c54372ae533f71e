"""Every manifest of the corpus is valid, and shows no phantom difference in any workspace."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitrain.errors import has_errors
from gitrain.load.manifests import load
from gitrain.manifest import Cluster, Environment, Job, Project
from gitrain.observed import Phase
from gitrain.rules.check import check
from tests.corpus.corpus import (
    PROJECTS,
    ROOT,
    WORKSPACES,
    field_paths,
    manifest_files,
    names,
    problems,
    raw,
    used_paths,
    wanted,
)
from tests.plan.build import World

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


def test_the_corpus_uses_every_field_and_every_word_of_every_kind() -> None:
    kinds = {kind.__name__: kind for kind in (Job, Environment, Cluster, Project)}
    files = [*(ROOT / file for file in FILES), ROOT / "gitrain.yaml", *PROJECTS]
    documents = [document for file in files for document in raw(file)]

    used = {
        path
        for document in documents
        if "apiVersion" in document
        for path in used_paths(kinds[document["kind"]], document)
    }

    declared = set().union(*map(field_paths, kinds.values()))
    assert sorted(declared - used) == []
