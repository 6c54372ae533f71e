"""Workflow files as they are written. A key that the rehearsal would not heed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ruamel.yaml import YAML

# What `on: pull_request` means without `types`.
_TYPES = ("opened", "synchronize", "reopened")
_WORKFLOW = {"name", "on", "permissions", "defaults", "concurrency", "jobs"}
_JOB = {
    "name",
    "if",
    "needs",
    "runs-on",
    "timeout-minutes",
    "environment",
    "concurrency",
    "permissions",
    "outputs",
    "env",
    "steps",
}
_STEP = {"name", "id", "if", "uses", "with", "env", "run"}


class UnknownWorkflow(Exception):
    """Something in a workflow that the rehearsal has no rule for."""


@dataclass(frozen=True)
class Step:
    """One `run` or `uses`."""

    name: str = ""
    id: str = ""
    condition: str | None = None
    uses: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True)
class Job:
    """One job; `environment` is the name alone."""

    id: str
    condition: str | None
    needs: tuple[str, ...]
    environment: str
    group: str
    permissions: Mapping[str, str]
    outputs: Mapping[str, str]
    env: Mapping[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Workflow:
    """One file, by its name in .github/workflows."""

    file: str
    on: Mapping[str, Any]
    group: str
    jobs: tuple[Job, ...]

    def hears(self, event: str, action: str = "", branch: str = "") -> bool:
        """Whether an event starts it; `branch` is the base's, or the one pushed to."""
        if event not in self.on:
            return False
        if event not in ("push", "pull_request"):
            return True
        filters = dict(self.on[event] or {})
        branches = filters.pop("branches", ["*"])
        types = filters.pop("types", _TYPES) if event == "pull_request" else [action]
        if filters:
            raise UnknownWorkflow(f"{self.file}: on.{event}.{next(iter(filters))}")
        return action in types and any(fnmatchcase(branch, one) for one in branches)


def read(file: str, text: str) -> Workflow:
    """The workflow in a file's text."""
    content = YAML(typ="safe").load(text)
    _known(file, content, _WORKFLOW)
    if content.get("permissions") != {}:
        raise UnknownWorkflow(f"{file}: the permissions of all jobs are not empty")
    if content.get("defaults") != {"run": {"shell": "bash"}}:
        raise UnknownWorkflow(f"{file}: its shell is not bash")
    return Workflow(
        file,
        content["on"],
        _group(content),
        tuple(_job(f"{file}: {name}", name, job) for name, job in content["jobs"].items()),
    )


def _job(where: str, name: str, content: dict[str, Any]) -> Job:
    _known(where, content, _JOB)
    needs = content.get("needs", ())
    environment = content.get("environment", "")
    if isinstance(environment, dict):
        _known(where, environment, {"name", "deployment"})
        environment = environment["name"]
    return Job(
        name,
        content.get("if"),
        (needs,) if isinstance(needs, str) else tuple(needs),
        environment,
        _group(content),
        content.get("permissions", {}),
        content.get("outputs", {}),
        content.get("env", {}),
        tuple(_step(where, step) for step in content["steps"]),
    )


def _step(where: str, content: dict[str, Any]) -> Step:
    _known(where, content, _STEP)
    if ("uses" in content) == ("run" in content):
        raise UnknownWorkflow(f"{where}: a step with `run` and `uses`, or with neither")
    words = {"if": "condition", "with": "given"}
    return Step(**{words.get(key, key): value for key, value in content.items()})


def _group(content: dict[str, Any]) -> str:
    concurrency = content.get("concurrency", {"group": ""})
    _known("concurrency", concurrency, {"group", "cancel-in-progress"})
    return str(concurrency["group"])


def _known(where: str, content: dict[str, Any], keys: set[str]) -> None:
    if unknown := content.keys() - keys:
        raise UnknownWorkflow(f"{where}: {', '.join(sorted(unknown))}")
