"""An opened project: manifests checked, files read, sources available, one workspace chosen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import msgspec

from gitrain.desired import Code, Desired, DesiredJob
from gitrain.document import Document, Manifests
from gitrain.errors import ManifestsError, RefusedError, UsageError, has_errors
from gitrain.home import claim_home
from gitrain.load.discover import PROJECT_FILE
from gitrain.load.files import read_files
from gitrain.load.manifests import find_root, load
from gitrain.manifest import WorkspaceSpec
from gitrain.observed import Observed
from gitrain.plan.actions import Plan
from gitrain.plan.make import plan
from gitrain.plan.options import Options
from gitrain.project.homes import home_problems
from gitrain.project.identities import identities
from gitrain.project.problems import problems_of
from gitrain.reconcile import changed_files, observe, unread_notes
from gitrain.report.status import Status, status_of
from gitrain.resolve import Checkout, resolve
from gitrain.rules.check import check
from gitrain.rules.names import near
from gitrain.rules.policy import check_policy
from gitrain.secrets.values import absent
from gitrain.source import Sources
from gitrain.workspace import Workspace, open_workspace
from gitrain.workspace_types import workspace_type
from gitrain.yaml.cache import Cache


class Asked(Protocol):
    """Where a command line wants to work: a folder of the project, and one of its workspaces."""

    @property
    def directory(self) -> Path: ...

    @property
    def workspace(self) -> str | None: ...


class OpenedProject:
    """What every command that needs a project starts from.

    `changes` are merged into the spec of jobs, by name: the values of `run --set`. `cache` can be
    taken from another opened project whose manifests are mostly the same.
    """

    def __init__(
        self,
        asked: Asked,
        changes: Mapping[str, Mapping[str, Any]] | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.asked = asked
        self.root = find_root(asked.directory.resolve())
        self.changes = changes or {}
        self.cache = cache or Cache(self.root)
        self.observed = Observed()

    @cached_property
    def manifests(self) -> Manifests:
        """All manifests. Raises ManifestsError with every problem, or RefusedError by policy."""
        changes = {f"Job/{name}": change for name, change in self.changes.items()}
        loaded = load(self.root, changes, self.cache.parse)
        rules = check(loaded.manifests) if loaded.manifests else ()
        problems = (*loaded.problems, *rules)
        if loaded.manifests is None or has_errors(problems):
            raise ManifestsError(problems_of(loaded, self.root, self.cache.parse))
        self.cache.save()
        if violations := check_policy(loaded.manifests):
            raise RefusedError(violations)
        warnings = tuple(sorted(problems, key=lambda problem: problem.order))
        return msgspec.structs.replace(loaded.manifests, warnings=warnings)

    @cached_property
    def workspace_name(self) -> str:
        """The workspace of -w, else the project's default, else its only one, else `local`."""
        project = self.manifests.project.spec
        names = list(project.workspaces)
        name = self.asked.workspace or project.default_workspace
        name = name or (names[0] if len(names) == 1 else "local")
        if name not in project.workspaces:
            if not self.asked.workspace:  # nobody asked for `local`
                raise UsageError(
                    f"which workspace? This project has {', '.join(names)}: "
                    f"use -w NAME, or set spec.default_workspace in {PROJECT_FILE}"
                )
            hint = near(name, names) or f"this project has: {', '.join(names)}"
            raise UsageError(f"there is no workspace {name}; {hint}")
        return name

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace at hand. Raises ManifestsError when its folder here cannot be used."""
        repository = self.sources.repository
        if problems := tuple(home_problems(self.manifests, self.root, repository)):
            raise ManifestsError(problems)
        return self.workspace_as(self.manifests.project.spec.workspaces[self.workspace_name])

    def workspace_as(self, spec: WorkspaceSpec) -> Workspace:
        """The workspace of this name, where another gitrain.yaml has it."""
        return open_workspace(self.workspace_name, spec, self.root, self._stage)

    def _stage(self, code: Code, destination: Path) -> None:
        claim_home(self._home)
        self.sources.stage(code.folder, code.tree, destination)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        return self.manifests.documents(self.workspace_name)

    @cached_property
    def sources(self) -> Sources:
        """Code folders and Git facts; manifests do not count as source.

        Trees shipped from a dirty checkout are kept, so that a later plan can name the changes.
        """
        project = self.manifests.project.spec
        manifests = [path.rstrip("/*") for path in project.manifests]
        return Sources(self.root, [*manifests, PROJECT_FILE], self._home / "objects")

    @property
    def _home(self) -> Path:
        """The folder that the workspace has on this machine; it need not exist."""
        home = self.manifests.project.spec.workspaces[self.workspace_name].home
        return (self.root / home).resolve()

    @cached_property
    def desired(self) -> Desired:
        """What should exist, with every digest. Raises ManifestsError when files are missing."""
        return self.desired_in(self.workspace_name)

    def desired_in(self, workspace: str) -> Desired:
        """What should exist in one of the project's workspaces."""
        documents = self.manifests.documents(workspace)
        where = workspace_type(self.manifests.project.spec.workspaces[workspace])
        files, problems = read_files(documents, self.root, where, self.cache.parse)
        files, more = identities(documents, files, self.sources)
        if has_errors((*problems, *more)):
            raise ManifestsError((*problems, *more))
        repository = self.sources.repository
        return resolve(
            self.manifests,
            workspace,
            files,
            checkout=Checkout(repository.commit, repository.dirty, repository.left_out),
            variants=frozenset(self.changes),
        )

    def plan(self, options: Options) -> Plan:
        """Observe the workspace and plan; what was observed stays in `observed`."""
        self.observed = observe(self.workspace, self.desired)
        files = changed_files(self.desired, self.observed, self.sources.changed_files)
        options = msgspec.structs.replace(options, changed_files=files)
        made = plan(self.desired, self.observed, options)
        return msgspec.structs.replace(made, place=self.workspace.place)

    def status(self, made: Plan) -> Status:
        """The status that a plan implies, with the metrics of every run in it."""
        runs = [row.run for row in made.actions if row.run]
        metrics = self.workspace.summaries(runs)
        return status_of(made, metrics, unread_notes(self.workspace))

    def job(self, name: str) -> DesiredJob:
        """A job of this workspace by name; raises UsageError when there is none."""
        for job in self.desired.jobs:
            if job.name == name:
                return job
        raise self.missing("Job", name)

    def missing(self, kind: str, name: str) -> UsageError:
        """The error that a resource does not exist here: where it does, or what was meant."""
        said = f"there is no {kind.lower()} {name} in workspace {self.workspace_name}"
        others = [
            workspace
            for workspace, documents in self.manifests.by_workspace.items()
            if any((d.kind, d.name) == (kind, name) for d in documents)
        ]
        if others:
            return UsageError(f"{said}, but in {', '.join(others)}: use -w {others[0]}")
        hint = near(name, [d.name for d in self.documents if d.kind == kind])
        return UsageError(f"{said}; {hint}" if hint else said)

    def absent_secrets(self) -> frozenset[str]:
        """The variables of secrets that are not set. Reads the environment, so not for `plan`."""
        return absent(self.desired.secrets)

    @property
    def prunes(self) -> bool:
        """Whether this workspace is pruned by default."""
        return self.manifests.project.spec.workspaces[self.workspace_name].prune
