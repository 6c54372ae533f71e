"""Requirements that name other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.reports.cases_of import case, cures, told


def test_a_file_that_requirements_include_is_refused_at_its_line(tmp_path: Path) -> None:
    project = case("requirements-include", tmp_path)

    assert told(project, "error") == ["requirements.txt:1:1 local-requirement"]


def test_so_is_one_in_the_pip_section_of_a_conda_file(tmp_path: Path) -> None:
    project = case("conda-pip-include", tmp_path)
    assert told(project, "error") == ["conda.yaml:7:1 local-requirement"]
    conda = project.root / "conda.yaml"
    conda.write_text(conda.read_text().replace("      - -r requirements.txt\n", ""))

    [(message, cure)] = cures(project, "local-requirement")
    assert "`-e ./libs/common`" in message
    assert "`build`" in cure


@pytest.mark.parametrize(
    "line", ["./x", "../x[all]", ".", "-c pins.txt", "--requirement=a.txt", "-ra"]
)
def test_every_way_to_name_a_file_is_known(line: str, tmp_path: Path) -> None:
    project = case("requirements-include", tmp_path)
    (project.root / "requirements.txt").write_text(f"six\n{line}\n")

    assert told(project, "error") == ["requirements.txt:2:1 local-requirement"]


@pytest.mark.parametrize(
    "line",
    [
        "six==1.16.0",
        "-r https://example.com/a.txt",
        "--extra-index-url https://example.com/a",
        "-e git+https://example.com/a.git",
        "a @ https://example.com/a.whl",
        "# -r a.txt",
        "--pre",
    ],
)
def test_what_can_be_built_anywhere_is_right(line: str, tmp_path: Path) -> None:
    project = case("requirements-include", tmp_path)
    (project.root / "requirements.txt").write_text(f"{line}\n")

    assert told(project, "error") == []
