"""Folders of image files."""

import signal
from pathlib import Path

import pytest

from .conftest import Folder, take_clothing, write_digits


def test_class_folders_are_split_the_same_part_of_each(folder: Folder):
    write_digits(folder.path / "data", classes=3, each=50)

    flags = ("--data", "data", "--arch", "small-cnn", "--size", 16, "--epochs", 6)
    assert folder.run(*flags, "--batch-size", 16) == 0, folder.output

    assert folder.result["classes"] == ["digit-0", "digit-1", "digit-2"]
    assert (folder.result["n_train"], folder.result["n_valid"]) == (120, 30)
    assert folder.result["metrics"]["accuracy"] >= 0.9


def test_photographs_with_train_and_validation_folders(folder: Folder):
    take_clothing(folder.path / "data", train=8, valid=4)

    flags = ("--data", "data", "--size", 48, "--epochs", 1, "--arch", "resnet18")
    assert folder.run(*flags, "--no-pretrained") == 0, folder.output

    assert len(folder.result["classes"]) == 10
    assert (folder.result["n_train"], folder.result["n_valid"]) == (80, 40)


def test_with_dropout_mixup_and_bf16_a_stopped_training_ends_the_same(tmp_path: Path):
    write_digits(tmp_path / "data", classes=2, each=20)
    flags = ["--data", tmp_path / "data", "--size", 32, "--batch-size", 8, "--epochs", 1]
    flags += ["--arch", "resnet18", "--no-pretrained", "--mode", "fine-tune", "--workers", 2]
    flags += ["--precision", "bf16", "--mixup", 0.2, "--accumulate", 3, "--clip", 1]
    flags += ["--label-smoothing", 0.1, "--channels-last"]
    whole, stopped = Folder(tmp_path / "whole"), Folder(tmp_path / "stopped")
    for run in (whole, stopped):
        run.path.mkdir()

    assert whole.run(*flags) == 0, whole.output
    assert stopped.run_until("\n    1  ", signal.SIGTERM, *flags) == 143, stopped.output
    assert stopped.run(*flags) == 0, stopped.output

    assert [row["epoch"] for row in whole.rows] == [1, 2]  # One of the head, one of all.
    assert (whole.result["precision"], whole.result["channels_last"]) == ("bfloat16", True)
    assert stopped.weights == whole.weights
    assert stopped.rows_without_times == whole.rows_without_times


def test_the_tutorial_takes_cats_from_the_file_names(folder: Folder):
    """As after a download: fastai keeps its data below $FASTAI_HOME."""
    home = folder.path / "home"
    write_digits(folder.path / "raw", classes=2, each=30)
    (home / "data/oxford-iiit-pet/images").mkdir(parents=True)
    for name, digit in (("Birman", 0), ("beagle", 1)):
        for image in (folder.path / f"raw/digit-{digit}").iterdir():
            image.rename(home / f"data/oxford-iiit-pet/images/{name}_{image.name}")

    flags = ["--data", "pets", "--label", "is-cat", "--arch", "resnet34", "--epochs", 1]
    flags += ["--mode", "fine-tune", "--no-pretrained", "--size", 32, "--batch-size", 16]
    assert folder.run(*flags, FASTAI_HOME=home) == 0, folder.output

    assert folder.result["classes"] == ["cat", "dog"]
    assert len(folder.rows) == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--data", "pets", "--label", "is-cat", "--arch", "resnet34", "--epochs", 1],
            "cannot download the pets images",
        ),
        (["--arch", "resnet34"], "cannot download the pretrained weights of resnet34"),
    ],
)
def test_what_cannot_be_downloaded_is_named(folder: Folder, flags: list, message: str):
    empty = {"FASTAI_HOME": folder.path / "home", "TORCH_HOME": folder.path / "torch"}

    assert folder.run(*flags, **empty) == 1

    assert folder.output.startswith(f"train.py: {message}")
    assert folder.output.count("\n") == 1


def test_more_than_one_process_is_refused(folder: Folder):
    assert folder.run(WORLD_SIZE=2, RANK=1) == 1

    assert folder.output.startswith("train.py: WORLD_SIZE is 2, RANK 1: MASTER_ADDR is not set")
