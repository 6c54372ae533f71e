"""For any job: what changes its digest, and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gitrain.expressions import literal
from tests.unit.plan.build import a_job, desired

TREES = {"jobs/one": "1" * 40, "jobs/two": "2" * 40}
names = st.sampled_from(["a", "b", "c_1", "Z"])
scalars = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(st.characters(exclude_categories=["C"]), max_size=8).filter(lambda s: "${{" not in s),
)
data = st.fixed_dictionaries(
    {"path": st.sampled_from(["azureml:d:1", "azureml://datastores/d/paths/p"])},
    optional={
        "type": st.sampled_from(["uri_folder", "uri_file"]),
        "mode": st.sampled_from(["ro_mount", "download"]),
    },
)
outputs = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["uri_folder", "uri_file"]),
        "mode": st.sampled_from(["rw_mount", "upload"]),
    },
)
values = st.one_of(scalars, st.fixed_dictionaries({"env": st.sampled_from(["S", "T"])}))
# Each field of the digest, and how it may vary.
COMPUTED: Mapping[str, st.SearchStrategy[Any]] = {
    "command": st.sampled_from(["one", "two", "three words here"]),
    "inputs": st.dictionaries(names, st.one_of(scalars, data), max_size=3),
    "outputs": st.dictionaries(names, outputs, max_size=3),
    "environment_variables": st.dictionaries(names, values, max_size=3),
    "distribution": st.one_of(
        st.none(),
        st.builds(
            lambda kind, count: {"type": kind, "process_count_per_instance": count},
            st.sampled_from(["pytorch", "mpi"]),
            st.integers(1, 4),
        ),
    ),
    "revision": st.integers(1, 4),
    "code": st.sampled_from(["", "one", "two"]),
    "environment": st.sampled_from(["azureml:e:1", "azureml:e:2"]),
    "instance_count": st.integers(1, 4),
}
# How gitrain treats it, and where it runs: in no digest.
TREATED: Mapping[str, st.SearchStrategy[Any]] = {
    "experiment_name": st.sampled_from(["", "e"]),
    "display_name": st.text(max_size=5),
    "compute": st.sampled_from(["azureml:c", "azureml:d"]),
    "shm_size": st.sampled_from(["2g", "8g"]),
    "docker_args": st.sampled_from(["", ["--ipc=host"]]),
    "limits": st.sampled_from([{}, {"timeout": 9}]),
    "retries": st.integers(0, 3),
    "supersede": st.sampled_from(["cancel", "keep"]),
    "suspend": st.booleans(),
    "checkpoints": st.booleans(),
    "gates": st.lists(st.sampled_from(["a > 1", "b < 2"]), max_size=2),
}
metadata = st.fixed_dictionaries(
    {},
    optional={
        "description": st.text(max_size=5),
        "labels": st.dictionaries(names, st.text(max_size=5), max_size=2),
        "adopt": st.booleans(),
    },
)
computed = st.fixed_dictionaries(dict(COMPUTED))
treated = st.fixed_dictionaries({}, optional=dict(TREATED))
FEW = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def digest(spec: Mapping[str, Any], about: Mapping[str, Any] | None = None) -> str:
    given = dict(spec)
    resources = {n: given.pop(n) for n in ("instance_count", "shm_size", "docker_args")
                 if n in given}  # fmt: skip
    document = a_job("j", metadata=about or {}, resources=resources, **given)
    return desired(document, trees=TREES).jobs[0].digest


def canonical(spec: Mapping[str, Any]) -> Any:
    given = dict(spec)
    resources = {"instance_count": given.pop("instance_count")}
    return desired(a_job("j", resources=resources, **given), trees=TREES).jobs[0].canonical


def meaning(value: Any) -> Any:
    """A field's value with literals as their text, and what it leaves out written out."""
    if isinstance(value, dict):
        return {name: _inner(inner) for name, inner in value.items()}
    return value


def _inner(value: Any) -> Any:
    if isinstance(value, dict) and "env" not in value:
        mode = "ro_mount" if "path" in value else "rw_mount"
        return {"type": "uri_folder", "mode": mode, **value}
    return literal(value) if isinstance(value, (str, int, float)) else value


def reordered(value: Any) -> Any:
    """The same, with the fields of every mapping the other way round."""
    if isinstance(value, dict):
        return {name: reordered(inner) for name, inner in reversed(value.items())}
    return value


@FEW
@given(computed)
def test_the_order_of_fields_means_nothing(spec: dict[str, Any]) -> None:
    assert digest(spec) == digest(reordered(spec))


@FEW
@given(computed, treated, treated, metadata, metadata)
def test_how_it_is_treated_and_where_it_runs_means_nothing(
    spec: dict[str, Any],
    one: dict[str, Any],
    other: dict[str, Any],
    about_one: dict[str, Any],
    about_other: dict[str, Any],
) -> None:
    assert digest({**spec, **one}, about_one) == digest({**spec, **other}, about_other)


@FEW
@given(computed, st.sampled_from(sorted(COMPUTED)), st.data())
def test_what_it_computes_means_everything(
    spec: dict[str, Any], field: str, draws: st.DataObject
) -> None:
    changed = {**spec, field: draws.draw(COMPUTED[field])}
    assume(meaning(spec[field]) != meaning(changed[field]))

    assert digest(spec) != digest(changed)


@FEW
@given(computed)
def test_a_field_left_out_is_its_default(spec: dict[str, Any]) -> None:
    defaults = {"distribution": None, "revision": 1, "instance_count": 1, "code": ""}
    empty = {"inputs": {}, "outputs": {}, "environment_variables": {}}
    short = {n: v for n, v in spec.items() if {**defaults, **empty}.get(n, ...) != v}

    assert digest(spec) == digest(short)


@FEW
@given(scalars)
def test_a_literal_is_its_text(value: Any) -> None:
    given_as = canonical({"command": "x", "inputs": {"a": value}, "instance_count": 1})
    text = given_as.get("inputs", {}).get("a")

    again = canonical({"command": "x", "inputs": {"a": text}, "instance_count": 1})

    assert isinstance(text, str)
    assert again == given_as
