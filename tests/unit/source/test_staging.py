"""Exactly the tree that was identified is shipped, and the next plan can name what changed."""

from __future__ import annotations

import os
import stat
import subprocess

import pytest

from gitrain.source import SourceError, Sources


@pytest.fixture(params=["in Git", "without Git"])
def project(request, repository, tmp_path):
    """A project with a few files; what it says holds with and without Git."""
    repository.write("training/.amlignore", "*.bin\n")
    repository.write("training/data.bin")
    repository.write("training/windows.txt", "a\r\nb\r\n")
    (repository.root / "training/lib/link").symlink_to("data.py")
    (repository.root / "training/dangling").symlink_to("nowhere")
    if request.param == "without Git":
        (repository.root / ".git").rename(tmp_path / "away")
    return repository


def listing(folder):
    """Every file by its name: its content, or its link, and whether it is a program."""
    return {
        str(path.relative_to(folder)): path.readlink()
        if path.is_symlink()
        else (path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR))
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_the_staged_folder_is_that_tree(project, tmp_path):
    sources = Sources(project.root)
    tree = sources.tree_id("training")

    sources.stage("training", tree, tmp_path / "deep/staged")

    assert Sources(tmp_path / "deep/staged").tree_id(".") == tree
    files = listing(tmp_path / "deep/staged")
    assert set(files) == {
        *("train.py", "lib/data.py", "run.sh", ".amlignore", "windows.txt", "lib/link", "dangling"),
    }
    assert files["run.sh"] == (b"#!/bin/sh\n", True)
    assert files["train.py"][1] is False
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["staged"]


def test_the_whole_project_can_be_staged_without_its_manifests(project, tmp_path):
    project.write(".gitrain/ledger")
    sources = Sources(project.root, leave_out=["jobs", "gitrain.yaml"])

    sources.stage(".", sources.tree_id("."), tmp_path / "staged")

    assert (tmp_path / "staged/training/train.py").exists()
    assert not (tmp_path / "staged/jobs").exists()
    assert not (tmp_path / "staged/.gitrain").exists()


def test_a_folder_that_changed_since_the_plan_is_refused(project, tmp_path):
    planned = Sources(project.root).tree_id("training")
    project.write("training/train.py", "changed\n")

    with pytest.raises(SourceError) as caught:
        Sources(project.root).stage("training", planned, tmp_path / "staged")

    assert caught.value.code == "source-changed"
    assert not (tmp_path / "staged").exists()


def test_a_folder_that_changes_after_it_was_read_is_shipped_as_it_was(repository, tmp_path):
    sources = Sources(repository.root)
    tree = sources.tree_id("training")
    repository.write("training/train.py", "changed\n")
    (repository.root / "training/lib/data.py").unlink()

    sources.stage("training", tree, tmp_path / "staged")

    assert Sources(tmp_path / "staged").tree_id(".") == tree


@pytest.mark.parametrize("change", ["content", "gone"])
def test_without_git_a_folder_that_changes_after_it_was_read_is_refused(tmp_path, change):
    (tmp_path / "code").mkdir()
    path = tmp_path / "code/train.py"
    path.write_text("one\n")
    sources = Sources(tmp_path)
    tree = sources.tree_id("code")
    path.write_text("changed\n") if change == "content" else path.unlink()

    with pytest.raises(SourceError) as caught:
        sources.stage("code", tree, tmp_path / "staged")

    assert caught.value.code == "source-changed"
    assert not (tmp_path / "staged").exists()


def test_what_is_there_already_is_not_written_over(project, tmp_path):
    (tmp_path / "staged").mkdir()
    sources = Sources(project.root)

    with pytest.raises(SourceError) as caught:
        sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert caught.value.code == "destination-exists"


def test_staging_one_tree_twice_writes_it_twice(project, tmp_path):
    sources = Sources(project.root)
    tree = sources.tree_id("training")

    sources.stage("training", tree, tmp_path / "one")
    sources.stage("training", tree, tmp_path / "two")

    assert listing(tmp_path / "one") == listing(tmp_path / "two")


def test_names_of_any_kind_are_staged(repository, tmp_path):
    for name in ("a b", "new\nline", "\u00fc", '"q"', "-n", "tab\t", os.fsdecode(b"\xff")):
        repository.write(f"training/{name}/{name}")
    sources = Sources(repository.root)

    sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert listing(tmp_path / "staged") == listing(repository.root / "training")


def test_a_project_whose_path_is_odd_can_be_staged(new_repository, tmp_path):
    worktree = new_repository('odd: "path" \u00fc')
    worktree.write("training/a.py")
    worktree.commit()
    worktree.write("training/b.py")
    sources = Sources(worktree.root)
    tree = sources.tree_id("training")

    sources.stage("training", tree, tmp_path / "staged : here")

    assert set(listing(tmp_path / "staged : here")) == {"a.py", "b.py"}


def test_filters_give_the_run_what_the_work_tree_has(repository, tmp_path):
    repository.write(".gitattributes", "*.big filter=big\n")
    repository.git("config", "filter.big.clean", "tr a-z A-Z")
    repository.git("config", "filter.big.smudge", "tr A-Z a-z")
    repository.write("training/x.big", "content\n")
    sources = Sources(repository.root)

    sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert (tmp_path / "staged/x.big").read_text() == "content\n"


