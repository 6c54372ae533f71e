"""A type of workspace plugs in by its row: nothing in gitrain is changed for one from outside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gitrain.commands.group import run
from gitrain.load.manifests import load
from gitrain.schema import generate
from gitrain.workspace_types import TYPES, project_type
from tests.promises.documents import field_table
from tests.promises.shelf import SHELF, ShelfWorkspace

PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: pets}
spec:
  default_workspace: oak
  policy: {max_submits: 1}
  workspaces:
    oak: {type: shelf, board: boards/oak, vars: {what: words}}
    local: {type: local}
"""
JOB = """\
apiVersion: gitrain/v1
kind: Job
metadata: {name: count%s}
spec:
  command: wc -w < ${{inputs.text}}; echo ${{inputs.what}}
  inputs: {text: {type: uri_file, path: ../text}, what: "${{vars.what}}"}
  environment: tools
  compute: anywhere
"""
ENVIRONMENT = """\
apiVersion: gitrain/v1
kind: Environment
metadata: {name: tools, workspaces: [oak]}
spec: {image: debian}
"""


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Gitrain = Callable[..., Ended]


@pytest.fixture
def gitrain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gitrain:
    """The command line, in a project with a shelf, while this type of workspace is known."""
    monkeypatch.setitem(TYPES, SHELF.name, SHELF)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "pets"
    write(root, {"gitrain.yaml": PROJECT, "text": "cats and dogs\n"})
    write(root, {"jobs/count.yaml": JOB % "", "jobs/tools.yaml": ENVIRONMENT})
    monkeypatch.chdir(root)

    def command(*arguments: str) -> Ended:
        code = run([*arguments])
        return Ended(code, *capsys.readouterr())

    return command


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def codes(ended: Ended) -> list[tuple[str, str]]:
    return [(one["code"], one["path"]) for one in json.loads(ended.out)["problems"]]


def test_a_project_with_one_is_valid(gitrain: Gitrain) -> None:
    assert gitrain("validate") == (0, "2 manifests are valid.\n", "")

    loaded = load(Path.cwd())
    assert loaded.manifests is not None
    workspace = loaded.manifests.project.spec.workspaces["oak"]
    assert workspace == ShelfWorkspace(board="boards/oak", vars={"what": "words"})


def test_a_job_that_names_no_workspace_exists_there_and_not_on_the_laptop(gitrain: Gitrain) -> None:
    manifests = load(Path.cwd()).manifests
    assert manifests is not None

    assert [one.name for one in manifests.documents("oak")] == ["tools", "count"]
    assert manifests.documents("local") == ()


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("board:", "bord:", "missing-field", "did you mean `board` instead of `bord`?"),
        ("board: boards/oak", "board: b, slot: 1", "unknown-field", "valid fields: type, protect"),
        ("boards/oak, vars", "boards/oak, prunes: true, vars", "unknown-field", "`prune`?"),
        ("type: shelf", "type: shelv", "wrong-value", "did you mean `shelf`?"),
        ("boards/oak", "''", "empty-value", "write a value"),
    ],
)
def test_what_the_project_says_of_one_is_checked(
    gitrain: Gitrain, old: str, new: str, code: str, said: str
) -> None:
    write(Path.cwd(), {"gitrain.yaml": PROJECT.replace(old, new)})

    ended = gitrain("validate", "-o", "json")

    problems = json.loads(ended.out)["problems"]
    assert ended.code == 3
    assert any(p["code"] == code and said in p["suggestion"] for p in problems), problems


