"""One draft → a typed document in each workspace where the resource exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from gitrain.document import Document, Marks, Path
from gitrain.errors import MAX_PROBLEMS, Location, Problem, Severity
from gitrain.kinds import KINDS
from gitrain.load import envelope
from gitrain.load.drafts import Draft
from gitrain.load.effective import Filler, merge, placed
from gitrain.load.project import Setting
from gitrain.manifest import type_of
from gitrain.schema.check import check, line_breaks
from gitrain.schema.finding import Finding, did_you_mean, listed
from gitrain.yaml.places import Lines, Places


class Resource:
    """A manifest in its project; `problems` grows as its documents are built."""

    def __init__(self, draft: Draft, setting: Setting) -> None:
        self.problems: list[Problem] = []
        self._draft = draft
        self._setting = setting
        self._value: Mapping[str, Any] = draft.value or {}
        self._kind = self._value.get("kind", "")

    def documents(self) -> dict[str, Document]:
        """The document for each workspace; workspaces in which nothing differs share one."""
        if wrong := list(envelope.check(self._value, tuple(KINDS))):
            self._report(wrong, self._marks(""))
            return {}
        workspaces = self._workspaces()
        variants = {name: name if self._differs(name) else "" for name in workspaces} or {"": ""}
        built = {variant: self._build(variant) for variant in dict.fromkeys(variants.values())}
        made = {name: built[variant] for name, variant in variants.items() if name}
        return {name: document for name, document in made.items() if document is not None}

    @property
    def named(self) -> tuple[str, str]:
        """Its kind and name; empty where it has none."""
        return str(self._kind), str(self._metadata().get("name", ""))

    def _differs(self, workspace: str) -> bool:
        mentioned = self._draft.reading.mentions_vars or self._setting.mentions_vars
        return mentioned or workspace in self._overrides()

    def _metadata(self) -> Mapping[str, Any]:
        metadata = self._value.get("metadata")
        return metadata if isinstance(metadata, dict) else {}

    def _overrides(self) -> Mapping[str, Any]:
        overrides = self._value.get("overrides")
        return overrides if isinstance(overrides, dict) else {}

    def _workspaces(self) -> tuple[str, ...]:
        """The known workspaces that it exists in."""
        named = self._metadata().get("workspaces")
        named = [*named] if isinstance(named, list) else None
        self._report(self._strangers(named or ()), self._marks(""))
        existing = self._setting.existing(self._kind) if named is None else named
        here = tuple(name for name in self._setting.workspaces if name in existing)
        self._report(self._unused(here), self._marks(""))
        return here

    def _strangers(self, named: Iterable[Any]) -> Iterator[Finding]:
        """Problems with workspaces that the project does not have."""
        paths: list[tuple[Path, Any]] = [
            (("metadata", "workspaces", index), name) for index, name in enumerate(named)
        ]
        paths += [(("overrides", name), name) for name in self._overrides()]
        known = self._setting.workspaces
        for path, name in paths:
            if isinstance(name, str) and name not in known:
                message = f"`{name[:64]}` is not a workspace of this project"
                hint = did_you_mean(name, known) or f"write {listed(known)}"
                yield Finding(path, "unknown-workspace", message, hint)

    def _unused(self, here: tuple[str, ...]) -> Iterator[Finding]:
        for name in self._overrides():
            if name in self._setting.workspaces and name not in here:
                message = f"this has no effect: the {self._kind} does not exist in `{name}`"
                cure = f"add `{name}` to `metadata.workspaces`, or remove it"
                path = ("overrides", name)
                yield Finding(path, "override-unused", message, cure, Severity.WARNING)

    def _build(self, workspace: str) -> Document | None:
        """The document as it is in `workspace`; "" stands for all in which nothing differs."""
        value = dict(self._value)
        findings: list[Finding] = []
        if "spec" in value:
            value["spec"] = self._spec(workspace, findings)
        resource, wrong = check(value, type_of(self._kind))
        findings += wrong
        if self._draft.body.broken or self._setting.broken:
            findings += line_breaks(value)
        marks = self._marks(workspace)
        self._report(findings, marks)
        if resource is None or findings:
            return None
        if resource.overrides:  # already merged: the effective document has none
            resource = msgspec.structs.replace(resource, overrides={})
        return Document(resource, self._draft.file, marks, self._draft.translated)

    def _spec(self, workspace: str, findings: list[Finding]) -> Any:
        spec = merge(self._setting.defaults.get(self._kind, {}), self._value["spec"])
        if workspace in self._overrides():
            spec = merge(spec, self._overrides()[workspace])
        if change := self._setting.changes.get("/".join(self.named)):
            spec = merge(spec, change)
        if not workspace:
            return spec
        filler = Filler(workspace, self._setting.project.spec.workspaces[workspace].vars)
        filled = filler.fill(spec, ("spec",))
        findings += filler.findings
        return filled

    def _marks(self, workspace: str) -> Marks:
        own, project, kind = self._draft.places, self._setting.marks.places, self._kind

        def find() -> dict[Path, Location]:
            return dict(placed(own, project, kind, workspace))

        lines = Lines(self._draft.reading.source, self._setting.source)
        return Marks(Places(own[()], find), lines)

    def _report(self, findings: Iterable[Finding], marks: Marks) -> None:
        self.problems += [finding.at(marks) for finding in islice(findings, MAX_PROBLEMS + 1)]
