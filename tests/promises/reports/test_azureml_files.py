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


def test_what_is_azure_mls_by_its_type_or_any_of_its_hosts_is_read(tmp_path: Path) -> None:
    project = case("other-schema-hosts", tmp_path)

    assert told(project, "error") == []
    assert desired(project, "Cluster", "gpu-cluster", "azure")
    assert desired(project, "Job", "old-host", "azure")


def test_what_only_lacks_the_line_that_names_its_kind_is_told_so(tmp_path: Path) -> None:
    project = case("other-schema-hosts", tmp_path)

    assert told(project, "warning") == [
        "jobs/env-no-schema.yml:1:1 not-a-manifest",
        "jobs/no-schema.yml:1:1 not-a-manifest",
    ]
    (environment, schema), (job, kind) = cures(project, "not-a-manifest")
    assert environment.startswith("this looks like an environment of Azure ML")
    assert schema.endswith("/environment.schema.json` in it")
    assert job.startswith("this looks like a command job of Azure ML")
    assert kind == "write `type: command` in it"
