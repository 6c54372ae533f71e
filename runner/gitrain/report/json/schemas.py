"""The files of `schemas/v1/output/`, and the types that they describe."""

from __future__ import annotations

from collections.abc import Mapping

from gitrain.report.json.types import (
    FilesOutput,
    MetricsOutput,
    Output,
    PlanOutput,
    ReconcileOutput,
    StatusOutput,
    ValidateOutput,
)
from gitrain.schema.generate import render, schema_of

TYPES: Mapping[str, type[Output]] = {
    "plan.json": PlanOutput,
    "reconcile.json": ReconcileOutput,
    "status.json": StatusOutput,
    "metrics.json": MetricsOutput,
    "outputs.json": FilesOutput,
    "validate.json": ValidateOutput,
}


def output_files() -> dict[str, str]:
    """The text of each file of `schemas/v1/output/`, by name."""
    return {name: render(_schema(name, type_)) for name, type_ in TYPES.items()}


def _schema(name: str, type_: type[Output]) -> dict[str, object]:
    stem = name.removesuffix(".json")
    return schema_of(type_, f"gitrain {stem} -o json", f"urn:gitrain:schema:v1:output:{stem}")
