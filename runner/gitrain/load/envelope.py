"""The two fields that say what a YAML document is: `apiVersion` and `kind`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gitrain.manifest import API_VERSION
from gitrain.schema.finding import Finding, did_you_mean, listed

_VERSIONS = (API_VERSION,)


def is_manifest(value: Any) -> bool:
    """Whether this document is meant for gitrain, even if `apiVersion` is misspelt."""
    if not isinstance(value, dict):
        return False
    keys = {key.lower().replace("_", "") for key in value}
    return bool(keys & {"apiversion", "kind"}) or keys >= {"metadata", "spec"}


def check(value: Any, kinds: Sequence[str]) -> Iterator[Finding]:
    """What keeps a document from being read as one of `kinds`."""
    if not isinstance(value, dict):
        yield Finding(
            (), "wrong-type", "must be a mapping", f"start with `apiVersion: {API_VERSION}`"
        )
        return
    version = value.get("apiVersion")
    if version is None:
        cure = f"write `apiVersion: {API_VERSION}`"
        yield Finding(("apiVersion",), "missing-api-version", "`apiVersion` is missing", cure)
    elif version not in _VERSIONS:
        message = f"unknown apiVersion `{_shown(version)}`"
        cure = f"this version of gitrain supports {listed(_VERSIONS)}"
        yield Finding(("apiVersion",), "unknown-api-version", message, cure)
    kind = value.get("kind")
    if kind is None:
        cure = f"write `kind:` followed by {listed(kinds)}"
        yield Finding(("kind",), "missing-kind", "`kind` is missing", cure)
    elif kind == "Project" and kind not in kinds:
        message = "a Project may only be in gitrain.yaml, at the project's root"
        yield Finding(("kind",), "unknown-kind", message, "move it there, or remove it")
    elif kind not in kinds:
        hint = did_you_mean(kind, kinds) or f"write {listed(kinds)}"
        yield Finding(("kind",), "unknown-kind", f"unknown kind `{_shown(kind)}`", hint)


def _shown(value: Any) -> str:
    return str(value)[:60].replace("\n", " ")
