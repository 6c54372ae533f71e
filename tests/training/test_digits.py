"""The default: scikit-learn's digits, with nothing to download."""

import json
from pathlib import Path

import jsonschema
import pytest

from .conftest import Folder
from .forks import TRAINING


def test_digits_reach_97_percent(digits_run: Folder):
    assert digits_run.result["metrics"]["accuracy"] >= 0.97


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_other_seeds_reach_97_percent_too(folder: Folder, seed: int):
    assert folder.run("--seed", seed) == 0, folder.output

    assert folder.result["metrics"]["accuracy"] >= 0.97


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


def test_the_result_follows_its_schema(digits_run: Folder):
    schema = json.loads((TRAINING / "result.schema.json").read_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(digits_run.result, schema)
    assert set(schema["required"]) == set(schema["properties"]) == set(digits_run.result)


def test_the_card_says_how_good_it_is_and_how_sure_that_is(digits_run: Folder):
    card = (digits_run.path / "outputs/README.md").read_text()
    low, high = digits_run.result["confidence_95"]["accuracy"]

    assert f"{low:.1%} – {high:.1%}" in card
    assert digits_run.result["data_sha256"] in card


def test_the_pictures_are_png(digits_run: Folder):
    for name in ("loss.png", "confusion.png"):
        content = (digits_run.path / "outputs" / name).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(content) > 10_000


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

    assert "its classes are cat, dog; the data has 0, 1, 2, 3, 4, … (10)" in folder.output


def test_a_base_of_another_architecture_is_refused(digits_run: Folder, folder: Folder):
    base = digits_run.path / "outputs"

    assert folder.run("--base", base, "--arch", "resnet18") == 1

    assert "another --arch, --mode or number of channels" in folder.output
    assert "Traceback" not in folder.output


def test_a_loss_that_is_no_number_is_left_out(folder: Folder):
    assert folder.run("--epochs", 1, "--lr", 1e30) == 0, folder.output

    assert list(folder.rows[0]) == ["epoch", "accuracy", "error_rate", "lr", "seconds"]


def test_a_rate_that_auto_found_does_what_it_does_when_given(folder: Folder, tmp_path: Path):
    """So the search leaves nothing behind: no weight, statistic or random state."""
    assert folder.run("--epochs", 2, "--lr", "auto") == 0, folder.output

    found = folder.result["lr"]
    assert f"--lr auto found {found:.3g}\n" in folder.output
    assert "found no rate" not in folder.output
    assert 1e-4 < found < 0.1
    assert found not in (0.01, 0.002)  # the defaults
    given = Folder(tmp_path / "given")
    given.path.mkdir()
    assert given.run("--epochs", 2, "--lr", repr(found)) == 0, given.output
    assert given.weights == folder.weights
