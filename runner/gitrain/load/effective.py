"""A document as it is in one workspace: defaults, overrides and vars merged in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.document import Path
from gitrain.errors import Location
from gitrain.expressions import literal
from gitrain.schema.finding import Finding, did_you_mean, listed

Vars = Mapping[str, str | int | float | bool]

# How much one document may grow: otherwise a short text and a long value could make gigabytes.
_MOST_INSERTED = 64 * 1024

_VARS = re.compile(r"\$\{\{\s*vars\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def merge(base: Any, patch: Any) -> Any:
    """Merge `patch` into `base`: maps merge, everything else is replaced. Changes neither."""
    if not (isinstance(base, Mapping) and isinstance(patch, Mapping)):
        return patch
    merged = dict(base)
    for key, value in patch.items():
        merged[key] = merge(base[key], value) if key in base else value
    return merged


def mentioned(value: Any) -> bool:
    """Whether a JSON value may contain `${{vars.X}}`: JSON leaves letters and dots as they are, so
    one search of the whole value is enough for most."""
    return b"vars." in msgspec.json.encode(value)


def mentions_vars(text: str) -> bool:
    """Whether a text contains `${{vars.X}}`."""
    return _VARS.search(text) is not None


class Filler:
    """Replaces `${{vars.X}}` with a workspace's values; `findings` has those it cannot replace."""

    def __init__(self, workspace: str, variables: Vars) -> None:
        self.findings: list[Finding] = []
        self._workspace = workspace
        self._variables = variables
        self._inserted = 0

    def fill(self, value: Any, path: Path) -> Any:
        """The value with every string filled in, also in lists and mappings.

        A string that is a single expression and nothing else takes on the type of the variable.
        """
        return self._fill(value, path) if mentioned(value) else value

    def _fill(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            return self._text(value, path) if "${{" in value else value
        if isinstance(value, Mapping):
            return {key: self._fill(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item, (*path, index)) for index, item in enumerate(value)]
        return value

    def _text(self, text: str, path: Path) -> Any:
        names = [match[1] for match in _VARS.finditer(text)]
        missing = [name for name in dict.fromkeys(names) if name not in self._variables]
        self.findings += [self._unknown(name, path) for name in missing]
        if missing:
            return text
        if match := _VARS.fullmatch(text):
            return self._variables[match[1]]
        texts = {name: literal(self._variables[name]) for name in names}
        self._inserted += sum(len(texts[name]) for name in names)
        if self._inserted > _MOST_INSERTED:
            self.findings.append(self._too_long(path))
            return text
        return _VARS.sub(lambda match: texts[match[1]], text)

    def _too_long(self, path: Path) -> Finding:
        message = f"`${{{{vars.…}}}}` inserts more than {_MOST_INSERTED:,} characters here"
        return Finding(path, "too-long", message, "shorten the variables, or use fewer")

    def _unknown(self, name: str, path: Path) -> Finding:
        known = f"write {listed(self._variables)}"
        cure = f"define it under `spec.workspaces.{self._workspace}.vars` in gitrain.yaml"
        hint = did_you_mean(name, self._variables) or (known if self._variables else cure)
        message = f"`vars.{name}` is not defined for workspace `{self._workspace}`"
        return Finding(path, "unknown-variable", message, hint)


def placed(
    own: Mapping[Path, Location], project: Mapping[Path, Location], kind: str, workspace: str
) -> Iterator[tuple[Path, Location]]:
    """The position where each field of an effective document was written, in merge order."""
    defaults: Path = ("spec", "defaults", kind)
    for path, place in project.items():
        if path[:3] == defaults and len(path) > 3:
            yield ("spec", *path[3:]), place
    yield from own.items()
    overrides: Path = ("overrides", workspace)
    for path, place in own.items():
        if path[:2] == overrides and len(path) > 2:
            yield ("spec", *path[2:]), place
