"""Facts about the repository that a project is in."""

from __future__ import annotations

import pytest

from gitrain.source import Repository, SourceError


@pytest.fixture
def clone(repository, tmp_path):
    repository.git("clone", "-q", str(repository.root), str(tmp_path / "clone"))
    return type(repository)(tmp_path / "clone")


def test_a_clean_repository_has_a_commit_and_a_branch(repository):
    facts = Repository(repository.root / "training")

    assert facts.root == repository.root
    assert facts.commit == repository.git("rev-parse", "HEAD")
    assert facts.branch == "main"
    assert not facts.dirty
    assert (facts.remote, facts.remote_url, facts.default_branch) == ("", "", "")


def test_an_unborn_branch_has_no_commit_and_is_dirty(new_repository):
    facts = Repository(new_repository().root)

    assert (facts.commit, facts.branch, facts.dirty) == ("", "main", True)


def test_a_detached_head_has_no_branch(repository):
    repository.git("checkout", "-q", "--detach")

    assert Repository(repository.root).branch == ""


def test_only_the_projects_folder_makes_it_dirty(repository):
    repository.write("elsewhere/notes")

    assert Repository(repository.root).dirty
    assert not Repository(repository.root / "training").dirty
    repository.write("training/new.py")
    assert Repository(repository.root / "training").dirty


def test_the_own_folder_does_not_make_it_dirty(repository):
    repository.write(".gitrain/ledger")

    assert not Repository(repository.root).dirty


def test_a_clone_knows_its_remote_and_its_default_branch(clone, repository):
    facts = Repository(clone.root)

    assert facts.remote == "origin"
    assert facts.default_branch == "origin/main"
    assert facts.remote_url == str(repository.root)


def test_a_ci_checkout_guesses_the_default_branch(clone):
    clone.git("remote", "set-head", "origin", "--delete")
    assert Repository(clone.root).default_branch == "origin/main"

    clone.git("branch", "-r", "-d", "origin/main")
    assert Repository(clone.root).default_branch == ""


def test_the_branchs_own_remote_comes_first(clone, repository):
    clone.git("remote", "add", "fork", str(repository.root))
    clone.git("config", "branch.main.remote", "fork")

    assert Repository(clone.root).remote == "fork"


def test_the_remotes_head_is_asked_now(clone, repository):
    newer = repository.commit("newer")
    repository.git("branch", "feature/main")

    facts = Repository(clone.root)

    assert facts.remote_head("main") == newer != facts.commit
    assert facts.remote_head("feature/main") == newer


def test_a_branch_the_remote_lacks_is_an_error(clone):
    with pytest.raises(SourceError) as caught:
        Repository(clone.root).remote_head("absent")
    assert caught.value.code == "no-remote-branch"


def test_a_remote_that_cannot_be_asked_is_an_error_without_its_credentials(clone):
    clone.git("remote", "set-url", "origin", "https://user:hunter2@localhost:1/x.git")

    facts = Repository(clone.root)
    with pytest.raises(SourceError) as caught:
        facts.remote_head("main")

    assert caught.value.code == "remote-unavailable"
    assert "hunter2" not in str(caught.value)
    assert facts.remote_url == "https://localhost:1/x.git"


def test_without_a_remote_there_is_no_head_to_ask(repository):
    with pytest.raises(SourceError) as caught:
        Repository(repository.root).remote_head("main")
    assert caught.value.code == "no-remote"


def test_a_sha256_repository_has_facts_too(new_repository):
    worktree = new_repository("project", "--object-format=sha256")
    worktree.write("a")
    commit = worktree.commit()

    facts = Repository(worktree.root)

    assert (facts.commit, facts.dirty) == (commit, False)


def test_inside_the_git_folder_and_in_a_bare_repository_there_is_no_work_tree(
    repository, new_repository
):
    bare = new_repository("bare.git", "--bare")

    assert Repository(repository.root / ".git").root is None
    assert Repository(bare.root).root is None


def test_a_git_folder_that_is_none_does_not_count(tmp_path):
    (tmp_path / "project/.git").mkdir(parents=True)

    assert Repository(tmp_path / "project").root is None


def test_a_dirty_submodule_makes_it_dirty(repository, new_repository):
    library = new_repository("library")
    library.write("lib.py")
    library.commit()
    repository.git("submodule", "--quiet", "add", str(library.root), "training/library")
    repository.commit()
    assert not Repository(repository.root).dirty

    repository.write("training/library/lib.py", "changed\n")

    assert Repository(repository.root).dirty
