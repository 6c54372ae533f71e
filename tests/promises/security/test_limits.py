"""What is refused for its size is not read first, and no wait is without an end by mistake."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.promises.command_line.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.job("train", environment="basic")
    return made


@pytest.mark.parametrize("field", ["requirements_file", "conda_file"])
def test_a_large_file_is_refused_without_being_read(project: Project, field: str) -> None:
    spec = {"image": "x:1", field: "large.txt"}
    project.manifest("jobs/basic.yaml", "Environment", "basic", spec)
    with (project.root / "jobs/large.txt").open("wb") as file:
        file.truncate(1 << 30)

    limit = 700 << 20

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    ended = project.gitrain("validate", code=3, preexec_fn=limited)

    assert "the limit is 1,048,576" in ended.out


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "-1", "1e999", "NaN"])
@pytest.mark.parametrize("command", [("wait", "train"), ("reconcile", "--wait")])
def test_a_timeout_is_a_number_of_seconds(
    project: Project, command: tuple[str, ...], seconds: str
) -> None:
    ended = project.gitrain(*command, "--timeout", seconds, code=1)

    assert "is not a valid number of seconds" in ended.err
