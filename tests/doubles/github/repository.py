"""The bare repository behind the pull requests: what GitHub does with Git, done with Git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .state import Pull
from .tokens import Denied

VARIABLES = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "GitHub",
    "GIT_AUTHOR_EMAIL": "noreply@github.com",
    "GIT_COMMITTER_NAME": "GitHub",
    "GIT_COMMITTER_EMAIL": "noreply@github.com",
}
_WORDS = {"A": "added", "M": "modified", "D": "removed", "T": "changed"}


class Conflict(Exception):
    """The two sides cannot be merged."""


class Bare:
    """Asks a bare repository, and merges in it. Without one every commit is believed."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def git(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **VARIABLES},
            capture_output=True,
            text=True,
            timeout=60,
        )
        if done.returncode not in ok:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout.strip()

    def head(self, branch: str) -> str:
        """The commit of a branch."""
        return self.git("rev-parse", "--verify", f"refs/heads/{branch}^{{commit}}")

    def exists(self, sha: str) -> bool:
        if self.path is None:
            return True
        arguments = ["git", "cat-file", "-e", f"{sha}^{{commit}}"]
        return subprocess.run(arguments, cwd=self.path, capture_output=True).returncode == 0

    def publish(self, pull: Pull) -> None:
        """refs/pull/N/head and, unless the sides conflict, refs/pull/N/merge."""
        self.git("update-ref", f"refs/pull/{pull.number}/head", pull.head_sha)
        base = self.head(pull.base_ref)
        try:
            sha = self.merge_commit(base, pull.head_sha, f"Merge {pull.head_sha} into {base}")
        except Conflict:
            pull.merge_commit_sha = None
            return
        self.git("update-ref", f"refs/pull/{pull.number}/merge", sha)
        pull.merge_commit_sha = sha

    def merge_commit(self, base: str, head: str, message: str) -> str:
        return self.git(
            "commit-tree", self._merged(base, head), "-p", base, "-p", head, "-m", message
        )

    def merge(self, pull: Pull, how: str, title: str) -> str:
        """Bring a pull request into its base as a merge, squashed or rebased; the new head."""
        base = self.head(pull.base_ref)
        message = f"{title} (#{pull.number})"
        if how == "merge":
            sha = self.merge_commit(base, pull.head_sha, message)
        elif how == "squash":
            tree = self._merged(base, pull.head_sha)
            sha = self.git("commit-tree", tree, "-p", base, "-m", message)
        else:
            sha = self._rebased(base, pull.head_sha)
        self.git("update-ref", f"refs/heads/{pull.base_ref}", sha, base)
        return sha

    def files(self, base: str, head: str) -> list[dict[str, Any]]:
        """What changed on the head's side since the two parted."""
        if self.path is None:
            return []
        listing = self.git("diff", "--name-status", "--no-renames", f"{base}...{head}")
        found = []
        for line in listing.splitlines():
            letter, _, name = line.partition("\t")
            patch = self.git("diff", "--no-renames", f"{base}...{head}", "--", name)
            patch = patch[patch.find("@@") :] if "@@" in patch else ""
            found.append({"filename": name, "status": _WORDS[letter[0]], "patch": patch})
        return found

    def compare(self, base: str, head: str) -> dict[str, Any]:
        if not (self.path and self.exists(base) and self.exists(head)):
            raise Denied(404, "Not Found")
        counts = self.git("rev-list", "--left-right", "--count", f"{base}...{head}").split()
        behind, ahead = map(int, counts)
        words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
        commits = self.git("rev-list", "--reverse", f"{base}..{head}").split()
        return {
            "status": words.get((ahead > 0, behind > 0), "diverged"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "merge_base_commit": {"sha": self.git("merge-base", base, head)},
            "commits": [{"sha": sha} for sha in commits],
            "files": self.files(base, head),
        }

    def has(self, pull: Pull, sha: str) -> bool:
        """Whether a commit is one of the pull request's own."""
        return self.path is not None and sha in self._own(pull)

    def brought_in(self, pull: Pull, sha: str) -> bool:
        return sha == pull.merge_commit_sha or self.has(pull, sha)

    def _own(self, pull: Pull) -> list[str]:
        return self.git("rev-list", pull.head_sha, f"^{pull.base_sha}").split()

    def _merged(self, base: str, head: str) -> str:
        """The tree of both sides together."""
        out = self.git("merge-tree", "--write-tree", base, head, ok=(0, 1))
        if len(out.splitlines()) > 1:
            raise Conflict(out)
        return out

    def _rebased(self, base: str, head: str) -> str:
        commits = self.git("rev-list", "--reverse", "--no-merges", f"{base}..{head}").split()
        with tempfile.TemporaryDirectory() as folder:
            self.git("worktree", "add", "--quiet", "--detach", f"{folder}/work", base)
            try:
                self.git("-C", f"{folder}/work", "cherry-pick", "--allow-empty", *commits)
                return self.git("-C", f"{folder}/work", "rev-parse", "HEAD")
            finally:
                self.git("worktree", "remove", "--force", f"{folder}/work")
