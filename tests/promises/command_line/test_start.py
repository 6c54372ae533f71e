"""The first minutes: scaffolds, help on fields, schemas, what is wrong with a set-up."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from gitrain import __version__
from tests.promises.command_line.project import Project
from tests.root import ROOT

WORKFLOWS = ROOT / ".github/workflows"
SCHEMAS = ROOT / "schemas/v1"


@pytest.mark.parametrize("template", ["basic", "fastai"])
def test_a_scaffold_is_valid_and_can_be_planned(project: Project, template: str) -> None:
    made = project.root / "made"

    ended = project.gitrain("init", "made", "--template", template)

    wrote = [line.removeprefix("wrote ") for line in ended.lines if line.startswith("wrote ")]
    assert "made/gitrain.yaml" in wrote
    assert all((project.root / path).exists() for path in wrote)
    assert ended.last_line == "Next: cd made && git init && gitrain reconcile --wait"
    project.git("init", "-q", "-b", "main", cwd=made)
    project.gitrain("validate", cwd=made)
    project.gitrain("plan", "-w", "local", cwd=made)
    project.gitrain("doctor", "-w", "local", cwd=made)


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("My Project!", "Next: cd 'My Project!' && git init && gitrain reconcile --wait"),
        (".", "Next: git init && gitrain reconcile --wait"),
    ],
)
def test_what_a_scaffold_says_to_type_can_be_typed(
    tmp_path: Path, project: Project, folder: str, said: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert project.gitrain("init", folder, cwd=empty).last_line == said


def test_a_scaffold_overwrites_nothing(project: Project) -> None:
    before = (project.root / "gitrain.yaml").read_text()

    project.gitrain("init", code=1)

    assert (project.root / "gitrain.yaml").read_text() == before
    assert sorted(path.name for path in project.root.iterdir()) == [
        ".git",
        ".gitignore",
        "gitrain.yaml",
        "jobs",
    ]


def test_a_scaffold_has_the_workflows_of_this_repository(project: Project) -> None:
    project.gitrain("init", "made")

    made = project.root / "made/.github/workflows"
    assert {path.name: path.read_text() for path in made.iterdir()} == {
        path.name: path.read_text() for path in WORKFLOWS.iterdir()
    }
    assert len(list(made.iterdir())) == 6


def test_a_scaffold_keeps_the_workflows_that_are_there(project: Project) -> None:
    project.write("made/.github/workflows/ci.yml", "name: mine\n")

    ended = project.gitrain("init", "made")

    assert "kept made/.github/workflows/ci.yml (already exists)" in ended.lines
    assert (project.root / "made/.github/workflows/ci.yml").read_text() == "name: mine\n"
    assert (project.root / "made/.github/workflows/plan.yml").exists()


def test_a_scaffold_s_workflows_install_this_gitrain_and_no_name_of_a_stranger(
    project: Project,
) -> None:
    project.gitrain("init", "made")

    lines = (project.root / "made/.github/requirements.txt").read_text().splitlines()
    [requirement] = [line for line in lines if not line.startswith("#")]
    assert requirement == f"./.github/gitrain-{__version__}-py3-none-any.whl[github]"


def test_a_new_job_is_valid_and_runs(project: Project) -> None:
    project.write("src/train.sh", project.mark("$1"))
    arguments = ["--code", "src", "--command", "sh train.sh ${{inputs.epochs}}"]

    ended = project.gitrain("new", "job", "train", *arguments, "--input", "epochs=8")

    assert "gitrain plan --explain train" in ended.out
    project.gitrain("validate")
    project.settle()
    assert project.marked() == {"8": 1}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("echo ${{inputs.x}}", "the command uses inputs.x: add --input x=VALUE"),
        ("train --out ${{outputs.m}}", "the command uses outputs.m: add --output m"),
    ],
)
def test_a_new_job_declares_what_its_command_uses(
    project: Project, command: str, said: str
) -> None:
    assert said in project.gitrain("new", "job", "train", "--command", command, code=1).err

    assert not (project.root / "jobs/train.yaml").exists()
    given = ["--input", "x=1", "--output", "m"]
    project.gitrain("new", "job", "train", "--command", command, *given)
    project.gitrain("validate")


def test_a_new_job_from_a_folder_below(project: Project) -> None:
    project.write("deep/src/train.sh", project.mark("deep"))
    arguments = ["new", "job", "train", "--code", "src", "--command", "sh train.sh"]

    project.gitrain(*arguments, cwd=project.root / "deep")

    assert (project.root / "jobs/train.yaml").exists()
    project.settle()
    assert project.marked() == {"deep": 1}


@pytest.mark.parametrize("kind", ["project", "cluster", "environment", "job", "manifest"])
def test_schemas_are_those_that_are_committed(project: Project, kind: str) -> None:
    text = project.gitrain("schema", kind).out

    assert text == (SCHEMAS / f"{kind}.json").read_text()
    jsonschema.Draft7Validator.check_schema(json.loads(text))


def test_all_schemas_are_written_at_once(project: Project) -> None:
    project.gitrain("schema", "--write", "schemas")

    written = {path.relative_to(project.root) for path in project.root.rglob("schemas/**/*.json")}
    committed = {path.relative_to(SCHEMAS.parents[1]) for path in SCHEMAS.rglob("*.json")}
    assert written == committed


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("job", "spec"),
        ("Job.spec.limits.timeout", "On azureml: used"),
        ("job.spec.compute", "On local: ignored"),
        ("cluster.spec.size", "required"),
        ("job.spec.inputs.lr", "Job.spec.inputs"),
        ("job.spec.inputs.mode", "Job.spec.inputs.NAME.mode  download | ro_mount"),
        ("job.spec.inputs.mode", "On local: the path itself is used"),
        ("job.spec.inputs.images.mode", "On local: the path itself is used"),
        ("job.spec.outputs.mode", "On local: a folder of the run is used"),
        ("job.spec.inputs", "written `inputs.NAME.type`:\n    type         Whether"),
        ("job.metadata.labels", "Written `labels.NAME`: text"),
        ("job.spec.suspend", "Default: false"),
        ("job.kind", "What the manifest describes."),
        ("project.spec.policy.max_submits", "20"),
        ("project.spec.workspaces.azure.config", "config.json"),
        ("project.spec.workspaces.type", "azureml | local"),
        ("", "  cluster      A Cluster manifest"),
    ],
)
def test_a_field_is_explained(project: Project, field: str, said: str) -> None:
    assert said in project.gitrain("explain", *filter(None, [field])).out


def test_a_default_that_says_nothing_is_left_out(project: Project) -> None:
    assert "Default" not in project.gitrain("explain", "job.spec.gates").out


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("job.spec.comand", "Job.spec has no field comand; did you mean command?"),
        ("gates", "gates is neither a kind nor a problem code; did you mean job.spec.gates?"),
        ("job.limits.timeout", "Job has no field limits; did you mean job.spec.limits.timeout?"),
        ("mode", "did you mean job.spec.inputs.NAME.mode or job.spec.outputs.NAME.mode?"),
        ("jbo", "jbo is neither a kind nor a problem code; did you mean job?"),
        ("unknwon-field", "did you mean unknown-field?"),
    ],
)
def test_a_misspelt_field_is_answered_with_the_nearest(
    project: Project, field: str, said: str
) -> None:
    assert said in project.gitrain("explain", field, code=1).err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("unknown-field", "unknown-field: a field that gitrain does not know\n\n  If misspelt"),
        ("Unknown-Field", "  With the problem:\n\n    # jobs/train.yaml\n    apiVersion"),
        ("unknown-field", "  Fixed:\n\n    # jobs/train.yaml"),
        ("not-a-manifest", "    # jobs/values.yaml: removed\n"),
        ("dirty", "    $ git commit -q -a -m change\n    $ gitrain reconcile --yes\n"),
        ("encoding", "    \\ufeffapiVersion: gitrain/v1\n"),
        ("registry", "  Fields of the same name: environment.spec.registry, job."),
        ("too-large", "  There is no example: the file has more than a mebibyte.\n"),
        ("--codes", "unknown-field             a field that gitrain does not know\n"),
    ],
)
def test_a_problem_code_is_explained(project: Project, code: str, said: str) -> None:
    assert said in project.gitrain("explain", code).out


def test_a_code_is_printed_with_its_problem_and_with_an_error(project: Project) -> None:
    project.job("train", epochs=3)
    assert " error[unknown-field]: " in project.gitrain("validate", code=3).out

    project.job("train")
    refused = project.gitrain("plan", "--offline", "--base", "release", code=1)
    assert refused.err.startswith("error[no-revision]: ")


def test_the_doctor_names_what_is_wrong(project: Project) -> None:
    project.job("train")
    assert "✗" not in project.gitrain("doctor").out

    project.job("train", environment_variables={"KEY": {"env": "NOT_SET"}})
    assert "✗ secret NOT_SET is not set" in project.gitrain("doctor", code=1).out

    project.job("train", comand="x")
    assert "✗ the manifests are invalid" in project.gitrain("doctor", code=1).out


def test_the_doctor_says_the_cure_of_dubious_ownership_and_looks_further(project: Project) -> None:
    project.write("src/train.py", "print(1)\n")
    project.job("train", code="../src", environment_variables={"KEY": {"env": "NOT_SET"}})
    project.job("more", code="../src")

    ended = project.gitrain("doctor", variables={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, code=1)

    cure = f"git config --global --add safe.directory {project.root}"
    lines = [line for line in ended.lines if line.startswith("✗")]
    assert [cure in line for line in lines] == [True, True, False]
    assert "✗ secret NOT_SET is not set" in ended.out
    assert "workspace local (.gitrain) answers: 0 live runs" in ended.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_for_each_shell(project: Project, shell: str) -> None:
    assert "_GITRAIN_COMPLETE" in project.gitrain("completion", shell).out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("gitrain rec", "reconcile"),
        ("gitrain logs tr", "train"),
        ("gitrain explain unknown-f", "unknown-field"),
        ("gitrain explain job.spec.gat", "job.spec.gates"),
    ],
)
def test_what_has_a_name_is_completed(project: Project, typed: str, offered: str) -> None:
    project.job("train")
    words = typed.split()
    variables = {
        "_GITRAIN_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": f"{len(words) - 1}",
    }

    assert offered in project.gitrain(variables=variables).out


def test_show_prints_what_loads_again_with_the_same_digest(project: Project) -> None:
    project.write("src/train.sh", "true")
    project.job(
        "train", "sh train.sh ${{inputs.x}}", code="../src", inputs={"x": 0.001}, checkpoints=True
    )
    shown = project.gitrain("show", "job", "train").out
    before = project.gitrain("show", "job", "train", "-o", "json").json["digest"]
    assert f"# digest: {before}" in shown
    assert "checkpoints=true" in shown

    project.write("jobs/train.yaml", shown)

    assert project.gitrain("show", "job", "train", "-o", "json").json["digest"] == before
