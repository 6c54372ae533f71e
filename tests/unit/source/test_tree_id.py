"""The identity of a folder is the tree that a commit made now would hold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from gitrain.source import SourceError, Sources


def tree_id(worktree, folder="training", **options) -> str:
    return Sources(worktree.root, **options).tree_id(folder)


def refusal(worktree, folder="training", **options) -> SourceError:
    with pytest.raises(SourceError) as caught:
        tree_id(worktree, folder, **options)
    return caught.value


def test_a_clean_folder_has_the_tree_id_of_the_commit(repository):
    assert tree_id(repository) == repository.tree_of_commit("training")


def test_the_whole_repository_can_be_the_folder(repository):
    assert tree_id(repository, ".") == repository.tree_of_commit()


def test_edits_new_files_deletions_and_modes_count_before_they_are_committed(repository):
    repository.write("training/train.py", "print('changed')\n")
    repository.write("training/new/thing.py")
    (repository.root / "training/lib/data.py").unlink()
    (repository.root / "training/run.sh").chmod(0o644)

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_what_is_staged_in_part_counts_as_it_is_on_disk(repository):
    repository.write("training/train.py", "staged\n")
    repository.git("add", "-A")
    repository.write("training/train.py", "newer\n")

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_a_file_may_become_a_folder_and_a_folder_a_file(repository):
    (repository.root / "training/train.py").unlink()
    repository.write("training/train.py/main.py")
    (repository.root / "training/lib/data.py").unlink()
    (repository.root / "training/lib").rmdir()
    repository.write("training/lib")

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_ignored_files_times_and_empty_folders_do_not_count(repository):
    before = tree_id(repository)
    repository.write(".gitignore", "*.log\n")
    repository.write("training/.gitignore.d/x", "")
    (repository.root / "training/.gitignore.d/x").unlink()
    repository.write("training/debug.log")
    (repository.root / "training/empty").mkdir()
    os.utime(repository.root / "training/train.py", (1, 1))

    assert tree_id(repository) == before


def test_a_file_tracked_although_ignored_counts(repository):
    repository.write("training/kept.log")
    repository.git("add", "-f", "training/kept.log")
    repository.write(".gitignore", "*.log\n")
    repository.commit()

    assert tree_id(repository) == repository.tree_of_commit("training")


def test_an_ignored_folder_with_a_tracked_file_is_that_file(repository):
    repository.write(".gitignore", "training/\n")
    repository.write("training/untracked.py")

    assert tree_id(repository) == repository.tree_of_commit("training")


def test_amlignore_takes_files_out_and_is_itself_part_of_the_tree(repository):
    repository.write("training/.amlignore", "data/\n*.bin\n!keep.bin\n")
    repository.write("training/keep.bin")
    repository.commit()
    expected = repository.tree_of_commit("training")

    repository.write("training/data/huge")
    repository.write("training/weights.bin")
    repository.commit()

    assert tree_id(repository) == expected


def test_manifests_and_the_own_folder_are_left_out(repository):
    alone = tree_id(repository, ".", leave_out=["jobs"])
    repository.write("jobs/train.yaml", "kind: Job # changed\n")
    repository.write("jobs/new.yaml")
    repository.write(".gitrain/runs/1/log")

    assert tree_id(repository, ".", leave_out=["jobs"]) == alone

    repository.git("rm", "-q", "-r", "--cached", "jobs")
    (repository.root / "jobs").rename(repository.root.parent / "jobs")
    assert tree_id(repository, ".") == alone


def test_code_that_lies_in_a_manifest_folder_is_not_left_out(repository):
    assert tree_id(repository, "jobs", leave_out=["jobs"]) == repository.tree_of_commit("jobs")
    repository.write("jobs/a/train.py")
    assert tree_id(repository, "jobs/a", leave_out=["jobs"])


def test_a_single_file_can_be_left_out(repository):
    expected = tree_id(repository)
    repository.write("training/job.yaml")

    assert tree_id(repository, leave_out=["training/job.yaml"]) == expected


def test_the_repository_is_left_untouched(repository):
    repository.write("training/train.py", "dirty\n")
    repository.write("training/new.py")
    repository.git("add", "-N", "training/new.py")

    def state():
        # Not the times of objects: Git renews them whenever it meets one again.
        files = {
            path: path.read_bytes()
            for path in (repository.root / ".git").rglob("*")
            if path.is_file()
        }
        files[repository.root] = (repository.root / ".git/index").stat().st_mtime_ns
        status = repository.git("--no-optional-locks", "status", "--porcelain")
        return status, repository.git("count-objects"), files

    before = state()
    sources = Sources(repository.root)
    sources.tree_id("training")
    assert sources.repository.dirty

    assert state() == before


def test_windows_line_ends_count_as_unix_ones(repository):
    repository.write("training/train.py", "print('hello')\r\n")

    assert tree_id(repository) == repository.tree_of_commit("training")


@pytest.mark.parametrize(
    "name",
    [
        "with space.py",
        "with\nnewline",
        "\u00fcml\u00e4ut.py",
        '"quoted"',
        "-dash",
        ":(top)magic",
        "*",
        "tab\tx",
    ],
)
def test_names_can_be_anything(repository, name):
    repository.write(f"training/{name}")
    repository.write(f"{name}/deep/file")

    before, folder = tree_id(repository), tree_id(repository, name)

    repository.commit()
    assert before == repository.tree_of_commit("training")
    assert folder == repository.tree_of_commit(name)


def test_names_need_not_be_utf8(repository):
    path = os.fsencode(repository.root) + b"/training/caf\xe9.py"
    Path(os.fsdecode(path)).write_text("x")

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_a_sha256_repository_works(new_repository):
    worktree = new_repository("project", "--object-format=sha256")
    worktree.write("training/a.py")
    worktree.write("training/sub/b.py")

    before = tree_id(worktree)

    worktree.commit()
    assert len(before) == 64
    assert before == worktree.tree_of_commit("training")


def test_an_unborn_branch_works(new_repository):
    worktree = new_repository()
    worktree.write("training/a.py")

    before = tree_id(worktree)

    worktree.commit()
    assert before == worktree.tree_of_commit("training")


def test_a_shallow_clone_and_a_detached_head_work(repository, tmp_path):
    repository.write("training/more.py")
    repository.commit()
    repository.git(
        "clone", "-q", "--depth=1", f"file://{repository.root}", str(tmp_path / "shallow")
    )
    repository.git("checkout", "-q", "--detach")

    expected = repository.tree_of_commit("training")
    assert Sources(tmp_path / "shallow").tree_id("training") == expected
    assert tree_id(repository) == expected


def test_a_linked_worktree_works(repository, tmp_path):
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    linked = type(repository)(tmp_path / "linked")
    linked.write("training/train.py", "other\n")

    before = tree_id(linked)

    linked.commit()
    assert before == linked.tree_of_commit("training")


def test_the_variables_of_a_hook_do_not_confuse(repository, new_repository, monkeypatch):
    other = new_repository("other")
    other.write("training/else.py")
    other.commit()
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": other.root / ".git/index",
        "GIT_OBJECT_DIRECTORY": other.root / ".git/objects",
        "GIT_PREFIX": "training/",
    }.items():
        monkeypatch.setenv(name, str(value))

    found = tree_id(repository), Sources(repository.root).repository.root

    monkeypatch.undo()
    assert found == (repository.tree_of_commit("training"), repository.root)


def test_settings_that_slow_or_change_git_do_not_matter(repository):
    for key, value in {
        "core.autocrlf": "true",
        "core.safecrlf": "true",
        "core.fsmonitor": "/does/not/exist",
        "core.splitIndex": "true",
        "core.quotepath": "true",
        "core.untrackedCache": "true",
        "status.showUntrackedFiles": "no",
        "advice.addIgnoredFile": "false",
        "color.ui": "always",
    }.items():
        repository.git("config", key, value)
    repository.write("training/train.py", "print('changed')\r\n")

    before = tree_id(repository)

    repository.git("-c", "core.fsmonitor=false", "-c", "core.safecrlf=false", "add", "-A")
    assert before == repository.git("write-tree", "--prefix=training/")


def test_a_sparse_checkout_has_what_a_commit_would_have(repository):
    repository.git("sparse-checkout", "set", "--no-cone", "/training/train.py", "/jobs/")

    assert not (repository.root / "training/lib").exists()
    assert tree_id(repository) == repository.tree_of_commit("training")


def test_a_folder_in_another_repository_is_read_there(repository, new_repository):
    other = new_repository("other")
    other.write("src/a.py")
    other.commit()

    assert tree_id(repository, "../other/src") == other.tree_of_commit("src")


def test_a_link_to_a_folder_is_that_folder(repository):
    (repository.root / "code").symlink_to("training")

    assert tree_id(repository, "code") == repository.tree_of_commit("training")


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../jobs/train.yaml", "lib/../../jobs", "deep/../../x"]
)
def test_a_link_that_leaves_the_folder_is_refused(repository, target):
    repository.write("training/lib/deeper/x")
    (repository.root / "training/deep").symlink_to("lib/deeper/../..")
    (repository.root / "training/out").symlink_to(target)

    error = refusal(repository)

    assert error.code == "link-leaves"
    assert "training" in str(error)


def test_links_inside_the_folder_are_kept_as_links(repository):
    (repository.root / "training/lib/up").symlink_to("../train.py")
    (repository.root / "training/dangling").symlink_to("nowhere")
    (repository.root / "training/loop").symlink_to("loop")

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_a_missing_an_empty_and_an_ignored_folder_are_refused_with_the_cure(repository):
    (repository.root / "empty").mkdir()
    repository.write("ignored/x")
    repository.write(".gitignore", "ignored/\n")

    assert refusal(repository, "absent").code == "missing"
    assert refusal(repository, "training/train.py").code == "missing"
    assert refusal(repository, "empty").code == "empty"
    assert refusal(repository, "ignored").code == "empty"
    assert ".gitignore" in str(refusal(repository, "ignored"))


def test_a_repository_inside_is_refused(repository, new_repository):
    inner = new_repository("project/training/vendor")
    inner.write("x")

    assert refusal(repository).code == "nested-repository"
    inner.commit()
    assert refusal(repository).code == "nested-repository"
    repository.write("training/.amlignore", "vendor/\n")
    assert tree_id(repository)


@pytest.fixture
def with_submodule(repository, new_repository):
    library = new_repository("library")
    library.write("lib.py", "one\n")
    library.commit()
    repository.git("submodule", "--quiet", "add", str(library.root), "training/library")
    repository.commit()
    return repository


def test_a_clean_submodule_is_its_commit(with_submodule):
    assert tree_id(with_submodule) == with_submodule.tree_of_commit("training")


@pytest.mark.parametrize("name", ["lib.py", "new.py"])
def test_a_submodule_with_changes_is_refused(with_submodule, name):
    with_submodule.write(f"training/library/{name}", "changed\n")

    error = refusal(with_submodule)

    assert error.code == "submodule-dirty"
    assert "library" in str(error)


def test_a_submodule_that_is_not_checked_out_is_refused(with_submodule):
    with_submodule.git("submodule", "--quiet", "deinit", "-f", "training/library")

    assert refusal(with_submodule).code == "submodule-missing"


def test_a_filter_that_is_not_installed_is_refused(repository):
    repository.write("training/.gitattributes", "*.bin filter=lfs -text\n")
    repository.git("config", "filter.lfs.clean", "git-lfs-that-is-not-there clean -- %f")
    repository.git("config", "filter.lfs.required", "true")
    repository.write("training/a.bin")

    error = refusal(repository)

    assert error.code == "git-filter"
    assert "git-lfs" in str(error)


def test_large_files_without_an_lfs_filter_are_refused(repository):
    repository.write(".gitattributes", "*.bin filter=lfs -text\n")
    repository.write("training/a.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    repository.commit()

    assert refusal(repository).code == "git-filter"
    assert tree_id(repository, "jobs")


def test_large_files_that_were_not_fetched_are_refused(repository):
    repository.write("training/a.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    repository.write(".gitattributes", "*.bin filter=lfs -text\n")
    repository.git("config", "filter.lfs.clean", "cat")
    repository.git("config", "filter.lfs.smudge", "cat")

    assert refusal(repository).code == "lfs-missing"


def test_a_clean_filter_shapes_the_tree_as_it_shapes_the_commit(repository):
    repository.write(".gitattributes", "*.py filter=upper\n")
    repository.git("config", "filter.upper.clean", "tr a-z A-Z")
    repository.write("training/new.py", "abc\n")

    before = tree_id(repository)

    repository.commit()
    assert before == repository.tree_of_commit("training")


def test_a_repository_that_git_does_not_trust_is_refused_with_the_cure(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    error = refusal(repository)

    assert error.code == "git-ownership"
    assert "safe.directory" in str(error)


def without_rights(question: Callable[[], str], place: Path) -> str:
    """The answer to a question without the rights of root; `place` is for temporary files."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # Forked, for all modules are loaded: nobody may not read where Python is installed.
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        os.environ.update(HOME="/", XDG_CONFIG_HOME="/")
        tempfile.tempdir = str(place)
        os.write(writer, question().encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as stream:
        return stream.read()


@pytest.fixture
def open_repository(repository):
    """The repository, where another user gets at it and trusts it."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        root = Path(place) / "project"
        repository.root.rename(root)
        yield type(repository)(root)


@pytest.mark.parametrize("inside_git", [True, False])
@pytest.mark.parametrize("name", ["training/train.py", "training/new.py", "training/folder/new.py"])
def test_a_file_that_cannot_be_read_is_refused(open_repository, monkeypatch, inside_git, name):
    path = open_repository.write(name, "new\n")
    hidden = path.parent if "folder" in name else path
    hidden.chmod(0)
    if not inside_git:
        (open_repository.root / ".git").rename(open_repository.root.parent / "away")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*")
    Sources(open_repository.root).repository.commit  # noqa: B018 (loads all that git needs)

    def question() -> str:
        try:
            return tree_id(open_repository)
        except Exception as error:
            return getattr(error, "code", repr(error))

    answer = without_rights(question, open_repository.root.parent)

    hidden.chmod(0o755)
    assert answer == "unreadable"


@pytest.mark.parametrize("inside_git", [True, False])
def test_without_the_git_command_code_is_refused_and_the_cure_is_named(
    repository, tmp_path, inside_git
):
    code = """
        import sys
        from pathlib import Path
        from gitrain.source import Sources, SourceError
        try:
            print(Sources(Path(sys.argv[1])).tree_id("training"))
        except SourceError as error:
            print(error.code, error.suggestion)
    """
    if not inside_git:
        (repository.root / ".git").rename(tmp_path / "away")

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(repository.root)],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "git-missing install git"


def test_git_is_not_imported_before_it_is_needed():
    code = "import sys, gitrain.source; print('git' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_temporary_files_are_gone_when_the_process_ends(repository, tmp_path):
    code = (
        "import sys; from pathlib import Path; from gitrain.source import Sources\n"
        "s = Sources(Path(sys.argv[1])); t = s.tree_id('training'); s.changed_files(t, t)"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    subprocess.run(
        [sys.executable, "-c", code, str(repository.root)],
        env={**os.environ, "TMPDIR": str(temporary)},
        check=True,
    )

    assert list(temporary.iterdir()) == []


def test_many_folders_are_looked_at_together(repository):
    for number in range(30):
        repository.write(f"many/{number}/main.py", f"{number}\n")
    repository.write("many/5/new/x")
    sources = Sources(repository.root)

    sources.prepare([*(f"many/{number}" for number in range(30)), "many", "."])

    found = {number: sources.tree_id(f"many/{number}") for number in range(30)}
    whole = sources.tree_id("many")
    repository.commit()
    assert found == {number: repository.tree_of_commit(f"many/{number}") for number in range(30)}
    assert whole == repository.tree_of_commit("many")


def test_preparing_a_bad_folder_leaves_the_message_to_whoever_asks_for_it(repository):
    sources = Sources(repository.root)

    sources.prepare(["training", "absent"])

    assert sources.tree_id("training") == repository.tree_of_commit("training")
    with pytest.raises(SourceError, match="does not exist"):
        sources.tree_id("absent")


def test_twenty_thousand_files_take_less_than_a_cpu_second(repository):
    for folder in range(200):
        (repository.root / f"training/{folder}").mkdir()
        for number in range(100):
            (repository.root / f"training/{folder}/{number}.py").write_text(f"{folder} {number}\n")
    repository.commit()
    repository.write("training/7/7.py", "changed\n")
    repository.write("training/7/new.py")
    tree_id(repository, "jobs")

    costs = []
    for _ in range(3):
        before = sum(os.times()[:4])  # ours and git's: a busy machine takes more time, but not CPU
        found = tree_id(repository)
        costs.append(sum(os.times()[:4]) - before)

    repository.commit()
    assert found == repository.tree_of_commit("training")
    assert min(costs) < 1.0  # 0.2 on two cores
