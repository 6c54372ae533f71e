"""A team's repository on GitHub, and a clone of it in which gitrain runs as a workflow would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.doubles.github import actions
from tests.doubles.github.hub import GitHub
from tests.doubles.github.state import Comment, Pull, Status
from tests.promises.command_line.project import Ended, Project

CONTEXT = "gitrain/results (local)"


class Scene:
    """`main` and branches are pushed from `project`'s folder, which is also where runs live."""

    def __init__(self, folder: Path, **spec: Any) -> None:
        self.folder = folder
        self.bare = folder / "origin.git"
        self.project = Project(folder / "work", **spec)
        self.project.git("init", "-q", "--bare", "-b", "main", str(self.bare), cwd=folder)
        self.project.git("remote", "add", "origin", str(self.bare))
        self.hub = GitHub(self.bare)
        self.push("main")
        self.steps = 0

    def push(self, branch: str) -> str:
        """Commit everything and push it to a branch, which is checked out or made."""
        if self.project.git("branch", "--show-current") != branch:
            self.project.git("checkout", "-q", "-B", branch)
        commit = self.project.commit()
        self.project.git("push", "-q", "--force", "origin", f"{branch}:{branch}")
        return commit

    def main(self) -> None:
        """Check out main as it is on GitHub."""
        self.project.git("fetch", "-q", "origin")
        self.project.git("checkout", "-q", "-B", "main", "origin/main")

    def open_pull(self, branch: str = "change", **more: Any) -> Pull:
        """Push what changed to a branch, and open a pull request from it."""
        self.push(branch)
        return self.hub.open_pull(branch, **more)

    def merge(self, pull: Pull, how: str = "merge") -> str:
        sha = self.hub.merge(pull, how)
        self.main()
        return sha

    def variables(self, pull: Pull | None = None, **more: str) -> dict[str, str]:
        """What GitHub gives a step: of a pull request, or of a push to main."""
        self.steps += 1
        folder = self.folder / f"step-{self.steps}"
        if pull is None:
            return actions.push(self.hub, folder) | more
        return actions.pull_request(self.hub, folder, pull) | more

    def check_out(self, pull: Pull) -> None:
        """As actions/checkout does for a pull request: the merge commit, and all branches."""
        refs = ("+refs/heads/*:refs/remotes/origin/*", f"refs/pull/{pull.number}/merge")
        self.project.git("fetch", "-q", "origin", *refs)
        commit = pull.merge_commit_sha or pull.head_sha
        self.project.git("checkout", "-q", "--detach", commit)

    def comment(self, pull: Pull, *flags: str, code: int = 0, **variables: str) -> Ended:
        """The step of the pull request's workflow; afterwards its branch is checked out again."""
        self.hub.synchronize(pull)
        self.check_out(pull)
        given = self.variables(pull, **variables)
        ended = self.project.gitrain("github", "comment", *flags, code=code, variables=given)
        self.summary = Path(given["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
        self.project.git("checkout", "-q", pull.head_ref)
        return ended

    def results(self, *flags: str, code: int = 0, **variables: str) -> Ended:
        given = self.variables(None, **variables)
        return self.project.gitrain("github", "results", *flags, code=code, variables=given)

    def drift(self, *flags: str, code: int = 0, **variables: str) -> Ended:
        given = self.variables(None, **variables)
        return self.project.gitrain("github", "drift", *flags, code=code, variables=given)

    def comments(self, pull: Pull, kind: str = "plan") -> list[Comment]:
        """Those of ours on a pull request."""
        found = self.hub.state.comments_on(pull.number)
        return [one for one in found if one.body.startswith(f"<!-- gitrain:{kind} ")]

    def plan_comment(self, pull: Pull) -> Comment:
        """The only one there is."""
        [found] = self.comments(pull)
        return found

    def status(self, commit: str) -> Status | None:
        return self.hub.state.status(commit, CONTEXT)