def job(spec: str) -> str:
    return f"apiVersion: gitrain/v1\nkind: Job\nmetadata: {{name: count}}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("command: x", ("no-environment", "spec")),
        ("command: x, environment: nothing", ("unknown-environment", "spec.environment")),
        ("command: x, environment: 'azureml:e:1', compute: 'azureml:a:1'", None),
        (
            "command: x, environment: tools, distribution: {type: mpi}",
            ("refused-field", "spec.distribution"),
        ),
        (
            "command: x, environment: {image: i, registry: {address: r}}",
            ("refused-field", "spec.environment.registry"),
        ),
        (
            "command: '${{inputs.a}}', environment: tools, inputs: {a: {path: 'azureml:a:1'}}",
            ("not-on-shelf", "spec.inputs.a.path"),
        ),
        (
            "command: '${{inputs.a}}', environment: tools, inputs: {a: {path: nowhere}}",
            ("missing-path", "spec.inputs.a.path"),
        ),
    ],
)
def test_manifests_are_checked_by_what_is_true_there(
    gitrain: Gitrain, spec: str, found: tuple[str, str] | None
) -> None:
    write(Path.cwd(), {"jobs/count.yaml": job(spec)})

    assert codes(gitrain("validate", "-o", "json")) == ([found] if found else [])


def test_it_is_planned_reconciled_and_looked_at(gitrain: Gitrain) -> None:
    planned = json.loads(gitrain("plan", "-o", "json").out)
    assert planned["notes"] == ["these fields are ignored on oak: compute"]
    assert planned["gpu_hours"] == 0
    assert [(a["action"], a["kind"]) for a in planned["actions"]] == [
        ("register", "Environment"),
        ("submit", "Job"),
    ]
    assert not Path("boards").exists()

    done = gitrain("reconcile", "--wait", "--force")
    assert done.code == 0
    assert "1 created" in done.out.splitlines()[-1]
    assert "1 submitted" in done.out.splitlines()[-1]

    assert gitrain("logs", "count").out.split() == ["3", "words"]
    assert "No changes. The workspace matches the manifests." in gitrain("plan").out
    [environment, run] = json.loads(gitrain("status", "-o", "json").out)["resources"]
    assert environment["sync"] == "Synced"
    assert (run["health"], run["run"]["phase"]) == ("Healthy", "completed")
    assert "pets → oak (boards/oak)" in gitrain("status").out


def test_its_guards_hold(gitrain: Gitrain) -> None:
    write(Path.cwd(), {"jobs/second.yaml": JOB % "-again"})

    refused = gitrain("plan", "-o", "json")

    assert (refused.code, codes(refused)) == (4, [("max-submits", None)])


def test_it_insists_on_a_clean_tree_by_default(gitrain: Gitrain) -> None:
    refused = gitrain("reconcile", "-o", "json")

    assert (refused.code, codes(refused)) == (4, [("dirty", None)])
    assert not Path("boards").exists()


def test_its_fields_are_explained(gitrain: Gitrain) -> None:
    assert "On shelf: ignored: a shelf has one place" in gitrain("explain", "job.spec.compute").out
    assert "On shelf: used" in gitrain("explain", "job.spec.code").out
    assert "On shelf: refused: a shelf starts" in gitrain("explain", "job.spec.distribution").out
    board = gitrain("explain", "project.spec.workspaces.board").out
    assert "The folder, relative to the project." in board
    assert "shelf" in gitrain("explain", "project.spec.workspaces.type").out


def test_the_table_of_the_documents_has_a_column_for_it(gitrain: Gitrain) -> None:
    head, _, *rows = field_table.table().splitlines()

    assert head == "| field | on `local` | on `azureml` | on `shelf` |"
    assert rows[-1].count("|") == head.count("|")
    assert any(row.endswith("| a folder on the shelf is used |") for row in rows)


def test_the_schema_describes_it(gitrain: Gitrain) -> None:
    described: dict[str, Any] = json.loads(gitrain("schema", "project").out)

    shelf = described["definitions"]["ShelfWorkspace"]
    assert shelf["required"] == ["type", "board"]
    assert shelf["properties"]["type"] == {
        "description": "Which type of workspace it is.",
        "enum": ["shelf"],
    }


def test_nothing_of_it_is_left_when_it_is_taken_out(gitrain: Gitrain) -> None:
    committed = generate.data("schemas") / "v1" / "project.json"
    assert generate.files()["project.json"] != committed.read_text()

    del TYPES[SHELF.name]

    assert generate.files()["project.json"] == committed.read_text()
    assert project_type() is not None
    assert gitrain("validate").code == 3
