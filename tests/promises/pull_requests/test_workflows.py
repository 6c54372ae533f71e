"""What is true of every workflow file."""

from __future__ import annotations

import re

import pytest

from tests.doubles.actions.runner import INSTALL
from tests.doubles.actions.workflow import UnknownWorkflow, Workflow, read
from tests.root import ROOT

PLACE = ROOT / ".github/workflows"
FILES = sorted(path.name for path in PLACE.iterdir())
WRITES = {
    ("plan.yml", "plan"): {"id-token", "pull-requests", "statuses"},
    ("plan.yml", "offline"): set(),
    ("reconcile.yml", "reconcile"): {"id-token", "pull-requests", "statuses"},
    ("advance.yml", "ask"): set(),
    ("advance.yml", "advance"): {"id-token", "pull-requests", "statuses"},
    ("drift.yml", "drift"): {"id-token", "issues"},
    ("variant.yml", "variant"): {"id-token", "pull-requests", "statuses"},
    ("ci.yml", "test"): set(),
}
PINNED = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
}


def workflow(file: str) -> Workflow:
    return read(file, (PLACE / file).read_text())


def test_these_are_all() -> None:
    files = {"plan.yml", "reconcile.yml", "advance.yml", "drift.yml", "variant.yml", "ci.yml"}

    assert set(FILES) == files


@pytest.mark.parametrize("file", FILES)
def test_none_is_started_for_strangers_with_rights(file: str) -> None:
    events = {"pull_request", "push", "schedule", "workflow_dispatch"}

    assert workflow(file).on.keys() <= events


@pytest.mark.parametrize("file", FILES)
def test_each_job_may_write_only_what_it_writes(file: str) -> None:
    for job in workflow(file).jobs:
        written = {name for name, level in job.permissions.items() if level == "write"}
        assert written == WRITES[file, job.id], job.id
        assert set(job.permissions.values()) <= {"read", "write"}


@pytest.mark.parametrize("file", FILES)
def test_no_secret_is_used(file: str) -> None:
    written = [line for line in (PLACE / file).read_text().splitlines() if "secrets." in line]

    assert all(line.strip().startswith("#") for line in written)


@pytest.mark.parametrize("file", FILES)
def test_a_job_that_asks_azure_is_in_an_environment_and_only_such_a_job(file: str) -> None:
    for job in workflow(file).jobs:
        assert ("id-token" in job.permissions) == bool(job.environment), job.id


@pytest.mark.parametrize("file", FILES)
def test_actions_are_pinned_by_commit_with_the_version_beside(file: str) -> None:
    used = re.findall(r"uses: (\S+)@(.*)", (PLACE / file).read_text())

    assert all(PINNED[name] == pin for name, pin in used)


@pytest.mark.parametrize("file", FILES)
def test_the_shell_gets_signals_and_no_expressions(file: str) -> None:
    for job in workflow(file).jobs:
        for step in job.steps:
            assert "${{" not in step.run
            if step.name == "Install":
                assert step.run == INSTALL
            elif step.run and "\n" not in step.run:
                assert step.run.startswith("exec "), step.run
            assert "gitrain" not in step.run or step.run.startswith("exec gitrain ")


def test_an_unknown_key_is_refused() -> None:
    text = (PLACE / "ci.yml").read_text()

    with pytest.raises(UnknownWorkflow, match="container"):
        read("ci.yml", text.replace("    timeout-minutes: 60", "    container: alpine"))
