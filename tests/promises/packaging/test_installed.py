"""gitrain from its wheel, outside of any checkout and without a network: the first five minutes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.promises.documents.pages import ROOT
from tests.promises.packaging.conftest import Place

# One worker builds and installs, for all of these tests.
pytestmark = pytest.mark.xdist_group("wheel")
NO_CHANGES = "No changes. The workspace matches the manifests."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def demo(installed: Place, home: Path) -> Path:
    """What `gitrain init demo && cd demo && git init && gitrain reconcile --wait` leaves."""
    installed.gitrain("init", "demo", cwd=home)
    folder = home / "demo"
    installed.run("git", "init", "--quiet", cwd=folder)
    started = time.monotonic()
    installed.gitrain("reconcile", "--wait", cwd=folder)
    assert time.monotonic() - started < 60
    return folder


def test_the_command_is_not_that_of_the_checkout(installed, home):
    where = "import gitrain; print(gitrain.__file__)"
    found = installed.run(installed.bin / "python", "-c", where, cwd=home)

    assert not found.startswith(str(ROOT))


def test_a_scaffolded_project_is_valid_without_a_warning(installed, demo):
    assert installed.gitrain("validate", cwd=demo) == "2 manifests are valid.\n"


def test_a_scaffolded_project_trains(installed, demo):
    (digits,) = json.loads(installed.gitrain("status", "-o", "json", cwd=demo))["resources"]

    assert (digits["health"], digits["run"]["phase"]) == ("Healthy", "completed")
    assert digits["metrics"]["accuracy"] >= 0.95


def test_a_second_reconcile_changes_nothing(installed, demo):
    assert NO_CHANGES in installed.gitrain("reconcile", "--wait", cwd=demo).splitlines()


def test_what_it_trained_can_be_taken_away(installed, demo, tmp_path):
    installed.gitrain("outputs", "digits", "--download", tmp_path / "kept", cwd=demo)

    assert (tmp_path / "kept" / "model" / "model.pkl").stat().st_size > 0
    assert (tmp_path / "kept" / "outputs" / "metrics.jsonl").is_file()


def test_a_scaffolded_project_has_nothing_to_ignore_by_hand(installed, demo):
    shown = installed.run("git", "status", "--porcelain", cwd=demo)

    assert {line.split()[1] for line in shown.splitlines()} == {
        ".ci/",
        ".github/",
        ".gitignore",
        "gitrain.yaml",
        "jobs/",
        "schemas/",
        "training/",
    }


def test_doctor_finds_nothing_wrong(installed, demo):
    assert "✗" not in installed.gitrain("doctor", cwd=demo)


def test_the_training_script_runs_by_hand_too(installed, demo, tmp_path):
    script = demo / "training" / "train.py"
    (python,) = demo.glob(".gitrain/environments/*/**/bin/python")

    assert "accuracy" in installed.run(python, script, cwd=tmp_path)


def test_the_schemas_are_in_the_wheel(installed, home):
    printed = json.loads(installed.gitrain("schema", "Job", cwd=home))
    committed = (ROOT / "schemas" / "v1" / "job.json").read_text(encoding="utf-8")

    assert printed == json.loads(committed)


def test_the_fastai_template_is_valid(installed, home):
    said = installed.gitrain("init", "--template", "fastai", "pets", cwd=home)

    assert "Training needs fastai and PyTorch, which are not installed here" in said
    assert "&& pip install -r training/requirements.txt && gitrain reconcile --wait" in said
    assert (home / "pets" / "training" / "requirements.txt").exists()
    script = home / "pets" / "training" / "train.py"
    assert "usage: train.py" in installed.run(installed.bin / "python", script, "--help", cwd=home)
    assert "manifests are valid" in installed.gitrain("validate", "-C", "pets", cwd=home)
    assert "> Job/fastai-digits" in installed.gitrain("plan", "-C", "pets", cwd=home)
