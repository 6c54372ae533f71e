"""Documents before they are checked: translated to gitrain's language; the files they claim."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.document import Marks, Path
from gitrain.errors import Location, Severity
from gitrain.load import envelope
from gitrain.load.reading import Reading
from gitrain.load.written import written
from gitrain.schema.finding import Finding
from gitrain.yaml.documents import Body
from gitrain.yaml.places import Places


class Draft(msgspec.Struct, frozen=True):
    """One document; `value` is None if it is not a manifest, or of a kind that v1 lacks."""

    reading: Reading
    body: Body
    places: Mapping[Path, Location]
    value: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()
    translated: bool = False

    @property
    def file(self) -> str:
        return self.reading.source.file

    @property
    def unsupported(self) -> bool:
        return self.translated and self.value is None

    @property
    def marks(self) -> Marks:
        """The positions in the document as it is written, which the findings refer to."""
        return self.reading.marks(self.body)


def draft(reading: Reading, body: Body, defaults: Mapping[str, Any]) -> Draft:
    """Read a document as a manifest, in our own or Azure ML's YAML."""
    places, value = reading.places(body), body.value
    if isinstance(value, dict) and "apiVersion" not in value and _maybe_azureml(value):
        return _translated(reading, body, defaults)
    if not envelope.is_manifest(value):
        return _foreign(reading, body)
    findings = tuple(written(body, reading.source.lines)) if body.remarks else ()
    return Draft(reading, body, places, value, findings)


def _foreign(reading: Reading, body: Body) -> Draft:
    """A document that is ignored; one that only lacks Azure ML's first line makes prune unsafe."""
    from gitrain import azureml_yaml

    message = "this is not a manifest: it has neither `apiVersion` nor `kind`"
    cure = "keep other YAML out of the folders that gitrain.yaml lists under `manifests`"
    if alike := azureml_yaml.lookalike(body.value):
        message = (
            f"this looks like {alike.what} of Azure ML, but has neither `$schema` nor `type`: "
            "it is ignored, and --prune is refused"
        )
        cure = alike.cure
    finding = Finding((), "not-a-manifest", message, cure, Severity.WARNING)
    places = reading.places(body)
    return Draft(reading, body, places, findings=(finding,), translated=alike is not None)


def _maybe_azureml(value: Mapping[str, Any]) -> bool:
    from gitrain import azureml_yaml

    return azureml_yaml.is_azureml(value)


def _translated(reading: Reading, body: Body, defaults: Mapping[str, Any]) -> Draft:
    from gitrain import azureml_yaml

    translation = azureml_yaml.translate(body.value, reading.source.file, defaults)
    findings = tuple(
        Finding(f.path, f.code, f.message, f.suggestion, f.severity) for f in translation.problems
    )
    if body.remarks:
        findings += tuple(written(body, reading.source.lines, yaml_1_1=True))
    if translation.document is None:
        what = translation.unsupported
        message = f"{what} is not supported yet: it is ignored, and --prune is refused"
        warning = Finding((), "not-supported", message, "", Severity.WARNING)
        return Draft(
            reading, body, reading.places(body), None, (warning, *findings), translated=True
        )
    moved = translation.moved
    start = reading.places(body)[()]
    places = Places(start, lambda: _carried(reading.marks(body), moved))
    return Draft(reading, body, places, translation.document, findings, translated=True)


def _carried(marks: Marks, moved: Mapping[Path, Path]) -> dict[Path, Location]:
    """The positions of a translated document's fields in the original."""
    carried: dict[Path, Location] = {}
    for new, original in sorted(moved.items(), key=lambda pair: len(pair[0])):
        depth = len(original)
        for path, place in marks.places.items():
            if path[:depth] == original:
                carried[(*new, *path[depth:])] = place
        carried[new] = marks.at(original)
    return carried


# Claims ----------------------------------------------------------------------------------------


class Claims:
    """Files and folders that manifests name: YAML in them is the job's own, not a manifest."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def covers(self, file: str) -> bool:
        if file in self._files:
            return True
        end = file.rfind("/")
        while end > 0:
            if file[:end] in self._folders:
                return True
            end = file.rfind("/", 0, end)
        return False

    def add(self, draft: Draft, defaults: Mapping[str, Any]) -> None:
        """Note what a document names, except for a folder that contains the document itself."""
        base = posixpath.dirname(draft.file)
        for field, path in _named(draft, defaults):
            target = posixpath.normpath(posixpath.join(base, path))
            if field in _FILES:
                self._files.add(target)
            elif target != "." and not f"{base}/".startswith(f"{target}/"):
                self._folders.add(target)


_FILES = ("conda_file", "requirements_file")


def _named(draft: Draft, defaults: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    value: Any = draft.value
    overrides = value.get("overrides")
    patches = list(overrides.values()) if isinstance(overrides, dict) else []
    for spec in (value.get("spec"), *patches, defaults.get(str(value.get("kind")))):
        if isinstance(spec, Mapping):
            yield from _paths(spec)
            if isinstance(environment := spec.get("environment"), Mapping):
                yield from _paths(environment)


def _paths(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    build = spec.get("build")
    named = {field: spec.get(field) for field in ("code", *_FILES)}
    named["build"] = build.get("path") if isinstance(build, Mapping) else None
    yield from ((field, path) for field, path in named.items() if isinstance(path, str) and path)
