"""The default: scikit-learn's digits, with nothing to download."""

import importlib.util
import json
import subprocess
import sys

import pytest

from .conftest import TRAINING, Folder

RELOAD = """
import sys
import torch
from safetensors import safe_open
from data import load_data
from model import small_cnn

model = small_cnn(channels=1, classes=10)
with safe_open(sys.argv[1], "pt") as file:
    model.load_state_dict({name: file.get_tensor(name) for name in file.keys()})
right = 0
with torch.no_grad():
    for images, labels in load_data("digits", "folder", None, None).loaders(64, 0, 0).valid:
        right += int((model.eval()(images).argmax(1) == labels).sum())
print(right / 360)
"""


def test_digits_reach_97_percent(digits_run: Folder):
    assert digits_run.result["metrics"]["accuracy"] >= 0.97


def test_there_is_one_flat_row_of_numbers_per_epoch(digits_run: Folder):
    assert [row["epoch"] for row in digits_run.rows] == list(range(1, 9))
    for row in digits_run.rows:
        assert list(row) == [
            "epoch",
            "train_loss",
            "valid_loss",
            "accuracy",
            "error_rate",
            "lr",
            "seconds",
        ]
        assert isinstance(row["epoch"], int)
        assert all(isinstance(value, int | float) for value in row.values())


def test_the_result_says_what_was_trained_on_what(digits_run: Folder):
    result = digits_run.result

    assert result["metrics"]["accuracy"] == digits_run.rows[-1]["accuracy"]
    assert (result["n_train"], result["n_valid"]) == (1437, 360)
    assert result["classes"] == list("0123456789")
    assert result["seed"] == result["flags"]["seed"] == 1
    assert result["flags"]["lr"] == 0.01
    assert result["resumed_from"] is None
    assert len(result["data_sha256"]) == 64
    assert result["precision"] == "float32"
    assert result["images_per_second"] > 0
    assert result["duration_seconds"] > result["training_seconds"] > 0
    assert result["versions"]["fastai"] == "2.8.12"


def test_the_pictures_are_png(digits_run: Folder):
    for name in ("loss.png", "confusion.png"):
        content = (digits_run.path / "outputs" / name).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(content) > 10_000


def test_a_fresh_model_with_the_saved_weights_is_as_accurate(digits_run: Folder):
    model = digits_run.path / "outputs/model.safetensors"
    again = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RELOAD, model],
        cwd=TRAINING,
        capture_output=True,
        text=True,
        check=True,
    )

    assert float(again.stdout) == pytest.approx(digits_run.rows[-1]["accuracy"], abs=1e-6)


def test_labels_and_preprocessing_stand_beside_the_model(digits_run: Folder):
    outputs = digits_run.path / "outputs"

    assert json.loads((outputs / "labels.json").read_text()) == list("0123456789")
    assert json.loads((outputs / "preprocess.json").read_text())["size"] == 8


def test_a_base_gives_a_head_start_and_out_takes_the_model(digits_run: Folder, folder: Folder):
    base = digits_run.path / "outputs"
    flags = ["--epochs", 1, "--lr", 1e-4, "--out", "elsewhere"]

    assert folder.run("--base", base, *flags) == 0, folder.output

    assert folder.rows[0]["accuracy"] > 0.97
    assert (folder.path / "elsewhere/model.safetensors").is_file()
    assert not (folder.path / "outputs/model.safetensors").exists()
    assert (folder.path / "outputs/result.json").is_file()


def test_a_base_with_other_classes_is_refused(digits_run: Folder, folder: Folder):
    base = folder.path / "base"
    base.mkdir()
    (base / "model.safetensors").write_bytes(digits_run.weights)
    (base / "labels.json").write_text('["cat", "dog"]')

    assert folder.run("--base", base) == 1

    assert "its classes are cat, dog, the data's are 0, 1, 2, 3, 4, … (10)" in folder.output


def test_a_base_of_another_architecture_is_refused(digits_run: Folder, folder: Folder):
    base = digits_run.path / "outputs"

    assert folder.run("--base", base, "--arch", "resnet18") == 1

    assert "another --arch or number of channels" in folder.output
    assert "Traceback" not in folder.output


def test_a_loss_that_is_no_number_is_left_out(folder: Folder):
    assert folder.run("--epochs", 1, "--lr", 1e30) == 0, folder.output

    assert list(folder.rows[0]) == ["epoch", "accuracy", "error_rate", "lr", "seconds"]


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is not None, reason="mlflow is installed")
def test_without_mlflow_the_training_goes_on_and_says_so(folder: Folder):
    assert folder.run("--epochs", 1, MLFLOW_TRACKING_URI="sqlite:///mlflow.db") == 0

    assert "mlflow is not installed" in folder.output
