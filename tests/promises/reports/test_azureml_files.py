"""Repositories that were written for Azure ML, used as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.reports.cases_of import case, cures, desired, told


@pytest.mark.parametrize("reference", ["azureml:molecules:1", "azureml:molecules@latest"])
def test_an_environment_whose_file_is_in_the_repository_is_that_file(
    reference: str, tmp_path: Path
) -> None:
    project = case("azureml-repository-as-it-is", tmp_path)
    job = project.root / "jobs" / "train.yml"
    job.write_text(job.read_text().replace("azureml:molecules:1", reference))

    assert "jobs/train.yml:8:1 own-environment" in told(project, "warning")
    [(_, cure)] = cures(project, "own-environment")
    assert cure.startswith("write molecules:")
    before = desired(project, "Job", "train", "azure")["parts"]["environment"]
    conda = project.root / "jobs" / "conda.yml"
    conda.write_text(conda.read_text().replace("2.6.0", "2.7.0"))
    assert desired(project, "Job", "train", "azure")["parts"]["environment"] != before


def test_a_version_that_gitrain_made_stays_pinned(tmp_path: Path) -> None:
    project = case("azureml-repository-as-it-is", tmp_path)
    job = project.root / "jobs" / "train.yml"
    job.write_text(job.read_text().replace("molecules:1", "molecules:0123456789ab"))

    assert "own-environment" not in " ".join(told(project))
    assert "molecules:0123456789ab" in str(desired(project, "Job", "train", "azure"))
