"""The JSON that GitHub answers with."""

from __future__ import annotations

from typing import Any

from .state import Comment, Issue, Pull, State, Status


class Bodies:
    """Builds the objects of one repository; `api` and `web` are its addresses."""

    def __init__(self, state: State, api: str, web: str) -> None:
        self._state = state
        self.api = api
        self.web = web

    def user(self, login: str) -> dict[str, Any] | None:
        """None of an account that was deleted."""
        if not login:
            return None
        kind = "Bot" if login.endswith("[bot]") else "User"
        root = self.api.partition("/repos/")[0]
        url = f"{root}/users/{login}"
        return {"login": login, "id": sum(login.encode()), "type": kind, "url": url}

    def comment(self, one: Comment) -> dict[str, Any]:
        kind = "pull" if one.number in self._state.pulls else "issues"
        return {
            "id": one.id,
            "url": f"{self.api}/issues/comments/{one.id}",
            "html_url": f"{self.web}/{kind}/{one.number}#issuecomment-{one.id}",
            "issue_url": f"{self.api}/issues/{one.number}",
            "user": self.user(one.user),
            "author_association": one.association,
            "body": one.body,
            "created_at": one.created_at,
            "updated_at": one.updated_at,
        }

    def label(self, name: str) -> dict[str, Any]:
        return {"name": name, "color": "ededed", "url": f"{self.api}/labels/{name}"}

    def issue(self, one: Issue) -> dict[str, Any]:
        kind = "pull" if one.number in self._state.pulls else "issues"
        body: dict[str, Any] = {
            "number": one.number,
            "title": one.title,
            "body": one.body,
            "state": one.state,
            "state_reason": one.state_reason,
            "user": self.user(one.user),
            "labels": [self.label(name) for name in one.labels],
            "comments": len(self._state.comments_on(one.number)),
            "created_at": one.created_at,
            "updated_at": one.updated_at,
            "closed_at": one.closed_at,
            "url": f"{self.api}/issues/{one.number}",
            "html_url": f"{self.web}/{kind}/{one.number}",
            "author_association": "NONE",
        }
        if kind == "pull":
            body["pull_request"] = {"url": f"{self.api}/pulls/{one.number}"}
        return body

    def pull(self, one: Pull) -> dict[str, Any]:
        issue = self._state.issues[one.number]
        home = self.api.partition("/repos/")[2]
        return {
            "number": one.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "draft": one.draft,
            "user": self.user(one.user),
            "labels": [self.label(name) for name in issue.labels],
            "head": self._side(one.head_ref, one.head_sha, one.fork or home),
            "base": self._side(one.base_ref, one.base_sha, home),
            "merged": one.merged,
            "merged_at": one.merged_at,
            "merge_commit_sha": one.merge_commit_sha,
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": issue.closed_at,
            "url": f"{self.api}/pulls/{one.number}",
            "issue_url": f"{self.api}/issues/{one.number}",
            "comments_url": f"{self.api}/issues/{one.number}/comments",
            "html_url": f"{self.web}/pull/{one.number}",
        }

    def repository(self, full_name: str) -> dict[str, Any]:
        owner, _, name = full_name.partition("/")
        return {
            "full_name": full_name,
            "name": name,
            "owner": self.user(owner),
            "default_branch": "main",
            "fork": full_name != self.api.partition("/repos/")[2],
            "url": f"{self.api.partition('/repos/')[0]}/repos/{full_name}",
            "html_url": self.web,
        }

    def _side(self, ref: str, sha: str, full_name: str) -> dict[str, Any]:
        owner = full_name.partition("/")[0]
        repository = self.repository(full_name)
        user = self.user(owner)
        return {"ref": ref, "sha": sha, "label": f"{owner}:{ref}", "user": user, "repo": repository}

    def status(self, one: Status) -> dict[str, Any]:
        return {
            "id": one.id,
            "url": f"{self.api}/statuses/{one.sha}",
            "state": one.state,
            "context": one.context,
            "description": one.description,
            "target_url": one.target_url,
            "creator": self.user(one.user),
            "created_at": one.created_at,
            "updated_at": one.created_at,
        }
