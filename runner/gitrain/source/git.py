"""Git commands, run through gitpython, free of the variables that hooks set."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from gitrain.secrets.addresses import scrub_url
from gitrain.source.errors import SourceError

# `git rev-parse --local-env-vars`, configuration apart: a hook exports them for its own repository.
_LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
)
# Line ends count as LF on every machine; nothing but our own throw-away index is ever written.
_OPTIONS = (
    *("-c", "core.autocrlf=input"),
    *("-c", "core.safecrlf=false"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.splitIndex=false"),
    *("-c", "core.quotePath=false"),
)
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


class Reply(NamedTuple):
    """What a git command said. `err` bears no credentials."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return os.fsdecode(self.out).removesuffix("\n")

    @property
    def reason(self) -> str:
        """The first line of `err` that says what went wrong."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        named = [line for line in lines if line.startswith(("fatal:", "error:"))]
        return (named or lines or [f"exit code {self.status}"])[0]


class Git:
    """Runs git in one folder."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._variables = {**_VARIABLES, **(variables or {})}

    def given(self, **variables: str) -> Git:
        """The same, with further environment variables."""
        return Git(self.folder, {**self._variables, **variables})

    def ask(self, *arguments: str, stdin: bytes = b"", timeout: float | None = None) -> Reply:
        """Run a command and return what it said, whatever its exit status; `timeout` in seconds."""
        # gitpython can add variables but not take one away, and GIT_DIR="" is an error to git.
        present = [name for name in _LOCAL_VARIABLES if name in os.environ]
        unset = [f"--unset={name}" for name in present if name not in self._variables]
        command = [*(["env", *unset] if unset else []), _executable(), *_OPTIONS, *arguments]
        import git  # slow, and it looks for the executable: only when git is asked

        with tempfile.TemporaryFile() as stream:
            stream.write(stdin)
            stream.seek(0)
            status, out, err = git.Git(self.folder).execute(
                command,
                istream=stream,
                env=self._variables,
                kill_after_timeout=timeout,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
        return Reply(int(status), bytes(out), scrub_url(str(err)))

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a command that has to succeed, and return its output.

        Raises SourceError when it fails.
        """
        reply = self.ask(*arguments, stdin=stdin)
        if reply.status:
            raise failure(f"git {arguments[0]}", self.folder, reply)
        return reply.out


def failure(what: str, folder: Path, reply: Reply) -> SourceError:
    """What a failed command means to the user."""
    err = reply.err
    if "dubious ownership" in err:
        return SourceError(
            "git-ownership",
            f"Git does not trust {folder}: it belongs to someone else",
            f"git config --global --add safe.directory {folder}",
        )
    if "filter" in err and "failed" in err:
        return SourceError(
            "git-filter",
            f"a filter of .gitattributes does not work in {folder} ({_last_cause(err)})",
            "install it (for LFS: git-lfs, then `git lfs install`)",
        )
    if "Permission denied" in err or "could not open" in err:
        return SourceError(
            "unreadable",
            f"cannot read all of {folder} ({reply.reason})",
            "make it readable, or ignore it",
        )
    return SourceError("git-failed", f"{what} failed in {folder}: {reply.reason}")


def _last_cause(err: str) -> str:
    return next(line for line in err.splitlines() if "filter" in line)


class Checkout(msgspec.Struct, frozen=True):
    """Where a repository's work tree, index and objects are; `algorithm` is sha1 or sha256."""

    git: Git
    root: Path
    index: Path
    objects: Path
    algorithm: str


def find_checkout(folder: Path) -> Checkout | None:
    """The repository whose work tree holds `folder`, an existing one; None without Git.

    Raises SourceError when there is one that git cannot or will not read.
    """
    # Without a .git git need not be asked, nor be installed.
    marker = nearest_marker(folder)
    if marker is None:
        return None
    git = Git(folder)
    reply = git.ask(
        "rev-parse",
        "--show-toplevel",
        *("--git-path", "index"),
        *("--git-path", "objects"),
        "--show-object-format",
    )
    if "must be run in a work tree" in reply.err:
        return None
    if "not a git repository" in reply.err:
        if _was_repository(marker / ".git"):
            raise SourceError(
                "git-broken",
                f"{marker} has a .git that git cannot read: {reply.reason}",
                "clone it again, or remove .git to go on without Git",
            )
        return None
    if reply.status:
        raise failure("git rev-parse", folder, reply)
    top, index, objects, algorithm = reply.text.split("\n")
    root = Path(top)
    return Checkout(Git(root), root, folder / index, (folder / objects).resolve(), algorithm)


def nearest_marker(folder: Path) -> Path | None:
    """The nearest folder, this one or above, that has a `.git`: folders that share it share its
    repository, if it is one."""
    return next((path for path in (folder, *folder.parents) if _exists(path / ".git")), None)


def _was_repository(git: Path) -> bool:
    """Whether a `.git` that git does not know is what is left of a repository, or half of one."""
    return git.is_file() or any((git / part).exists() for part in ("HEAD", "objects", "refs"))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _executable() -> str:
    name = os.environ.get("GIT_PYTHON_GIT_EXECUTABLE", "git")
    if shutil.which(name) is None:
        raise SourceError(
            "git-missing",
            "this project is in a Git repository, but git is not installed",
            "install git",
        )
    return name
