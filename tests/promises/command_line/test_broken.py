"""Broken manifests: all problems at once, each with its place, and no traceback."""

from __future__ import annotations

import json
import resource

import pytest

from tests.promises.command_line.project import Project

HEAD = "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: NAME}\n"
BROKEN = {
    "syntax": HEAD + "spec: {command: 'true'\n",
    "tab": HEAD + "spec:\n\tcommand: true\n",
    "unknown-field": HEAD + "spec: {command: a, comand: b}\n",
    "wrong-type": HEAD + "spec: {command: [a]}\n",
    "no-command": HEAD + "spec: {}\n",
    "bad-name": HEAD.replace("NAME", "no spaces") + "spec: {command: a}\n",
    "no-kind": "apiVersion: gitrain/v1\nmetadata: {name: x}\nspec: {}\n",
    "bad-kind": "apiVersion: gitrain/v1\nkind: Jbo\nmetadata: {name: x}\nspec: {}\n",
    "bad-version": "apiVersion: gitrain/v9\nkind: Job\nmetadata: {name: x}\nspec: {command: a}\n",
    "duplicate-key": HEAD + "spec: {command: a, command: b}\n",
    "no-input": HEAD + "spec: {command: 'a ${{inputs.x}}'}\n",
    "bad-expression": HEAD + "spec: {command: 'a ${{secrets.x}}'}\n",
    "no-upstream": HEAD + "spec: {command: a, inputs: {m: '${{jobs.none.outputs.m}}'}}\n",
    "no-code": HEAD + "spec: {command: a, code: ../nowhere}\n",
    "no-environment": HEAD + "spec: {command: a, environment: nowhere}\n",
    "negative": HEAD + "spec: {command: a, retries: -1}\n",
    "bad-gate": HEAD + "spec: {command: a, gates: [accuracy is good]}\n",
    "secret": HEAD + "spec: {command: a, environment_variables: {API_TOKEN: abc}}\n",
    "latest": HEAD + "spec: {command: a, environment: 'azureml:x@latest'}\n",
    "not-text": "\x00\x01",
}
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture
def broken(project: Project) -> Project:
    for name, text in BROKEN.items():
        project.write(f"jobs/{name}.yaml", text.replace("NAME", name))
    project.job("fine")
    return project


def test_one_validate_reports_them_all_with_their_places(broken: Project) -> None:
    ended = broken.gitrain("validate", "-o", "json", code=3)

    problems = [p for p in ended.json["problems"] if p["severity"] == "error"]
    assert {p["file"] for p in problems} == {f"jobs/{name}.yaml" for name in BROKEN}
    assert all(p["line"] >= 1 and p["column"] >= 1 and p["message"] for p in problems)
    assert ended.err == ""


def test_each_stands_in_the_text_with_file_line_and_column(broken: Project) -> None:
    text = broken.gitrain("validate", code=3).out

    for name in BROKEN:
        assert f"\njobs/{name}.yaml:" in f"\n{text}"
    assert "help: did you mean `command`" in text or "command" in text
    assert text.splitlines()[-1].endswith(f"in {len(BROKEN)} files")


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["reconcile"],
        ["status"],
        ["run", "fine"],
        ["logs", "fine"],
        ["show", "job", "fine"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_command_refuses_them_with_3(broken: Project, arguments: list[str]) -> None:
    ended = broken.gitrain(*arguments, code=3)

    assert "jobs/no-code.yaml:" in ended.out
    assert not (broken.root / ".gitrain/runs").exists()


def test_only_those_of_a_path(broken: Project) -> None:
    assert broken.gitrain("validate", "jobs/fine.yaml").out == "1 manifest is valid.\n"
    ended = broken.gitrain("validate", "jobs/negative.yaml", "-o", "json", code=3)

    assert {problem["file"] for problem in ended.json["problems"]} == {"jobs/negative.yaml"}


def test_who_refers_to_a_broken_manifest_is_not_blamed_for_it(project: Project) -> None:
    project.write("jobs/a.yaml", HEAD.replace("NAME", "a") + "spec: {command: x, epoch: 9}\n")
    uses = "spec: {command: x, depends_on: [a, b]}\n"
    project.write("jobs/c.yaml", HEAD.replace("NAME", "c") + uses)

    answer = project.gitrain("validate", "-o", "json", code=3).json

    assert [(p["file"], p["message"]) for p in answer["problems"]] == [
        ("jobs/a.yaml", "unknown field `epoch`"),
        ("jobs/c.yaml", "no job named b in workspace local"),
    ]


def test_an_alias_bomb_is_refused_at_once(project: Project) -> None:
    assert len(BOMB) < 431
    project.write("jobs/bomb.yaml", BOMB)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    ended = project.gitrain("validate", "-o", "json", code=3)

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 1
    assert ended.json["problems"][0]["file"] == "jobs/bomb.yaml"


def test_problems_before_a_plan_have_the_same_json(broken: Project) -> None:
    validated = broken.gitrain("validate", "-o", "json", code=3).json
    planned = broken.gitrain("plan", "-o", "json", code=3).json

    assert planned["valid"] is False
    assert {p["file"] for p in planned["problems"]} >= {p["file"] for p in validated["problems"]}


def test_a_broken_project_file(project: Project) -> None:
    project.write("gitrain.yaml", "kind: Project\n")

    problems = project.gitrain("validate", "-o", "json", code=3).json["problems"]

    assert {problem["file"] for problem in problems} == {"gitrain.yaml"}
    project.gitrain("plan", code=3)


def test_warnings_change_no_exit_code(project: Project) -> None:
    project.job("train", inputs={"unused": 1})

    ended = project.gitrain("validate", "-o", "json")

    assert ended.json["valid"] is True
    assert [p["severity"] for p in ended.json["problems"]] == ["warning"]


def test_annotations_for_github(broken: Project) -> None:
    lines = broken.gitrain("validate", "-o", "github", code=3).lines

    assert lines[0].startswith("::error file=jobs/")


def test_what_plan_finds_in_the_code_folder_has_a_place_too(project: Project) -> None:
    project.write("src/train.sh", "")
    (project.root / "src/out").symlink_to("/etc/passwd")
    project.job("train", code="../src")

    problem = project.gitrain("plan", "-o", "json", code=3).json["problems"][0]

    assert problem["file"] == "jobs/train.yaml"
    assert "out" in json.dumps(problem)


def test_validate_counts_the_manifests_of_the_files_it_was_asked_for(project: Project) -> None:
    for path in ("jobs/one.yaml", "jobs/deep/two.yaml", "jobs/deep/three.yaml"):
        project.manifest(path, "Job", path[-8:-5], {"command": "true"})
    empty = project.write("jobs/empty.yaml", "")

    def last(*paths: str) -> str:
        return project.gitrain("validate", *paths).last_line

    assert last("jobs/empty.yaml") == "1 warning in 1 file"
    empty.unlink()
    assert last() == "3 manifests are valid."
    assert last("jobs/deep") == "2 manifests are valid."
    assert last("jobs/deep/two.yaml", "jobs/one.yaml") == "2 manifests are valid."
