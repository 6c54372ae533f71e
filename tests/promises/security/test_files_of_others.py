"""No manifest makes gitrain read, or name, a file that is not the project's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.promises.command_line.project import Ended, Project

SECRET = "hunter2: [unclosed\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/hunter2-file.yaml").write_text(SECRET)
    made.job("train")
    made.settle()
    (made.root / ".git/hunter2-file.yaml").write_text(SECRET)
    (made.root / ".gitrain/hunter2-file.yaml").write_text(SECRET)
    return made


def refused(project: Project, *commands: tuple[str, ...]) -> Ended:
    """Every command refuses it, and nothing that it prints is from the file or its folder."""
    for command in (*commands, ("plan",), ("reconcile",), ("validate",)):
        ended = project.gitrain(*command, code=3)
        assert "outside-project" in ended.out, command
        assert "unclosed" not in ended.out + ended.err
    return ended


def use(project: Project, field: str, path: str) -> None:
    if field == "code":
        project.job("train", code=path)
    elif field == "data":
        project.job(
            "train",
            "cat ${{inputs.data}}",
            inputs={"data": {"type": "uri_file", "path": path, "fingerprint": "content"}},
        )
    else:
        spec = {"image": "x:1", field: path}
        if field == "build":
            spec = {"build": {"path": path}}
        project.manifest("jobs/basic.yaml", "Environment", "basic", spec)


PLACES = ["../../outside", "../.git", "../.gitrain", "link-outside", "link-git", "link-home"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("field", ["requirements_file", "conda_file", "build", "code", "data"])
def test_a_field_that_names_a_file_of_others(project: Project, field: str, place: str) -> None:
    for name, target in zip(PLACES[3:], PLACES[:3], strict=True):
        (project.root / "jobs" / name).symlink_to(target)
    folder = field in ("build", "code")
    use(project, field, place if folder else f"{place}/hunter2-file.yaml")

    assert "hunter2:" not in refused(project).out


@pytest.mark.parametrize("place", ["../../outside", "../.git", "../.gitrain"])
@pytest.mark.parametrize("field", ["requirements_file", "conda_file", "code", "data"])
def test_no_hint_names_a_file_of_others(project: Project, field: str, place: str) -> None:
    use(project, field, f"{place}/hunter2-fil.yaml")

    assert "hunter2-file" not in refused(project).out


def test_no_hint_names_a_file_beside_data_outside(project: Project) -> None:
    data = {"type": "uri_file", "path": "../../outside/hunter2-fil.yaml"}
    project.job("train", "cat ${{inputs.data}}", inputs={"data": data})

    assert "hunter2-file" not in project.gitrain("validate", code=3).out


@pytest.mark.parametrize("place", ["../outside", ".git", ".gitrain"])
def test_a_project_file_that_is_a_link_to_one_of_others(project: Project, place: str) -> None:
    (project.root / "gitrain.yaml").unlink()
    (project.root / "gitrain.yaml").symlink_to(f"{place}/hunter2-file.yaml")

    assert "hunter2" not in refused(project, ("status",), ("show", "job", "train")).out


def test_a_project_file_may_be_a_link_in_the_project(project: Project) -> None:
    (project.root / "gitrain.yaml").rename(project.root / "real.yaml")
    (project.root / "gitrain.yaml").symlink_to("real.yaml")

    project.gitrain("plan")


@pytest.mark.parametrize("entry", [".git", ".gitrain", "linked", "jobs"])
def test_manifests_in_a_folder_of_others(project: Project, entry: str) -> None:
    (project.root / "linked").symlink_to(".git")
    (project.root / "jobs/linked.yaml").symlink_to("../.git/hunter2-file.yaml")
    project.describe(manifests=[entry])

    assert "hunter2:" not in refused(project).out


def fingerprinted(project: Project, path: Path) -> None:
    data = {"type": "uri_file", "path": str(path), "fingerprint": "content"}
    project.job("train", "cat ${{inputs.data}}", inputs={"data": data})


def test_data_outside_are_read_only_where_the_user_lists_their_folder(project: Project) -> None:
    data = project.root.parent / "outside/hunter2-file.yaml"
    fingerprinted(project, data)
    digests = []
    for text in ("one", "two"):
        data.write_text(text)
        project.variables["GITRAIN_DATA_ROOTS"] = os.pathsep.join(["/nowhere", str(data.parent)])
        digests.append(project.row("train")["digest"])
        project.variables["GITRAIN_DATA_ROOTS"] = os.pathsep.join([str(data.parent) + "-not", ""])
        assert "GITRAIN_DATA_ROOTS" in refused(project).out

    assert digests[0] != digests[1]


def test_a_link_does_not_lead_out_of_a_listed_folder(project: Project, tmp_path: Path) -> None:
    (tmp_path / "listed").mkdir()
    (tmp_path / "listed/data").symlink_to(tmp_path / "outside/hunter2-file.yaml")
    project.variables["GITRAIN_DATA_ROOTS"] = str(tmp_path / "listed")
    fingerprinted(project, tmp_path / "listed/data")

    refused(project)


def test_data_without_a_fingerprint_are_the_run_s_own_affair(project: Project) -> None:
    data = {"type": "uri_file", "path": str(project.root.parent / "outside/hunter2-file.yaml")}
    project.job("train", "cat ${{inputs.data}}", inputs={"data": data})

    project.settle()
