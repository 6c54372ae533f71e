"""Runs git, through gitpython, in one repository, without running anything that a branch added.

A branch can add files to the work tree. They become commands if git takes a folder of the tree for
a bare repository, if the user's own settings name hooks in the tree, or if settings are included
from it (see `settings`). Filters in the user's own settings, such as those of LFS, do run: they
determine the content of the tree.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from gitrain.secrets.addresses import scrub_url
from gitrain.source.errors import SourceError, shown

MATCHING = 120.0
HASHING = 1200.0
"""Time limits in seconds, for a command that only matches patterns and for one that also reads
contents: with some patterns of many `**` git never finishes."""

# `git rev-parse --local-env-vars`, except the settings that `git -c` passes on: hooks export them
# for their own repository. Also everything else that would make git read a different one.
_LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
)
# Line ends count as LF on every machine; only temporary files are ever written.
_OPTIONS = (
    "--no-pager",
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.autocrlf=input"),
    *("-c", "core.safecrlf=false"),
    *("-c", "core.splitIndex=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "core.fsync=none"),
)
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


class Reply(NamedTuple):
    """The result of a git command. `err` contains no credentials."""

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
        """The same, with additional environment variables."""
        return Git(self.folder, {**self._variables, **variables})

    def ask(self, *arguments: str, stdin: bytes = b"", timeout: float | None = None) -> Reply:
        """Run a command and return its result, even if it fails; `timeout` is in seconds."""
        # gitpython can add variables but not remove any, and git rejects GIT_DIR="".
        present = [name for name in _LOCAL_VARIABLES if name in os.environ]
        unset = [word for name in present if name not in self._variables for word in ("-u", name)]
        command = [*(["env", *unset] if unset else []), _executable(), *_OPTIONS, *arguments]
        import git  # slow, and it looks for the executable: only import it when needed

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

    def run(self, *arguments: str, stdin: bytes = b"", timeout: float | None = None) -> bytes:
        """Run a command that must succeed, and return its output.

        Raises SourceError if it fails or takes longer than `timeout` seconds.
        """
        reply = self.ask(*arguments, stdin=stdin, timeout=timeout)
        if reply.status:
            raise failure(f"git {arguments[0]}", self.folder, reply)
        return reply.out


def failure(what: str, folder: Path, reply: Reply) -> SourceError:
    """The error to show for a failed command."""
    err, place = reply.err, shown(folder)
    if "dubious ownership" in err:
        return SourceError(
            "git-ownership",
            f"Git does not trust {place}: it belongs to someone else",
            f"git config --global --add safe.directory {shlex.quote(place)}",
        )
    if "Timeout: the command" in err:
        return SourceError(
            "git-slow",
            f"{what} in {place} took too long",
            "look for patterns with several `**` in .gitignore, .gitattributes and .amlignore",
        )
    if "filter" in err and "failed" in err:
        return SourceError(
            "git-filter",
            f"a filter in .gitattributes does not work in {place} ({_last_cause(err)})",
            "install it (for LFS: git-lfs, then `git lfs install`)",
        )
    if "Permission denied" in err or "could not open" in err:
        return SourceError(
            "unreadable",
            f"cannot read everything in {place} ({reply.reason})",
            "make it readable, or ignore it",
        )
    return SourceError("git-failed", f"{what} failed in {place}: {reply.reason}")


def quoted(folders: Iterable[Path]) -> str:
    """Folders in the form of GIT_ALTERNATE_OBJECT_DIRECTORIES; a path may contain a colon."""
    escaped = (
        os.fspath(folder).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        for folder in folders
    )
    return os.pathsep.join(f'"{folder}"' for folder in escaped)


def _last_cause(err: str) -> str:
    return next(line for line in err.splitlines() if "filter" in line)


def _executable() -> str:
    name = os.environ.get("GIT_PYTHON_GIT_EXECUTABLE", "git")
    if shutil.which(name) is None:
        raise SourceError(
            "git-missing",
            "gitrain needs git to read code folders, but git is not installed",
            "install git",
        )
    return name
