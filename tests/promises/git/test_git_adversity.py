"""Checkouts as the world leaves them: never a prune, never a wrong submit, and a clear error."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import NO_CHANGES, Project

PLACE = "../demo/.gitrain"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return tmp_path / "origin.git"


@pytest.fixture
def project(tmp_path: Path, origin: Path) -> Iterator[Project]:
    """Two jobs that ran and one that runs, all pushed; every clone has the same workspace."""
    made = Project(
        tmp_path / "demo",
        workspaces={"local": {"type": "local", "slots": 4, "path": PLACE}},
    )
    made.write("src/train.sh", "echo one\n")
    made.job("train", "sh train.sh", code="../src")
    made.job("quick")
    made.job("live", "sleep 600")
    made.commit()
    made.git("init", "-q", "--bare", "-b", "main", str(origin))
    made.git("remote", "add", "origin", str(origin))
    made.git("push", "-q", "-u", "origin", "main")
    made.reconcile()
    made.gitrain("wait", "train", "quick")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


def clone(project: Project, origin: Path, *options: str) -> Path:
    """Another checkout of the same project, of the same workspace."""
    root = project.root.parent / "clone"
    project.git("clone", "-q", *options, f"file://{origin}", str(root))
    return root


def counts(project: Project, root: Path, *arguments: str) -> tuple[int, int]:
    """What a plan of a checkout would submit and cancel."""
    summary = project.gitrain("plan", "-o", "json", "-C", str(root), *arguments).json["summary"]
    return summary["submit"], summary["cancel"]


def alive(project: Project) -> bool:
    return project.status("live")["run"]["phase"] == "running"


def test_a_shallow_clone_with_a_detached_head_plans_the_same(project, origin):
    root = clone(project, origin, "--depth", "1")
    project.git("checkout", "-q", "--detach", cwd=root)

    assert counts(project, root, "--prune") == (0, 0)
    ended = project.gitrain("plan", "--offline", "--base", "HEAD~1", "-C", str(root), code=1)
    assert "there is no revision HEAD~1 in this clone: this clone is shallow" in ended.err


def test_a_linked_worktree_and_one_whose_repository_is_gone(project):
    root = project.root.parent / "linked"
    project.git("worktree", "add", "-q", str(root))
    assert counts(project, root, "--prune") == (0, 0)

    root.joinpath(".git").write_text("gitdir: /nowhere/at/all\n")

    for command in ("plan", "reconcile"):
        ended = project.gitrain(command, "-C", str(root), code=3)
        assert "has a .git that git cannot read" in ended.out
        assert "clone it again" in ended.out


def test_a_force_push_is_not_reconciled_over(project, origin):
    local = {"type": "local", "path": PLACE, "protect": {"branch": "main"}}
    project.describe(workspaces={"local": local})
    project.commit()
    project.git("push", "-q")
    root = clone(project, origin)
    project.git("commit", "-q", "--amend", "-m", "rewritten")
    project.git("push", "-q", "--force")

    refused = project.reconcile("-C", str(root), code=4)

    assert "only be reconciled from the head of main" in refused.out
    assert "check out main and pull" in refused.out
    assert counts(project, root) == (0, 0)


def test_a_run_whose_commit_is_in_no_repository_any_more_still_counts(project):
    project.git("checkout", "-q", "--orphan", "fresh")
    project.commit("all anew")
    project.git("branch", "-q", "-D", "main")
    project.git("update-ref", "-d", "refs/remotes/origin/main")
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "-q", "--prune=now")
    assert counts(project, project.root, "--prune") == (0, 0)

    project.write("src/train.sh", "echo two\n")
    row = project.row("train")

    assert row["action"] == "submit"
    assert row["reason"].startswith("code changed")


def test_a_commit_without_manifests_is_never_pruned(project):
    project.git("rm", "-q", "-r", "jobs")
    project.commit("remove all")
    for command in ("plan", "reconcile"):
        assert "`jobs` does not exist" in project.gitrain(command, "--prune", code=3).out

    project.write("jobs/.gitkeep", "")
    project.commit("an empty folder")

    refused = project.reconcile("--prune", code=4)
    assert "no manifests at all would remove everything" in refused.out
    assert project.reconcile("--prune", "--force", code=4).out == refused.out


def test_a_sparse_checkout_is_never_pruned(project, origin):
    root = clone(project, origin, "--no-checkout")
    project.git("sparse-checkout", "set", "--no-cone", "/*", "!/jobs/live.yaml", cwd=root)
    project.git("checkout", "-q", "main", cwd=root)
    assert project.git("status", "--porcelain", cwd=root) == ""

    for command in ("plan", "reconcile"):
        refused = project.gitrain(command, "--prune", "-C", str(root), code=4)
        assert "sparse checkout, which lacks 1 file\n" in refused.out
    assert counts(project, root) == (0, 0)
    project.git("sparse-checkout", "disable", cwd=root)
    assert counts(project, root, "--prune") == (0, 0)
    assert alive(project)


def test_a_checkout_that_was_cut_short_is_refused(project, origin):
    root = clone(project, origin, "--no-checkout")
    assert "there is no gitrain.yaml" in project.gitrain("plan", "-C", str(root), code=1).err
    project.git("checkout", "-q", "main", "--", "gitrain.yaml", "jobs", cwd=root)

    ended = project.reconcile("--prune", "-C", str(root), code=3)

    assert "`../src` does not exist" in ended.out
    for part in ("objects", "HEAD"):
        broken = project.root.parent / f"without-{part}"
        shutil.copytree(project.root, broken, symlinks=True)
        gone = broken / ".git" / part
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        ended = project.reconcile("-C", str(broken), code=3)
        assert "has a .git that git cannot read" in ended.out


def test_a_damaged_index_is_an_error_with_its_place(project):
    project.root.joinpath(".git/index").write_bytes(b"DIRCgarbage")

    ended = project.reconcile(code=3)

    assert ended.lines[0].startswith("jobs/train.yaml:")
    assert "index file smaller than expected" in ended.out


def test_names_that_differ_in_case_only(project):
    project.git("mv", "jobs/quick.yaml", "jobs/Quick.yaml")
    assert counts(project, project.root, "--prune") == (0, 0)

    project.git("mv", "src/train.sh", "src/Train.sh")
    assert counts(project, project.root) == (1, 0)
    project.git("mv", "src/Train.sh", "src/train.sh")

    project.job("QUICK")
    assert "Job quick is also defined at" in project.gitrain("plan", code=3).out


def test_a_file_mode_counts_where_git_says_so(project):
    program = project.root / "src/train.sh"
    program.chmod(0o755)
    assert counts(project, project.root) == (1, 0)

    project.git("config", "core.fileMode", "false")

    assert counts(project, project.root) == (0, 0)


@pytest.mark.parametrize("autocrlf", ["", "true", "input"])
def test_line_ends_are_no_change_and_the_tree_is_as_dirty_as_git_says(project, autocrlf):
    if autocrlf:
        project.git("config", "core.autocrlf", autocrlf)
    program = project.root / "src/train.sh"
    program.write_bytes(program.read_bytes().replace(b"\n", b"\r\n"))

    plan = project.plan()

    assert plan["summary"]["submit"] == 0
    assert plan["dirty"] == bool(project.git("status", "--porcelain"))


def test_a_checkout_with_windows_line_ends_is_clean(project, origin):
    root = clone(project, origin, "-c", "core.autocrlf=true")
    assert b"\r\n" in (root / "src/train.sh").read_bytes()

    plan = project.plan("-C", str(root))

    assert (plan["dirty"], plan["summary"]["submit"]) == (False, 0)


def test_a_submodule_that_was_not_fetched_is_refused(project, origin):
    library = project.root.parent / "library"
    library.mkdir()
    project.git("init", "-q", cwd=library)
    project.git("commit", "-q", "--allow-empty", "-m", "one", cwd=library)
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "--quiet", "add", str(library), "src/library")
    project.commit()
    project.git("push", "-q")
    root = clone(project, origin)

    ended = project.reconcile("-C", str(root), code=3)

    assert "the submodule library in" in ended.out
    assert "git submodule update --init --recursive" in ended.out


def test_a_remote_that_cannot_be_fetched_is_no_reason_to_go_on(project, origin):
    local = {"type": "local", "path": PLACE, "protect": {"branch": "main"}}
    project.describe(workspaces={"local": local})
    project.commit()
    shutil.rmtree(origin)

    ended = project.reconcile("--prune", code=1)

    assert "cannot be asked for main" in ended.err
    project.git("remote", "remove", "origin")
    assert "has no Git remote to ask for main" in project.reconcile(code=1).err
    ended = project.gitrain("plan", "--offline", code=1)
    assert "there is no remote branch to compare with: use --base REF" in ended.err


def test_without_git_and_without_a_repository(project, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/sh").symlink_to("/bin/sh")
    ended = project.gitrain("reconcile", variables={"PATH": str(tmp_path / "bin")}, code=3)
    assert "git is not installed" in ended.out

    bare = tmp_path / "bare"
    shutil.copytree(project.root, bare, ignore=shutil.ignore_patterns(".git"))
    ended = project.gitrain(
        "plan", "-C", str(bare), variables={"PATH": str(tmp_path / "bin")}, code=3
    )
    assert "gitrain needs git to read code folders" in ended.out

    assert counts(project, bare, "--prune") == (0, 0)
    ended = project.gitrain("plan", "--offline", "-C", str(bare), code=1)
    assert "--base REF" in ended.err


@pytest.mark.parametrize("git", [True, False])
def test_a_line_feed_in_the_path_of_a_project(tmp_path, git):
    project = Project(tmp_path / "two\nlines" / "demo", git=git)
    project.write("src/train.sh", "echo one\n")
    project.job("train", "sh train.sh", code="../src")
    if git:
        project.commit()
        project.gitrain("plan", "--offline", "--base", "HEAD")
        linked = tmp_path / "also\ntwo"
        project.git("worktree", "add", "-q", "--detach", str(linked))
        assert counts(project, linked) == (1, 0)
    for command in ("validate", "status", "doctor"):
        project.gitrain(command)
    project.settle()
    assert project.gitrain("logs", "train").out == "one\n"

    project.write("src/train.sh", "echo two\n")

    assert project.row("train")["reason"] == "code changed (train.sh)"


def test_a_line_feed_in_the_path_of_a_code_folder_is_an_error_with_its_place(project):
    project.write("two\nlines/train.sh", "echo one\n")
    project.job("train", "sh train.sh", code="../two\nlines")

    ended = project.gitrain("plan", code=3)

    assert (
        "jobs/train.yaml:9:5: error[control-character]: a line break or a tab is not allowed here"
        in ended.out
    )


@pytest.mark.parametrize("place", [".git/hooks", ".gitrain/runs"])
def test_the_folders_of_git_and_of_gitrain_hold_no_code(project, place):
    (project.root / place).mkdir(parents=True, exist_ok=True)
    project.job("train", "sh train.sh", code=f"../{place}")

    assert "own: no code" in project.gitrain("plan", code=3).out


@pytest.mark.parametrize("revision", ["nowhere", "--output=stolen", "--remote=x", "-h"])
def test_a_revision_is_never_an_option(project, revision):
    ended = project.gitrain("plan", "--offline", f"--base={revision}", code=1)

    assert f"there is no revision {revision} in this clone" in ended.err
    assert not (project.root / "stolen").exists()


def test_in_the_git_folder_of_a_bare_repository_there_is_no_project(project, origin):
    assert "there is no gitrain.yaml" in project.gitrain("plan", "-C", str(origin), code=1).err


def test_after_all_of_it_nothing_has_changed(project):
    assert project.gitrain("plan", "--prune").last_line == NO_CHANGES
