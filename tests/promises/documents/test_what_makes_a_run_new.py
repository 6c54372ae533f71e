"""Every row of docs/explanation/identity.md's table is so: each edit is made, and planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import Project
from tests.promises.documents.pages import DOCS, rows

ROWS = dict(rows(DOCS / "explanation" / "identity.md", "| you change | what happens |"))
COMMAND = "cat ${{inputs.base}}/x ${{inputs.data}} ${{inputs.known}} > ${{outputs.model}}/y"
Edit = Callable[[Project], object]


def first(project: Project, **spec: Any) -> None:
    made = {"command": "echo 1 > ${{outputs.model}}/x", "outputs": {"model": {}}}
    project.job("first", **{**made, **spec})


def train(project: Project, **spec: Any) -> None:
    """The job that is edited; what is not given is as it was."""
    name = spec.pop("name", "train")
    data = {"type": "uri_file", "path": "../data/plain"}
    known = {"type": "uri_file", "path": "../data/known", "fingerprint": "content"}
    inputs = {"base": "${{jobs.first.outputs.model}}", "data": data, "known": known, "epochs": 8}
    made = {
        "command": COMMAND + " # ${{inputs.epochs}}",
        "code": "../src",
        "environment": "here",
        "inputs": {**inputs, **spec.pop("more_inputs", {})},
        "outputs": {"model": {}},
    }
    project.job(name, **{**made, **spec})


def environment(project: Project, **spec: Any) -> None:
    project.manifest("jobs/here.yaml", "Environment", "here", {"local": {}, **spec})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project in which everything has completed."""
    project = Project(tmp_path_factory.mktemp("readme") / "demo")
    project.write("src/a.sh", "true\n")
    project.write("data/plain", "1\n")
    project.write("data/known", "1\n")
    environment(project)
    first(project)
    train(project)
    project.commit()
    project.settle()
    yield project
    kill_all(project.root)


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    yield made
    made.git("checkout", "-q", "--", ".")
    made.git("clean", "-fdq")


def renamed(project: Project) -> None:
    (project.root / "jobs" / "train.yaml").unlink()
    train(project, name="finetune")


def respelled(project: Project) -> None:
    project.write("README.md", "read me")
    file = project.root / "jobs" / "train.yaml"
    file.write_text("# a comment\n" + file.read_text().replace('"epochs": 8', '"epochs": "8"'))


def there_and_back(project: Project) -> None:
    train(project, more_inputs={"epochs": 9})
    project.settle()
    train(project)


EDITS: dict[str, list[Edit]] = {
    "`command`": [
        lambda p: train(p, command=f"{COMMAND} # again ${{{{inputs.epochs}}}}"),
        lambda p: train(p, more_inputs={"epochs": 9}),
        lambda p: train(p, outputs={"model": {}, "more": {}}),
        lambda p: train(p, environment_variables={"A": "b"}),
        lambda p: train(p, distribution={"type": "mpi"}),
        lambda p: train(p, resources={"instance_count": 2}),
    ],
    "a file below `code`": [lambda p: p.write("src/a.sh", "true # a comment\n")],
    "the environment": [
        lambda p: environment(p, image="ubuntu:24.04"),
        lambda p: environment(p, environment_variables={"A": "b"}),
    ],
    "a job whose output": [lambda p: first(p, revision=2)],
    "what is in data with": [lambda p: p.write("data/known", "2\n")],
    "`revision`": [lambda p: train(p, revision=2)],
    "`labels`": [
        lambda p: train(p, metadata={"labels": {"team": "vision"}}),
        lambda p: train(p, metadata={"description": "Digits."}),
        lambda p: train(p, display_name="Digits"),
    ],
    "`compute`": [
        lambda p: train(p, compute="gpu"),
        lambda p: train(p, limits={"timeout": 99}),
        lambda p: train(p, resources={"shm_size": "4g", "docker_args": "--ipc=host"}),
        lambda p: train(p, experiment_name="other"),
        lambda p: train(p, checkpoints=True),
    ],
    "`gates`": [lambda p: train(p, gates=["accuracy >= 0.5"])],
    "`retries`": [
        lambda p: train(p, retries=2, supersede="keep", suspend=True, depends_on=["first"])
    ],
    "what is in data without": [lambda p: p.write("data/plain", "2\n")],
    "comments": [respelled],
    "back to": [there_and_back],
    "the job's name": [renamed],
    "the manifest": [lambda p: (p.root / "jobs" / "train.yaml").unlink()],
}
CASES = [
    pytest.param(
        edit, next(ROWS[what] for what in ROWS if what.startswith(start)), id=f"{start}{n}"
    )
    for start, edits in EDITS.items()
    for n, edit in enumerate(edits)
]


def test_every_row_is_tried():
    assert [next(what for what in ROWS if what.startswith(start)) for start in EDITS] == list(ROWS)


@pytest.mark.parametrize(("edit", "then"), CASES)
def test_it_is_as_the_row_says(edit: Edit, then: str, project: Project):
    edit(project)

    plan = project.plan()
    verbs = {row["name"]: row["action"] for row in plan["actions"]}
    verb = verbs.get("finetune", verbs.get("train", "keep"))
    match then.partition(":")[0].partition(",")[0].partition(";")[0]:
        case "a new run":
            assert verb == "waiting" if verbs["first"] == "submit" else verb == "submit"
        case "the run is updated in place":
            assert verb == "update"
        case "applies to the next run":
            assert verb == "keep"
            assert any("applies to the next run" in note for note in project.gitrain("plan").lines)
        case "the existing run is judged again":
            assert (verb, project.status("train")["health"]) == ("keep", "Degraded")
        case "nothing" | "nothing runs":
            assert verb == "keep"
        case other:
            pytest.fail(f"the table says {other!r}, and no test knows what that is")
