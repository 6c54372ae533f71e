"""GitHub, for one repository: the server, what exists in it, and what people do there."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, NamedTuple

from tests.doubles.azure.faults import Fault, Faults

from .bodies import Bodies
from .repository import Bare
from .server import Server
from .state import Comment, Issue, Pull, State, now
from .tokens import ALL, Token

TOKEN = "ghs_" + "workflow"
PERSON = "ghp_" + "person"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


class Request(NamedTuple):
    """One request and the status it was answered with."""

    method: str
    path: str
    query: str
    status: int


class GitHub:
    """A context manager; `repository` is the bare repository that pull requests are made of."""

    def __init__(
        self,
        repository: Path | None = None,
        *,
        owner: str = "octo",
        name: str = "pets",
        port: int = 0,
        enterprise: bool = False,
    ) -> None:
        self.owner, self.name = owner, name
        self.git = Bare(repository)
        self.state = State()
        self.faults = Faults()
        self.tokens = {TOKEN: Token(), PERSON: Token("ada", "OWNER")}
        self.requests: list[Request] = []
        self.unknown: list[str] = []
        self.defects: list[str] = []
        self.lock = threading.Lock()
        self.prefix = "/api/v3" if enterprise else ""
        self._server = Server(self, port)
        self.web = f"http://127.0.0.1:{self._server.server_port}"
        self.url = self.web + self.prefix
        self.bodies = Bodies(
            self.state, f"{self.url}/repos/{owner}/{name}", f"{self.web}/{owner}/{name}"
        )

    def __enter__(self) -> GitHub:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def routed(self, path: str) -> str:
        """A request's path below the API's address; an enterprise's GraphQL is not below its v3."""
        if self.prefix and path == "/api/graphql":
            return "/graphql"
        return path.removeprefix(self.prefix) if path.startswith(self.prefix) else ""

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def grant(self, **permissions: str) -> None:
        """All that the workflow's token may do from now on: `issues="write"`."""
        self.tokens[TOKEN].permissions = permissions

    def grant_all(self) -> None:
        self.tokens[TOKEN].permissions = dict(ALL)

    def limit(self, match: str = ".", seconds: int = 1, times: int | None = 1) -> Fault:
        """Answer with the secondary rate limit, `Retry-After` included."""
        headers = {"Retry-After": str(seconds)}
        return self.faults.add(
            match, times=times, status=403, body={"message": SECONDARY}, headers=headers
        )

    def open_pull(
        self,
        head: str,
        base: str = "main",
        *,
        title: str = "A change",
        user: str = "ada",
        fork: str = "",
        labels: tuple[str, ...] = (),
        head_sha: str = "",
        base_sha: str = "",
    ) -> Pull:
        """Open a pull request from a branch that was pushed; makes refs/pull/N/head and /merge.

        Without a repository the commits must be given.
        """
        head_sha = head_sha or self.git.head(head)
        base_sha = base_sha or self.git.head(base)
        number = self.state.number()
        made = Pull(number, head, head_sha, base, base_sha, user, fork)
        self.state.issues[number] = Issue(number, title, "", user, labels=list(labels))
        self.state.pulls[number] = made
        if self.git.path:
            self.git.publish(made)
        return made

    def synchronize(self, pull: Pull) -> None:
        """As after a push to the pull request's branch, or to its base."""
        pull.head_sha = self.git.head(pull.head_ref)
        pull.base_sha = self.git.head(pull.base_ref)
        self.state.issues[pull.number].updated_at = now()
        self.git.publish(pull)

    def merge(self, pull: Pull, how: str = "merge") -> str:
        """Merge (`merge`, `squash` or `rebase`), and return the base's new head."""
        issue = self.state.issues[pull.number]
        sha = self.git.merge(pull, how, issue.title)
        pull.merge_commit_sha, pull.merged_at = sha, now()
        issue.close(None)
        issue.updated_at = now()
        return sha

    def say(self, number: int, body: str, user: str = "ada", association: str = "OWNER") -> Comment:
        """A comment by a person."""
        made = Comment(self.state.id(), number, body, user, association)
        self.state.comments[made.id] = made
        return made

    def counts(self) -> dict[str, int]:
        """Requests by method."""
        found: dict[str, int] = {}
        for one in self.requests:
            found[one.method] = found.get(one.method, 0) + 1
        return found

    def note(self, method: str, path: str, query: str, status: int) -> None:
        self.requests.append(Request(method, path, query, status))

    def token(self, login: str, association: str = "NONE", **permissions: Any) -> str:
        """A further token; an App's, if the login ends in `[bot]`."""
        text = f"ghs_{login}"
        self.tokens[text] = Token(login, association, permissions or dict(ALL))
        return text
