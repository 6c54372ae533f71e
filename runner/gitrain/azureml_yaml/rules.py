"""How one field is translated: the rules that the tables consist of.

After a refusal the document contains what the suggestion says, or a stand-in, or nothing, so that
no later check reports the same field again. Messages quote no addresses and no literals: either may
contain a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitrain.assets import cluster_of, is_reference, to_cluster
from gitrain.azureml_yaml.kinds import folded
from gitrain.azureml_yaml.walk import GONE, Rule, Ruling
from gitrain.errors import Severity


def refused(cure: str) -> Rule:
    """The whole field is not supported. An empty one is dropped without a message."""

    def rule(key: str, value: Any) -> Ruling:
        if value is None or value in ({}, [], ""):
            return GONE
        return Ruling(stays=False, message=f"`{key}` is not supported yet", cure=cure)

    return rule


def unsaid(_key: str, _value: Any) -> Ruling:
    """The field has no meaning for gitrain, and can be dropped."""
    return GONE


def spelled(
    *choices: str, same: Mapping[str, str] = {}, lacking: tuple[str, ...] = (), cure: str = ""
) -> Rule:
    """One of several words, in our spelling; `same` maps synonyms to them.

    A word in `lacking` is refused; any other is kept, for the schema to refuse.
    """
    ours = {folded(choice): choice for choice in choices} | dict(same)
    refusals = {folded(word): word for word in lacking}

    def rule(key: str, value: Any) -> Ruling:
        if word := refusals.get(folded(value)):
            message = f"`{key}: {word}` is not supported yet"
            return Ruling(stays=False, message=message, cure=cure)
        return Ruling(ours.get(folded(value), value))

    return rule


def without_type(*words: str, cure: str) -> Rule:
    """A mapping that is refused as a whole when its `type` is one of these words."""
    refusals = {folded(word): word for word in words}

    def rule(key: str, value: Any) -> Ruling:
        kind = folded(value.get("type")) if isinstance(value, Mapping) else ""
        if word := refusals.get(kind):
            message = f"`{key}` of `type: {word}` is not supported yet"
            return Ruling(stays=False, message=message, cure=cure, at=("type",))
        return Ruling(value)

    return rule


_ADDRESS = re.compile(r"(git\+)?[a-z]+://|git@|azureml:", re.IGNORECASE)


def local_only(cure: str) -> Rule:
    """A path in the file system; an address or an asset is refused."""

    def rule(key: str, value: Any) -> Ruling:
        if isinstance(value, str) and _ADDRESS.match(value):
            message = f"`{key}` from an address or an asset is not supported yet"
            return Ruling(stays=False, message=message, cure=cure)
        if isinstance(value, str):
            return Ruling(value.removeprefix("file:"))
        return Ruling(value)

    return rule


_RESOURCE_ID = re.compile(
    r"(?:azureml:)?/subscriptions/.*/(?:environments|data|computes)/"
    r"(?P<name>[^/]+)(?:/versions/(?P<version>[^/]+))?/?",
    re.IGNORECASE,
)


def asset(key: str, value: Any) -> Ruling:
    """The name of an asset; a full resource id is refused, because it names a workspace."""
    match = _RESOURCE_ID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return Ruling(value)
    short = ":".join(filter(None, ("azureml", match["name"], match["version"])))
    return Ruling(
        short,
        message=f"`{key}` as a full resource id is not supported yet",
        cure=f"write `{short}`: gitrain.yaml names the workspace",
    )


def build(key: str, value: Any) -> Ruling:
    """A folder to build from; without its path it is dropped."""
    path = _build_path("path", value.get("path")) if isinstance(value, Mapping) else GONE
    if not path.message:
        return Ruling(value)
    return Ruling(
        stays=False,
        message=path.message.replace("path", f"{key}.path"),
        cure=path.cure,
        at=("path",),
    )


_build_path = local_only("write the path of a folder in this repository")


def environment(key: str, value: Any) -> Ruling:
    if isinstance(value, str) and value.startswith("file:"):
        return Ruling(
            stays=False,
            message=f"`{key}: file:…` is not supported yet",
            cure="write the definition inline, or the name of an environment's manifest",
        )
    return asset(key, value)


def compute(key: str, value: Any) -> Ruling:
    word = cluster_of(value) if isinstance(value, str) else ""
    if word not in ("local", "serverless"):
        return asset(key, value)
    return Ruling(
        to_cluster(word),
        message=f"`{key}: {word}` is not supported yet",
        cure="name a cluster; to run on this machine, use a workspace of type local",
    )


_LITERALS = {"number": "number", "integer": "integer", "boolean": "boolean", "string": "string"}


def job_input(key: str, value: Any) -> Ruling:
    """An input: a scalar is a literal, kept as it is; a mapping is data."""
    if isinstance(value, str) and is_reference(value):
        return Ruling(
            value,
            message=f"`{key}` is read as a string, not as data",
            cure="for data, write a mapping with `type` and `path`",
            code="text-input",
            severity=Severity.WARNING,
        )
    word = _LITERALS.get(folded(value.get("type"))) if isinstance(value, Mapping) else None
    if word is None:
        return Ruling(value)
    given = value.get("value", value.get("default"))
    return Ruling(
        given if isinstance(given, str | int | float) else "",
        message=f"an input of `type: {word}` is not supported yet",
        cure=f"write the value itself: `{key}: …`",
        at=("type",),
    )


def job_output(_key: str, value: Any) -> Ruling:
    """An output; an empty one is a folder."""
    return Ruling({} if value is None else value)


def linux(key: str, value: Any) -> Ruling:
    if value is None or folded(value) == "linux":
        return GONE
    message = f"`{key}` other than linux is not supported yet"
    return Ruling(stays=False, message=message, cure="remove it, and use an image for linux")


def secret(variable: str) -> Rule:
    """A secret by reference; a literal is refused, and never shown."""

    def rule(key: str, value: Any) -> Ruling:
        if value is None or isinstance(value, Mapping):
            return GONE if value is None else Ruling(value)
        return Ruling(
            {"env": variable},
            message=f"`{key}` is a literal, which would stay in the repository's history",
            cure=f"write `{key}: {{env: {variable}}}` and set that variable where gitrain runs",
            code="literal-secret",
        )

    return rule


def identity(key: str, value: Any) -> Ruling:
    if isinstance(value, Mapping) and folded(value.get("type")) == "none":
        return GONE
    return _one_identity(key, value)


_one_identity = without_type(
    "system_assigned,user_assigned", cure="choose `system_assigned` or `user_assigned`"
)


def resource_id(_key: str, value: Any) -> Ruling:
    """An identity's resource id, which Azure ML wraps in a mapping."""
    if isinstance(value, Mapping) and set(value) == {"resource_id"}:
        return Ruling(value["resource_id"], at=("resource_id",))
    return Ruling(value)


def own_version(key: str, _value: Any) -> Ruling:
    return Ruling(
        stays=False,
        message=f"`{key}` is not used: an environment's version is the digest of its definition",
        cure="remove it",
        code="version-not-used",
        severity=Severity.WARNING,
    )