def test_a_smudge_filter_that_fails_is_an_error(repository, tmp_path):
    repository.write(".gitattributes", "*.big filter=big\n")
    repository.git("config", "filter.big.smudge", "false")
    repository.git("config", "filter.big.required", "true")
    repository.git("config", "filter.big.clean", "cat")
    repository.write("training/x.big", "content\n")
    sources = Sources(repository.root)

    with pytest.raises(SourceError) as caught:
        sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert caught.value.code == "git-filter"
    assert not (tmp_path / "staged").exists()


def test_submodules_are_staged_with_their_files(repository, new_repository, tmp_path):
    inner, outer = new_repository("inner"), new_repository("outer")
    inner.write("deep.py")
    inner.commit()
    outer.write("lib.py")
    outer.git("submodule", "--quiet", "add", str(inner.root), "inner")
    outer.commit()
    repository.git("submodule", "--quiet", "add", str(outer.root), "training/outer")
    repository.git("submodule", "--quiet", "update", "--init", "--recursive")
    sources = Sources(repository.root)

    sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert (tmp_path / "staged/outer/inner/deep.py").exists()
    assert (tmp_path / "staged/outer/lib.py").exists()


def test_staging_leaves_the_repository_untouched(repository, tmp_path):
    repository.write("training/new.py")
    before = repository.git("status", "--porcelain"), repository.git("count-objects")
    sources = Sources(repository.root, objects=tmp_path / "objects")

    sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert (repository.git("status", "--porcelain"), repository.git("count-objects")) == before


def test_the_changed_files_of_two_commits_are_named(repository):
    old = repository.tree_of_commit("training")
    repository.write("training/train.py", "new\n")
    repository.write("training/more/x y.py")
    (repository.root / "training/lib/data.py").unlink()
    repository.commit()

    changed = Sources(repository.root).changed_files(old, repository.tree_of_commit("training"))

    assert changed == ("lib/data.py", "more/x y.py", "train.py")


def test_the_changed_files_of_a_dirty_tree_are_named_before_anything_is_staged(repository):
    old = repository.tree_of_commit("training")
    repository.write("training/train.py", "new\n")
    sources = Sources(repository.root)

    assert sources.changed_files(old, sources.tree_id("training")) == ("train.py",)


def test_the_trees_of_what_was_shipped_are_kept_for_the_next_plan(project, tmp_path):
    first = Sources(project.root, objects=tmp_path / "objects")
    project.write("training/new/a.py", "1\n")
    old = first.tree_id("training")
    first.stage("training", old, tmp_path / "staged")

    project.write("training/new/a.py", "2\n")
    project.write("training/b.py")
    second = Sources(project.root, objects=tmp_path / "objects")

    assert second.changed_files(old, second.tree_id("training")) == ("b.py", "new/a.py")
    assert second.changed_files(old, old) == ()


def test_a_file_that_became_a_folder_is_named_by_all_its_files(project, tmp_path):
    first = Sources(project.root, objects=tmp_path / "objects")
    old = first.tree_id("training")
    first.stage("training", old, tmp_path / "staged")
    (project.root / "training/train.py").unlink()
    project.write("training/train.py/main.py")
    second = Sources(project.root, objects=tmp_path / "objects")

    changed = second.changed_files(old, second.tree_id("training"))

    assert changed == ("train.py", "train.py/main.py")


def test_a_tree_that_is_gone_leaves_the_changed_files_unknown(project):
    sources = Sources(project.root)
    tree = sources.tree_id("training")

    assert sources.changed_files("1" * 40, tree) is None
    for odd in ("", "not a tree", "--output=x", "../../secret", "HEAD"):
        assert sources.changed_files(tree, odd) is None
        assert sources.changed_files(odd, tree) is None


def test_a_committed_tree_is_not_kept_again(repository, tmp_path):
    sources = Sources(repository.root, objects=tmp_path / "objects")

    sources.stage("training", sources.tree_id("training"), tmp_path / "staged")

    assert not (tmp_path / "objects").exists()


def test_a_damaged_store_leaves_the_changed_files_unknown(project, tmp_path):
    first = Sources(project.root, objects=tmp_path / "objects")
    project.write("training/new.py")
    old = first.tree_id("training")
    first.stage("training", old, tmp_path / "staged")
    damaged = tmp_path / "objects" / old[:2] / old[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    project.write("training/new.py", "2\n")
    second = Sources(project.root, objects=tmp_path / "objects")

    assert second.changed_files(old, second.tree_id("training")) is None


def test_git_itself_can_read_the_store(repository, tmp_path):
    sources = Sources(repository.root, objects=tmp_path / "objects")
    repository.write("training/a-b")
    repository.write("training/a/b")
    repository.write("training/a.b")
    tree = sources.tree_id("training")
    sources.stage("training", tree, tmp_path / "staged")

    repository.git("init", "-q", "--bare", str(tmp_path / "bare"))
    names = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", tree],
        cwd=tmp_path / "bare",
        env={**os.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(tmp_path / "objects")},
        check=True,
        capture_output=True,
    ).stdout.split()
    assert names == [b"a-b", b"a.b", b"a/b", b"lib/data.py", b"run.sh", b"train.py"]
