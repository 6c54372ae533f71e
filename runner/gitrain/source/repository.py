"""Facts about the repository that a project is in."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

import msgspec

from gitrain.secrets.addresses import scrub_url
from gitrain.source.checkout import Checkout, find_checkout
from gitrain.source.errors import SourceError
from gitrain.source.git import HASHING
from gitrain.source.left_out import OWN_FOLDER

REMOTE_TIMEOUT = 60.0


class Divergence(msgspec.Struct, frozen=True, kw_only=True):
    """`commit` is the other side's; `fork` is where both parted, and `behind` how many commits the
    other side has made that ours does not have."""

    commit: str
    fork: str
    behind: int


class Repository:
    """The Git work tree that contains a project, as it is when a fact is first asked for.

    Without Git every fact is empty and `dirty` is true. Every fact raises SourceError when there is
    a repository that git cannot or will not read.
    """

    def __init__(self, project: Path) -> None:
        self._project = project.resolve()

    @cached_property
    def checkout(self) -> Checkout | None:
        return find_checkout(self._project)

    @property
    def root(self) -> Path | None:
        """The top folder of the work tree; None without Git."""
        return self.checkout.root if self.checkout else None

    @cached_property
    def commit(self) -> str:
        """The full id of the commit that is checked out; empty without one."""
        return self._text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @cached_property
    def dirty(self) -> bool:
        """Whether the project's folder is not what `commit` says; true without a commit."""
        if self.checkout is None or not self.commit:
            return True
        folder = self._project.relative_to(self.checkout.root)
        listing = self.checkout.git.run(
            "status", "--porcelain", "-z", "--no-renames", "--", str(folder), timeout=HASHING
        )
        paths = [line[3:] for line in listing.split(b"\0")[:-1]]
        return any(OWN_FOLDER not in path.split(b"/") for path in paths)

    @cached_property
    def left_out(self) -> int:
        """How many files of the project's folder the commit has, but a sparse checkout has not."""
        if self.checkout is None or not self.checkout.settings.is_on("core.sparsecheckout"):
            return 0
        folder = str(self._project.relative_to(self.checkout.root))
        listing = self.checkout.git.run("ls-files", "-t", "-z", "--", folder)
        return sum(line.startswith(b"S ") for line in listing.split(b"\0"))

    def resolved(self, revision: str) -> str:
        """The id of the commit that a revision names; empty when this clone has none."""
        return self._text(
            *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        )

    def contains(self, commit: str, other: str) -> bool:
        """Whether one commit of this clone has another among its ancestors, or is it."""
        return self._text("rev-list", "--count", f"{commit}..{other}") == "0"

    @property
    def shallow(self) -> bool:
        """Whether older commits were never fetched, as in most CI checkouts."""
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    @cached_property
    def branch(self) -> str:
        """The branch that is checked out, born or not; empty for a detached head."""
        return self._text("symbolic-ref", "--quiet", "--short", "HEAD")

    @cached_property
    def remote(self) -> str:
        """The branch's own remote, else `origin`, else the only one; else empty."""
        own = self._setting(f"branch.{self.branch}.remote")
        names = self._text("remote").split()
        if own in names:
            return own
        return "origin" if "origin" in names else names[0] if len(names) == 1 else ""

    @cached_property
    def remote_url(self) -> str:
        """The remote's address without credentials; empty without a remote."""
        return scrub_url(self._text("remote", "get-url", self.remote)) if self.remote else ""

    @cached_property
    def default_branch(self) -> str:
        """The remote's default branch as this clone knows it, such as `origin/main`; else empty.

        Not every clone knows (CI checkouts do not): then `main` or `master`, whichever is there, or
        the only branch there is.
        """
        if not self.remote:
            return ""
        known = self._text("symbolic-ref", "--quiet", "--short", f"refs/remotes/{self.remote}/HEAD")
        if known:
            return known
        listing = self._text(
            "for-each-ref", "--format=%(refname:short)", f"refs/remotes/{self.remote}/"
        )
        names = listing.split()
        usual = [name for word in ("main", "master") if (name := f"{self.remote}/{word}") in names]
        return usual[0] if usual else names[0] if len(names) == 1 else ""

    def remote_head(self, branch: str) -> str:
        """The commit that the remote's branch is at now; asks the remote.

        Raises SourceError when there is no remote or no such branch, or it cannot be asked.
        """
        if self.checkout is None or not self.remote:
            raise SourceError("no-remote", f"{self._project} has no Git remote to ask for {branch}")
        where, reference = f"the remote {self.remote} ({self.remote_url})", f"refs/heads/{branch}"
        # ssh asks on the terminal itself: batch mode makes it fail instead.
        git = self.checkout.git.given(GIT_SSH_COMMAND=self._ssh())
        reply = git.ask("ls-remote", "--", self.remote, reference, timeout=REMOTE_TIMEOUT)
        if reply.status:
            raise SourceError(
                "remote-unavailable",
                f"{where} cannot be asked for {branch}: {reply.reason}",
                "check the network and the credentials",
            )
        for line in reply.text.splitlines():
            commit, _, name = line.partition("\t")
            if name == reference:
                return commit
        raise SourceError(
            "no-remote-branch",
            f"{where} has no branch {branch}",
        )

    def divergence(self, ref: str) -> Divergence:
        """How the commit that is checked out and another revision have parted.

        Raises SourceError without Git, when there is no such revision, or nothing they share.
        """
        if self.checkout is None or not self.commit:
            raise SourceError("no-git", f"{self._project} has no Git commit to compare with {ref}")
        cure = "this clone is shallow: git fetch --unshallow" if self.shallow else "git fetch"
        commit = self.resolved(ref)
        if not commit:
            raise SourceError("no-revision", f"there is no revision {ref} in this clone", cure)
        fork = self._text("merge-base", commit, self.commit)
        if not fork:
            raise SourceError(
                "no-merge-base",
                f"{ref} and the commit that is checked out share no history here",
                f"{cure} (actions/checkout: fetch-depth: 0)",
            )
        behind = self._text("rev-list", "--count", f"{self.commit}..{commit}")
        return Divergence(commit=commit, fork=fork, behind=int(behind))

    def _ssh(self) -> str:
        own = os.environ.get("GIT_SSH_COMMAND") or self._setting("core.sshcommand")
        return own or "ssh -o BatchMode=yes"

    def _setting(self, name: str) -> str:
        return "" if self.checkout is None else self.checkout.settings.get(name)

    def _text(self, *arguments: str) -> str:
        """What a query says; empty when it finds nothing, or without Git."""
        return "" if self.checkout is None else self.checkout.git.ask(*arguments).text
