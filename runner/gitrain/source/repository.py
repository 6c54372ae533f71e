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
    """`commit` is that of the other side; `fork` is the common ancestor, and `behind` the number of
    commits that the other side has and ours lacks."""

    commit: str
    fork: str
    behind: int


class Repository:
    """The Git work tree that contains a project; each fact is read on first use.

    Without Git every fact is empty and `dirty` is true. Every fact raises SourceError if git cannot
    or will not read the repository.
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
        """The full id of the checked-out commit; empty without one."""
        return self._text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @cached_property
    def dirty(self) -> bool:
        """Whether the project's folder differs from `commit`; true without a commit."""
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
        """How many files of the project are in the commit but not in a sparse checkout."""
        if self.checkout is None or not self.checkout.settings.is_on("core.sparsecheckout"):
            return 0
        folder = str(self._project.relative_to(self.checkout.root))
        listing = self.checkout.git.run("ls-files", "-t", "-z", "--", folder)
        return sum(line.startswith(b"S ") for line in listing.split(b"\0"))

    def resolved(self, revision: str) -> str:
        """The id of the commit that a revision names; empty if this clone does not have it."""
        return self._text(
            *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        )

    def contains(self, commit: str, other: str) -> bool:
        """Whether one commit of this clone has another among its ancestors, or is it."""
        return self._text("rev-list", "--count", f"{commit}..{other}") == "0"

    @property
    def shallow(self) -> bool:
        """Whether older commits have not been fetched, as in most CI checkouts."""
        return self._text("rev-parse", "--is-shallow-repository") == "true"

    @cached_property
    def branch(self) -> str:
        """The checked-out branch, even without commits; empty for a detached head."""
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

        If the clone does not know (CI checkouts do not): `main` or `master`, if one exists, or the
        only branch.
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
        """The current commit of the remote's branch; asks the remote.

        Raises SourceError if the remote or the branch does not exist, or the remote is unreachable.
        """
        if self.checkout is None or not self.remote:
            raise SourceError("no-remote", f"{self._project} has no Git remote to ask for {branch}")
        where, reference = f"the remote {self.remote} ({self.remote_url})", f"refs/heads/{branch}"
        # ssh would prompt on the terminal; in batch mode it fails instead.
        git = self.checkout.git.given(GIT_SSH_COMMAND=self._ssh())
        reply = git.ask("ls-remote", "--", self.remote, reference, timeout=REMOTE_TIMEOUT)
        if reply.status:
            raise SourceError(
                "remote-unavailable",
                f"cannot ask {where} for {branch}: {reply.reason}",
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
        """How the checked-out commit and another revision have diverged.

        Raises SourceError without Git, without such a revision, or without a common ancestor.
        """
        if self.checkout is None or not self.commit:
            raise SourceError("no-git", f"{self._project} has no Git commit to compare with {ref}")
        cure = "this clone is shallow: git fetch --unshallow" if self.shallow else "git fetch"
        commit = self.resolved(ref)
        if not commit:
            raise SourceError("no-revision", f"this clone does not have the revision {ref}", cure)
        fork = self._text("merge-base", commit, self.commit)
        if not fork:
            raise SourceError(
                "no-merge-base",
                f"{ref} and the checked-out commit share no history in this clone",
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
        """The answer to a query; empty if it finds nothing, or without Git."""
        return "" if self.checkout is None else self.checkout.git.ask(*arguments).text
