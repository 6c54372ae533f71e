"""Folders of image files."""

import signal
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from sklearn.datasets import load_digits

from .conftest import TRAINING, Folder

CLOTHING = TRAINING.parents[1] / "shared/data/clothing-256.tar"


def write_digits(root: Path, classes: int, each: int) -> None:
    """Write `root`/CLASS/N.png: the first `each` images of the first digits, enlarged."""
    images, labels = load_digits(return_X_y=True)
    for digit in range(classes):
        folder = root / f"digit-{digit}"
        folder.mkdir(parents=True)
        for i, pixels in enumerate(images[labels == digit][:each]):
            image = Image.fromarray((pixels.reshape(8, 8) * 15).astype("uint8"))
            image.resize((40, 32)).save(folder / f"{i}.png")


def take_clothing(root: Path, train: int, valid: int) -> None:
    """Unpack the first images of each class of two splits."""
    if not CLOTHING.exists():
        pytest.skip(f"needs the photographs in {CLOTHING}")
    seen: Counter[Path] = Counter()
    with tarfile.open(CLOTHING) as tar:
        for member in tar:
            folder = Path(member.name).parent
            seen[folder] += member.isfile()
            if member.isfile() and seen[folder] <= (train if "train" in folder.parts else valid):
                tar.extract(member, root, filter="data")


def test_class_folders_are_split_the_same_part_of_each(folder: Folder):
    write_digits(folder.path / "data", classes=3, each=50)

    flags = ("--data", "data", "--size", 16, "--epochs", 6, "--batch-size", 16)
    assert folder.run(*flags) == 0, folder.output

    assert folder.result["classes"] == ["digit-0", "digit-1", "digit-2"]
    assert (folder.result["n_train"], folder.result["n_valid"]) == (120, 30)
    assert folder.result["metrics"]["accuracy"] >= 0.9


def test_photographs_with_train_and_validation_folders(folder: Folder):
    take_clothing(folder.path / "data", train=8, valid=4)

    flags = ("--data", "data", "--size", 48, "--epochs", 1, "--arch", "resnet18")
    assert folder.run(*flags, "--no-pretrained") == 0, folder.output

    assert len(folder.result["classes"]) == 10
    assert (folder.result["n_train"], folder.result["n_valid"]) == (80, 40)


def test_with_workers_and_dropout_a_stopped_training_ends_the_same(tmp_path: Path):
    write_digits(tmp_path / "data", classes=2, each=20)
    flags = ["--data", tmp_path / "data", "--size", 32, "--batch-size", 8, "--epochs", 1]
    flags += ["--arch", "resnet18", "--no-pretrained", "--mode", "fine-tune", "--workers", 2]
    whole, stopped = Folder(tmp_path / "whole"), Folder(tmp_path / "stopped")
    for run in (whole, stopped):
        run.path.mkdir()

    assert whole.run(*flags) == 0, whole.output
    assert stopped.run_until("\n    1  ", signal.SIGTERM, *flags) == 143, stopped.output
    assert stopped.run(*flags) == 0, stopped.output

    assert [row["epoch"] for row in whole.rows] == [1, 2]  # One of the head, one of all.
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


def test_an_empty_class_is_named(folder: Folder):
    write_digits(folder.path / "data", classes=2, each=5)
    (folder.path / "data/hat").mkdir()

    assert folder.run("--data", "data") == 1

    assert folder.output == "train.py: class 'hat' has no images: data/hat\n"


def test_a_class_that_a_split_lacks_is_named(folder: Folder):
    write_digits(folder.path / "data/train", classes=3, each=5)
    write_digits(folder.path / "data/valid", classes=2, each=5)

    assert folder.run("--data", "data") == 1

    assert folder.output == "train.py: class 'digit-2' has no images in data/valid\n"


def test_an_unreadable_image_is_named(folder: Folder):
    write_digits(folder.path / "data", classes=2, each=5)
    image = folder.path / "data/digit-1/3.png"
    image.write_bytes(image.read_bytes()[:100])

    assert folder.run("--data", "data") == 1

    assert folder.output.startswith("train.py: data/digit-1/3.png cannot be read as an image: ")
    assert folder.output.count("\n") == 1


def test_a_folder_without_images_is_no_training(folder: Folder):
    (folder.path / "data").mkdir()

    assert folder.run("--data", "data") == 1

    assert folder.output == "train.py: no images in data\n"


def test_more_than_one_process_is_refused(folder: Folder):
    assert folder.run(WORLD_SIZE=2, RANK=1) == 1

    assert folder.output.startswith("train.py: WORLD_SIZE is 2, RANK 1: ")
