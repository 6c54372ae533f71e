"""Git's settings as a repository sees them, and whether a branch could have written them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from gitrain.source.errors import SourceError, shown
from gitrain.source.git import Git

# Settings with commands that git may run. Hooks, fsmonitor, pagers and external diffs are off.
_RUNS = re.compile(
    r"filter\..*\.(clean|smudge|process)|core\.(sshcommand|gitproxy|askpass)"
    r"|credential\.(.*\.)?helper|remote\..*\.(uploadpack|vcs)|protocol\..*allow"
)


class Settings(msgspec.Struct, frozen=True):
    """The effective value of each setting, by its name as in `git config --list`."""

    values: dict[str, str]

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def is_on(self, name: str) -> bool:
        return self.get(name).lower() in ("true", "yes", "on", "1")

    def matching(self, pattern: str) -> bool:
        """Whether the full name of any setting matches."""
        return any(re.fullmatch(pattern, name) for name in self.values)


class _Setting(NamedTuple):
    file: str  # empty for the command line
    name: str
    value: str


def read_settings(git: Git, root: Path, git_dir: Path) -> Settings:
    """The settings of a repository.

    Raises SourceError if the user's own settings include a file of the work tree that says what git
    runs: anyone who can push a branch could change it.
    """
    values = {}
    for setting in _listed(git):
        brought = _RUNS.fullmatch(setting.name) and _in_work_tree(setting.file, root, git_dir)
        if brought:
            raise SourceError(
                "git-settings",
                f"Git's settings include {shown(brought)}, a file in the work tree that sets "
                f"{setting.name}: any branch could change what runs here",
                "move that setting into .git/config (git config --local)",
            )
        values[setting.name] = setting.value
    return Settings(values)


def _listed(git: Git) -> Iterator[_Setting]:
    words = os.fsdecode(git.run("config", "--list", "--show-origin", "-z")).split("\0")[:-1]
    for origin, entry in zip(words[::2], words[1::2], strict=True):
        name, has_value, value = entry.partition("\n")
        kind, _, file = origin.partition(":")
        yield _Setting(file if kind == "file" else "", name, value if has_value else "true")


def _in_work_tree(file: str, root: Path, git_dir: Path) -> Path | None:
    """A file of settings, relative to the work tree, if a branch could have added it."""
    # Also as written: a link in the work tree belongs to the branch, wherever it points.
    written = Path(os.path.normpath(root / file))
    if not file or written in _own_files():
        return None
    for path in (written, written.resolve()):
        if path.is_relative_to(root):
            name = path.relative_to(root)
            return None if path.is_relative_to(git_dir) or ".git" in name.parts else name
    return None


def _own_files() -> Iterator[Path]:
    """The user's own settings, which may be in a repository: some keep their home folder in one."""
    home = Path.home()
    yield home / ".gitconfig"
    yield Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config"
    if own := os.environ.get("GIT_CONFIG_GLOBAL"):
        yield Path(own)
