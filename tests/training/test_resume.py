"""Stopped at any moment and started again, a training ends as if it had never stopped."""

import signal
from pathlib import Path

import pytest

from .conftest import Folder

SHORT = ("--epochs", 3, "--seed", 5)
AFTER_EPOCH_1 = "\n    1  "


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    run = Folder(tmp_path_factory.mktemp("uninterrupted"))
    assert run.run(*SHORT) == 0, run.output
    return run


def assert_same_end(run: Folder, reference: Folder) -> None:
    assert run.weights == reference.weights
    assert run.rows_without_times == reference.rows_without_times


def test_sigterm_saves_and_the_next_run_goes_on(folder: Folder, uninterrupted: Folder):
    assert folder.run_until(AFTER_EPOCH_1, signal.SIGTERM, *SHORT) == 143
    assert len(folder.rows) < 3
    assert not (folder.path / "outputs/result.json").exists()

    assert folder.run(*SHORT) == 0, folder.output

    assert_same_end(folder, uninterrupted)
    assert folder.result["resumed_from"]["epoch"] >= 1


def test_control_c_saves_too(folder: Folder):
    assert folder.run_until(AFTER_EPOCH_1, signal.SIGINT, *SHORT) == 130

    assert "stopped; run it again with the same flags" in folder.output
    assert folder.checkpoints


def test_after_kill_9_it_goes_on_from_the_last_epoch(folder: Folder, uninterrupted: Folder):
    assert folder.run_until("\n    2  ", signal.SIGKILL, *SHORT) == -signal.SIGKILL

    assert folder.run(*SHORT) == 0, folder.output

    assert_same_end(folder, uninterrupted)
    assert folder.result["resumed_from"]["epoch"] >= 1


def test_a_signal_before_training_ends_it_at_once(folder: Folder):
    flags = ("--epochs", 1000)

    assert folder.run_until("validation images", signal.SIGTERM, *flags) == 143


def test_a_torn_checkpoint_is_passed_over(folder: Folder, uninterrupted: Folder):
    *_, earlier, newest = copy_checkpoints(uninterrupted, folder.path / "kept")
    newest.write_bytes(newest.read_bytes()[:-1000])
    assert "epoch-00002" in earlier.name

    assert folder.run(*SHORT, GITRAIN_CHECKPOINT_DIR=folder.path / "kept") == 0

    assert f"skipping {newest}: damaged" in folder.output
    assert "resuming after epoch 2 " in folder.output
    assert_same_end(folder, uninterrupted)


def test_a_finished_training_only_writes_its_files_again(folder: Folder, uninterrupted: Folder):
    copy_checkpoints(uninterrupted, folder.path / "kept")

    assert folder.run(*SHORT, GITRAIN_CHECKPOINT_DIR=folder.path / "kept") == 0

    assert_same_end(folder, uninterrupted)
    assert folder.rows == uninterrupted.rows
    assert {p.name for p in (folder.path / "outputs").iterdir()} == {
        "README.md",
        "confusion.png",
        "labels.json",
        "loss.png",
        "metrics.jsonl",
        "model.safetensors",
        "preprocess.json",
        "result.json",
    }


def test_a_checkpoint_of_another_configuration_is_left_alone(folder: Folder, uninterrupted: Folder):
    copied = copy_checkpoints(uninterrupted, folder.path / "kept")

    assert folder.run("--epochs", 1, "--seed", 5, GITRAIN_CHECKPOINT_DIR="kept") == 0

    assert "made with a different epochs" in folder.output
    assert len(folder.rows) == 1
    assert all(path.exists() for path in copied)


def copy_checkpoints(run: Folder, to: Path) -> list[Path]:
    """Only the two newest are ever kept."""
    to.mkdir()
    assert len(run.checkpoints) == 2
    return [to.joinpath(path.name) for path in run.checkpoints if copy(path, to / path.name)]


def copy(path: Path, to: Path) -> int:
    return to.write_bytes(path.read_bytes())
