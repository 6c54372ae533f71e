"""No query runs what a branch brought: every way to make git run a file of the work tree.

Each attack would write a canary; that plain git falls for it is shown first, where git can.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gitrain.commands.group import run
from tests.promises.command_line.project import Project

QUERIES = (
    ("validate",),
    ("validate", "-o", "github"),
    ("plan",),
    ("plan", "--offline", "--base", "HEAD~1"),
    ("status",),
    ("show", "job", "train"),
    ("doctor",),
)
# Everything in git's settings that names a command, and would be met on the way.
SETTINGS = """\
[core]
\trepositoryformatversion = 0
\tbare = false
\tworktree = .
\thooksPath = hooks
\tfsmonitor = {run}
\tsshCommand = {run}
\tpager = {run}
\teditor = {run}
\taskPass = {run}
\talternateRefsCommand = {run}
[filter "x"]
\tclean = {run}
\tsmudge = {run}
[diff]
\texternal = {run}
[diff "x"]
\tcommand = {run}
\ttextconv = {run}
[credential]
\thelper = !{run}
[alias]
\tadd = !{run}
\tls-files = !{run}
\tstatus = !{run}
\trev-parse = !{run}
"""
HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "pre-auto-gc")


class Target(Project):
    """A project in the subfolder `ml` of a repository, and the canary that no query may write."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, git=False)
        self.top = root.parent
        self.canary = self.top.parent / "canary"
        self.variables["HOME"] = str(self.top.parent)
        self.touch = f"touch {self.canary}"
        self.git("init", "-q", "-b", "main", cwd=self.top)
        self.write("training/train.py", "print(1)\n")
        self.job("train", code="../training")
        self.commit()
        self.job("later", code="../training")
        self.commit()

    def commit(self, message: str = "change") -> str:
        """Commit everything, from the top: what a branch brings does not fool it there."""
        self.git("add", "-A", cwd=self.top)
        self.git("commit", "-q", "-m", message, cwd=self.top)
        self.canary.unlink(missing_ok=True)
        return self.git("rev-parse", "HEAD", cwd=self.top)

    def program(self, path: Path) -> Path:
        """A program that writes the canary, and passes its input on."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{self.touch}\ncat\n")
        path.chmod(0o755)
        return path

    def settings(self) -> str:
        return SETTINGS.format(run=self.program(self.root / "run.sh"))

    def looks_like_a_repository(self, folder: Path) -> None:
        """Tracked files in a folder that git, asked there, takes for a bare repository."""
        for name in ("objects/info/.keep", "refs/heads/.keep"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        (folder / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / "config").write_text(self.settings())
        (folder / ".gitattributes").write_text("* filter=x diff=x\n")
        for hook in HOOKS:
            self.program(folder / "hooks" / hook)

    def fooled(self, *arguments: str, cwd: Path) -> bool:
        """Whether plain git writes the canary; it is taken away again."""
        subprocess.run(
            ["git", *arguments], cwd=cwd, env=self.variables, capture_output=True, check=False
        )
        there = self.canary.exists()
        self.canary.unlink(missing_ok=True)
        return there


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    made = Target(tmp_path / "repository" / "ml")
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    return made


def ask(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, in process, and all that it said."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = run(list(arguments))
    assert "bug in gitrain" not in out.getvalue(), out.getvalue()
    return int(code), out.getvalue()


def assert_nothing_runs(
    target: Target, monkeypatch: pytest.MonkeyPatch, *, refused: bool = False
) -> None:
    """Every query leaves the canary unwritten, with -C and from inside; plan is refused, or not."""
    for query in QUERIES:
        for place, option in ((target.top.parent, ("-C", str(target.root))), (target.root, ())):
            monkeypatch.chdir(place)
            ended, said = ask(query[0], *option, *query[1:])
            assert not target.canary.exists(), (query, place, said)
            if query[0] in ("plan", "status"):
                assert (ended in (1, 3)) == refused, (query, said)


def test_a_project_that_looks_like_a_bare_repository(target, monkeypatch):
    target.looks_like_a_repository(target.root)
    target.commit()
    target.write("training/train.py", "print(2)\n")
    assert target.fooled("add", "-A", cwd=target.root)

    assert_nothing_runs(target, monkeypatch)


def test_a_code_folder_and_those_around_it_look_like_bare_repositories(target, monkeypatch):
    for folder in (target.top, target.root / "training", target.root / "training/deep"):
        target.looks_like_a_repository(folder)
    target.commit()
    target.write("training/train.py", "print(2)\n")
    assert target.fooled("add", "-A", cwd=target.root / "training")

    assert_nothing_runs(target, monkeypatch)


def test_an_older_git_that_knows_no_safe_bare_repository(target, monkeypatch, tmp_path):
    """A `git` that drops the setting, as one before 2.38 does, and an empty .git in the way."""
    real = shutil.which("git")
    old = target.program(tmp_path / "old/git")
    old.write_text(
        "#!/bin/bash\nwords=()\n"
        'for word; do case "$word" in\n'
        "safe.bareRepository=*) words+=(old.git=yes);;\n"
        '*) words+=("$word");;\nesac; done\n'
        f'exec {real} "${{words[@]}}"\n'
    )
    target.looks_like_a_repository(target.root)
    target.commit()
    (target.root / ".git").mkdir()
    target.write("training/train.py", "print(2)\n")
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_PYTHON_GIT_EXECUTABLE", str(old))

    assert_nothing_runs(target, monkeypatch)


def test_hooks_that_the_user_keeps_in_the_work_tree(target, monkeypatch):
    for hook in HOOKS:
        target.program(target.top / ".githooks" / hook)
    target.git("config", "core.hooksPath", ".githooks", cwd=target.top)
    target.commit()
    target.write("training/train.py", "print(2)\n")
    assert target.fooled("add", "--renormalize", ".", cwd=target.top)

    assert_nothing_runs(target, monkeypatch)


@pytest.mark.parametrize(
    "key",
    [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "pager.diff",
        "pager.status",
        "alias.ls-files",
        "interactive.diffFilter",
        "gpg.program",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
    ],
)
def test_programs_that_the_user_keeps_in_the_work_tree(target, monkeypatch, key):
    program = target.program(target.top / "tools/program")
    target.write(".gitattributes", "* diff=x\n")
    target.commit()
    target.git("config", key, f"./{program.relative_to(target.top)}")
    target.write("training/train.py", "print(2)\n")

    assert_nothing_runs(target, monkeypatch)


@pytest.mark.parametrize("section", ["include", 'includeIf "onbranch:main"'])
@pytest.mark.parametrize("setting", ["filter", "filter.process", "fsmonitor", "harmless"])
def test_settings_that_the_user_includes_from_the_work_tree(target, monkeypatch, section, setting):
    program = target.program(target.root / "run.sh")
    texts = {
        "filter": f'[filter "x"]\n\tclean = {program}\n',
        "filter.process": f'[filter "x"]\n\tprocess = {program}\n\trequired\n',
        "fsmonitor": f"[core]\n\tfsmonitor = {program}\n",
        "harmless": "[alias]\n\tst = status\n[user]\n\tname = X\n",
    }
    target.write(".gitattributes", "* filter=x\n")
    target.commit()
    (target.top / ".gitconfig").write_text(texts[setting])
    with (target.top / ".git/config").open("a") as config:
        config.write(f"[{section}]\n\tpath = ../.gitconfig\n")
    target.write("training/train.py", "print(2)\n")
    plain = target.fooled("add", "-A", cwd=target.top)
    assert plain == (setting != "harmless")

    refused = setting.startswith("filter")
    assert_nothing_runs(target, monkeypatch, refused=refused)

    _, said = ask("plan", "-C", str(target.root))
    assert ("any branch could change what runs here" in said) == refused
    _, said = ask("doctor", "-C", str(target.root))
    assert ("move that setting into .git/config" in said) == refused


def test_a_link_in_the_work_tree_is_the_branchs_wherever_it_leads(target, monkeypatch, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text(f'[filter "x"]\n\tclean = {target.program(target.root / "run.sh")}\n')
    (target.top / ".gitconfig").symlink_to(outside)
    target.write(".gitattributes", "* filter=x\n")
    target.commit()
    target.git("config", "include.path", "../.gitconfig")
    target.write("training/train.py", "print(2)\n")
    assert target.fooled("add", "-A", cwd=target.top)

    assert_nothing_runs(target, monkeypatch, refused=True)


@pytest.mark.parametrize("place", [".git/config", ".git/included", "home"])
def test_a_filter_of_the_users_own_still_shapes_the_tree(target, monkeypatch, place):
    home, clean = target.top.parent, '[filter "x"]\n\tclean = tr a-z A-Z\n'
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    (home / ".gitconfig").write_text(clean if place == "home" else "")
    if place != "home":
        with (target.top / place).open("a") as config:
            config.write(clean)
    if place == ".git/included":
        target.git("config", "include.path", "included")
    target.write("training/.gitattributes", "*.py filter=x\n")

    _, said = ask("show", "job", "train", "-o", "json", "-C", str(target.root))

    target.variables["GIT_CONFIG_GLOBAL"] = str(home / ".gitconfig")
    target.commit()
    assert "PRINT(1)" in target.git("show", "HEAD:ml/training/train.py")
    assert target.git("rev-parse", "HEAD:ml/training") in said


def test_variables_of_a_hook_that_point_into_the_work_tree(target, monkeypatch):
    target.looks_like_a_repository(target.root)
    target.commit()
    target.write("training/train.py", "print(2)\n")
    for name, value in {
        "GIT_DIR": target.root,
        "GIT_COMMON_DIR": target.root,
        "GIT_WORK_TREE": target.root,
        "GIT_CONFIG": target.root / "config",
        "GIT_INDEX_FILE": target.root / "index",
        "GIT_OBJECT_DIRECTORY": target.root / "objects",
    }.items():
        monkeypatch.setenv(name, str(value))

    assert_nothing_runs(target, monkeypatch)


def test_a_submodule_that_looks_like_a_bare_repository(target, monkeypatch, tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    target.git("init", "-q", "-b", "main", cwd=library)
    target.looks_like_a_repository(library)
    target.git("add", "-A", cwd=library)
    target.git("commit", "-q", "-m", "one", cwd=library)
    allow = ("-c", "protocol.file.allow=always")
    target.git(*allow, "submodule", "--quiet", "add", str(library), "training/library")
    target.commit()

    assert_nothing_runs(target, monkeypatch)

    (target.root / "training/library/run.sh").write_text("changed\n")
    assert_nothing_runs(target, monkeypatch, refused=True)


@pytest.mark.parametrize("inside", [True, False])
def test_without_git_a_folder_that_looks_like_a_repository(target, monkeypatch, inside):
    shutil.rmtree(target.top / ".git")
    target.looks_like_a_repository(target.root / "training" if inside else target.root)

    for query in QUERIES:
        if "--base" not in query:
            _, said = ask(query[0], "-C", str(target.root), *query[1:])
            assert not target.canary.exists(), (query, said)
    ended, said = ask("plan", "-C", str(target.root))
    assert ended == 0, said


def test_the_lines_of_a_pull_request_are_found_without_a_text_converter(
    target, monkeypatch, tmp_path
):
    program = target.program(target.top / "tools/program")
    origin = tmp_path / "origin.git"
    target.git("init", "-q", "--bare", str(origin))
    target.git("remote", "add", "origin", str(origin))
    target.write(".gitattributes", "* diff=x\n")
    target.commit()
    target.git("push", "-q", "-u", "origin", "main")
    target.git("config", "diff.x.textconv", str(program))
    target.git("config", "diff.x.command", str(program))
    target.git("config", "diff.external", str(program))
    target.git("checkout", "-q", "-b", "change")
    target.job("more", "true")
    target.commit()
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"base": {"ref": "main"}, "head": {"sha": "x"}}}')
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert target.fooled("diff", "origin/main...HEAD", cwd=target.top)

    assert_nothing_runs(target, monkeypatch)
