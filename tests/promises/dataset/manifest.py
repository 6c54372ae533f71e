"""The manifest of a kind that gitrain does not have: a table of so many rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from gitrain.document import Document
from gitrain.errors import Problem
from gitrain.manifest import Named, Resource, Spec
from gitrain.rules.kinds import any_kind
from gitrain.rules.names import Names, near


class DatasetSpec(Spec, frozen=True, kw_only=True):
    """What is in it."""

    rows: Annotated[int, Meta(ge=1, description="How many rows it has.")]
    parent: Annotated[str, Meta(description="The Dataset that it is taken from.")] = ""


class Dataset(Resource, frozen=True, kw_only=True, tag="Dataset", tag_field="kind"):
    """A Dataset manifest: a table that is written when it is missing."""

    metadata: Named
    spec: DatasetSpec


def problems(document: Document, names: Names) -> Iterator[Problem]:
    """Its parent has to be one."""
    assert isinstance(document.resource, Dataset)
    parent, known = document.resource.spec.parent, names.resources["Dataset"]
    if parent and parent not in known:
        yield document.marks.problem(
            ("spec", "parent"),
            "unknown-dataset",
            f"there is no dataset {parent}",
            suggestion=near(parent, known),
        )
    yield from any_kind(document, names)
