"""A kind that only these tests know is a kind like any other, without a change to gitrain.

All of it is in `tests/promises/dataset`: its manifest with a rule of its own, its class in the
plan, and a workspace where it exists. The real command line runs with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gitrain.kinds import KINDS, Kind
from tests.promises import dataset
from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import NO_CHANGES, Project
from tests.promises.documents import field_table

HERE = Path(dataset.__file__).parent


class WithDatasets(Project):
    """A project whose gitrain knows the kind Dataset."""

    def start(self, *arguments: str, **settings: Any) -> Any:
        path = {"PYTHONPATH": f"{HERE}:{HERE.parents[2]}"}
        return super().start(*arguments, variables=path | settings.pop("variables", {}), **settings)

    def dataset(self, name: str, rows: Any = 10, **more: Any) -> None:
        spec = {"rows": rows} if rows is not None else {}
        spec |= more.pop("spec", {})
        self.manifest(f"jobs/{name}.yaml", "Dataset", name, spec, **more)

    def wrong(self) -> dict[str, Any]:
        """The only problem there is."""
        [problem] = self.gitrain("validate", "-o", "json", code=3).json["problems"]
        return problem


@pytest.fixture
def project(tmp_path: Path) -> Iterator[WithDatasets]:
    made = WithDatasets(tmp_path / "demo")
    made.dataset("pets")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


# Manifests -------------------------------------------------------------------------------------


def test_its_manifests_are_validated(project: WithDatasets) -> None:
    assert project.gitrain("validate", "-o", "json").json["problems"] == []


@pytest.mark.parametrize(
    ("spec", "code", "path", "suggestion"),
    [
        ({"row": 5}, "unknown-field", "spec.row", "did you mean `rows`?"),
        ({"rows": 0}, "out-of-range", "spec.rows", "write 1"),
        ({"rows": "many"}, "wrong-type", "spec.rows", ""),
        ({"parent": "pest"}, "unknown-dataset", "spec.parent", "did you mean pets?"),
        ({"parent": "${{inputs.a}}"}, "bad-expression", "spec.parent", None),
    ],
)
def test_what_is_wrong_with_one_is_said(
    project: WithDatasets, spec: dict[str, Any], code: str, path: str, suggestion: str | None
) -> None:
    project.dataset("cats", spec=spec)

    found = project.gitrain("validate", "-o", "json", code=3).json["problems"]
    [wrong] = [problem for problem in found if problem["code"] == code]
    assert (wrong["file"], wrong["path"]) == ("jobs/cats.yaml", path)
    assert suggestion is None or wrong["suggestion"] == (suggestion or None)


def test_a_slip_in_its_name_is_known(project: WithDatasets) -> None:
    project.manifest("jobs/cats.yaml", "Datset", "cats", {"rows": 1})

    assert project.wrong()["suggestion"] == "did you mean `Dataset`?"


def test_two_of_one_name_are_refused(project: WithDatasets) -> None:
    project.manifest("jobs/again.yaml", "Dataset", "Pets", {"rows": 1})

    assert project.wrong()["code"] == "duplicate-name"


def test_policy_defaults_and_overrides_hold(project: WithDatasets) -> None:
    project.describe(defaults={"Dataset": {"rows": 7}}, policy={"required_labels": ["team"]})
    more = {"metadata": {"labels": {"team": "vision"}}, "overrides": {"local": {"parent": "cats"}}}
    project.dataset("cats", rows=None, metadata={"labels": {"team": "vision"}})
    project.dataset("pets", rows=None, **more)

    shown = project.gitrain("show", "dataset", "pets", "-o", "json").json["manifest"]
    assert shown["spec"] == {"rows": 7, "parent": "cats"}
    project.dataset("dogs")
    assert "Dataset dogs has no label team" in project.gitrain("validate", code=4).out


# The plan ---------------------------------------------------------------------------------------


def test_it_is_created_once_changed_in_place_and_then_left_alone(project: WithDatasets) -> None:
    made = project.gitrain("plan")
    assert "  + Dataset/pets   10 rows" in made.lines
    assert made.last_line.startswith("Plan: 1 to create, 0 to update")

    ended = project.reconcile()
    assert "✓ Dataset/pets created" in ended.out
    assert "Reconciled: 1 created, 0 updated" in ended.out
    assert project.gitrain("plan").last_line == NO_CHANGES

    project.dataset("pets", rows=20)
    assert "~ rows 10 → 20" in project.gitrain("plan").out
    assert "Reconciled: 0 created, 1 updated" in project.reconcile().out
    assert project.gitrain("plan").last_line == NO_CHANGES


def test_its_row_in_json_is_like_any_other(project: WithDatasets) -> None:
    [row] = project.plan()["actions"]

    assert (row["action"], row["kind"], row["name"]) == ("create", "Dataset", "pets")
    assert row["source"] == {"file": "jobs/pets.yaml", "line": 1}


def test_a_job_runs_beside_it(project: WithDatasets) -> None:
    project.job("train")

    outcomes = project.gitrain("reconcile", "-o", "json").json["outcomes"]

    told = {(one["kind"], one["action"], one["result"]) for one in outcomes}
    assert told == {("Dataset", "create", "done"), ("Job", "submit", "done")}


def test_one_without_a_manifest_is_named_and_pruned(project: WithDatasets) -> None:
    project.dataset("cats")
    project.reconcile()
    (project.root / "jobs/cats.yaml").unlink()

    kept = project.plan()
    assert [one["name"] for one in kept["unmanaged"]] == ["cats"]
    assert {one["action"] for one in kept["actions"]} == {"keep"}

    assert (
        "Reconciled: 0 created, 0 updated, 0 replaced, 1 deleted"
        in project.reconcile("--prune").out
    )
    assert project.plan()["unmanaged"] == []


def test_too_many_are_not_destroyed_at_once(project: WithDatasets) -> None:
    for number in range(5):
        project.dataset(f"old{number}")
    project.reconcile()
    for number in range(5):
        (project.root / f"jobs/old{number}.yaml").unlink()

    refused = project.gitrain("plan", "--prune", "-o", "json", code=4).json
    assert [one["code"] for one in refused["problems"]] == ["destruction"]


@pytest.mark.parametrize("pattern", ["puppies", "dataset/puppies", "Dataset/pup*", "of=dogs"])
def test_it_is_selected_with_what_it_needs(project: WithDatasets, pattern: str) -> None:
    project.dataset("dogs")
    project.dataset("puppies", spec={"parent": "dogs"}, metadata={"labels": {"of": "dogs"}})

    rows = project.plan("--select", pattern)["actions"]

    assert [row["name"] for row in rows] == ["dogs", "puppies"]


def test_a_branch_is_compared_with_its_base(project: WithDatasets) -> None:
    project.commit()
    project.git("checkout", "-q", "-b", "branch")
    project.dataset("dogs")
    project.dataset("pets", rows=11)
    project.commit()

    for flags in (["--base", "main"], ["--base", "main", "--offline"]):
        made = project.plan(*flags)
        told = {row["name"]: row["action"] for row in made["actions"]}
        pets = "update" if "--offline" in flags else "create"
        assert told == {"dogs": "create", "pets": pets}, flags


@pytest.mark.parametrize("output", ["markdown", "github"])
def test_its_plan_has_every_form(project: WithDatasets, output: str) -> None:
    assert "Dataset/pets" in project.gitrain("plan", "-o", output).out


# What exists, and help --------------------------------------------------------------------------


def test_status_shows_it(project: WithDatasets) -> None:
    project.reconcile()

    row = project.status("pets")
    assert (row["kind"], row["sync"], row["health"]) == ("Dataset", "Synced", "Healthy")
    assert "Dataset/pets" in project.gitrain("status").out


def test_show_prints_it(project: WithDatasets) -> None:
    shown = project.gitrain("show", "DATASET", "pets")

    assert shown.lines[0] == "# Dataset pets, from jobs/pets.yaml:1:1"
    assert "  rows: 10" in shown.lines
    assert "there is no dataset pest" in project.gitrain("show", "Dataset", "pest", code=1).err
    refused = project.gitrain("show", "Dataset", "pets", "-o", "azureml", code=1)
    assert "Azure ML's YAML has no Dataset" in refused.err


def test_explain_knows_its_fields(project: WithDatasets) -> None:
    assert "  dataset  " in project.gitrain("explain").out
    told = project.gitrain("explain", "dataset.spec.rows").out
    assert "How many rows it has." in told
    assert "On local: " in told
    assert "did you mean rows?" in project.gitrain("explain", "dataset.spec.row", code=1).err


def test_it_has_a_schema_and_is_in_that_of_all_manifests(project: WithDatasets) -> None:
    document = json.loads((project.root / "jobs/pets.yaml").read_text())

    for kind in ("Dataset", "manifest"):
        schema = project.gitrain("schema", kind).json
        jsonschema.validate(document, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, "spec": {"rows": "many"}}, schema)
    project.gitrain("schema", "--write", "schemas")
    assert (project.root / "schemas/v1/dataset.json").is_file()
    defaults = project.gitrain("schema", "Project").json["definitions"]["ProjectSpec"]
    assert "Dataset" in json.dumps(defaults["properties"]["defaults"])


def test_the_table_of_fields_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    place = "tests.promises.dataset"
    row = Kind("Dataset", type=f"{place}.manifest:Dataset", plan=f"{place}.plan:Datasets")
    monkeypatch.setitem(KINDS, "Dataset", row)

    assert "| Dataset every field | " in field_table.table()


# Cost ---------------------------------------------------------------------------------------------


def test_the_plan_s_part_is_imported_only_by_a_plan(project: WithDatasets, tmp_path: Path) -> None:
    def imported(*arguments: str) -> set[str]:
        file = tmp_path / "modules"
        project.gitrain(*arguments, variables={"MODULES_TO": str(file)})
        names = file.read_text().split()
        return {name.rpartition(".")[2] for name in names if name.startswith(dataset.__name__)}

    assert imported("--help") == set()
    assert imported("validate") == {"dataset", "manifest"}
    assert {"plan", "place"} <= imported("plan")
