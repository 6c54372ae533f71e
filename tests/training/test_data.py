"""What a folder or a CSV file must be to be trained on, and that it is decoded once."""

from pathlib import Path

import pytest
from PIL import Image

from .conftest import write_digits

# What torch's import sets off.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")


def find(source: Path, label: str = "folder", valid_pct: float | None = None):
    from fastparts.image_files import find_images

    return find_images(source, label, valid_pct, workers=1)


def refusal(source: Path, label: str = "folder", valid_pct: float | None = None) -> str:
    from fastparts.console import TrainingError

    with pytest.raises(TrainingError) as caught:
        find(source, label, valid_pct)
    return str(caught.value)


def load(source: Path, size: int = 14):
    from fastparts.dataset import load_data

    return load_data(str(source), "folder", size, None, 1)


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three classes of ten."""
    monkeypatch.setenv("TRAINING_CACHE_DIR", str(tmp_path / "cache"))
    write_digits(tmp_path / "data", classes=3, each=10)
    return tmp_path / "data"


def test_the_same_part_of_each_class_validates(digits: Path):
    images = find(digits, valid_pct=0.3)

    for label in ("digit-0", "digit-1", "digit-2"):
        assert sum(i.valid for i in images if i.label == label) == 3
    assert images == find(digits, valid_pct=0.3)


def test_copies_of_an_image_go_to_the_same_split(digits: Path):
    for i in range(10):
        copy = digits / f"digit-0/copy-{i}.png"
        copy.write_bytes((digits / f"digit-0/{i}.png").read_bytes())

    images = find(digits)

    train, valid = ({i.sha256 for i in images if i.valid is v} for v in (False, True))
    assert not train & valid
    assert len(valid) == 6


def test_a_given_split_that_leaks_is_refused(digits: Path):
    digits.rename(digits.parent / "train")
    write_digits(digits.parent / "valid", classes=3, each=1)

    message = refusal(digits.parent)

    assert message.startswith("3 of the validation images are also training images: ")
    assert "valid/digit-0/0.png equals " in message


def test_an_empty_class_is_named(digits: Path):
    (digits / "hat").mkdir()

    assert refusal(digits) == f"class 'hat' has no images: {digits}/hat"


def test_a_class_that_a_split_lacks_is_named(tmp_path: Path):
    write_digits(tmp_path / "train", classes=3, each=5)
    write_digits(tmp_path / "valid", classes=2, each=5)

    assert refusal(tmp_path) == f"class 'digit-2' has no validation images in {tmp_path}"


def test_a_folder_without_images_is_no_training(tmp_path: Path):
    assert refusal(tmp_path) == f"no images in {tmp_path}"


def test_an_unreadable_image_is_named(digits: Path):
    from fastparts.console import TrainingError

    image = digits / "digit-1/3.png"
    image.write_bytes(image.read_bytes()[:100])

    with pytest.raises(TrainingError, match=f"cannot read {image} as an image: "):
        load(digits)


def test_a_regular_expression_finds_the_class_in_the_file_name(digits: Path):
    for image in list(digits.rglob("*.png")):
        image.rename(digits / f"{image.parent.name}_{image.name}")

    images = find(digits, r"regex:^digit-(\d)_")

    assert {i.label for i in images} == {"0", "1", "2"}
    assert "does not match the name of" in refusal(digits, r"regex:^digit-([01])_")


def test_a_csv_file_has_paths_labels_and_splits(digits: Path):
    table = digits / "table.csv"
    rows = [
        f"digit-{d}/{i}.png,number {d},{'valid' if i > 7 else 'train'}"
        for d in range(3)
        for i in range(10)
    ]
    table.write_text("\n".join(["path,label,split", *rows]))

    images = find(table)

    assert {i.label for i in images} == {"number 0", "number 1", "number 2"}
    assert sum(i.valid for i in images) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\ndigit-0/0.png,", ":2: needs a path and a label"),
        ("path,label,split\ndigit-0/0.png,a,test", ":2: split 'test' is neither 'train' nor"),
        ("path,label\ngone.png,a\ndigit-0/0.png,b", "gone.png as an image: "),
        ("path,label,split\ndigit-0/0.png,a,train\ndigit-0/1.png,b,", "some rows have a split"),
        ("path,label", "no images in"),
    ],
)
def test_a_csv_file_that_makes_no_sense_is_refused(digits: Path, text: str, message: str):
    table = digits / "table.csv"
    table.write_text(text)

    assert message in refusal(table)


def test_images_are_decoded_once(digits: Path, monkeypatch: pytest.MonkeyPatch):
    first = load(digits)
    monkeypatch.setattr(Image, "open", None)  # Nobody can decode any more.

    again = load(digits)

    assert again.pixels.shape == (30, 16, 16, 3)
    assert (again.pixels == first.pixels).all()
    assert again.fingerprint == first.fingerprint


@pytest.mark.parametrize("harm", ["delete", "damage", "tear"])
def test_what_was_decoded_may_be_deleted_or_damaged(digits: Path, harm: str):
    first = load(digits)
    (file,) = (digits.parent / "cache").glob("*.array")
    content = file.read_bytes()
    if harm == "delete":
        file.unlink()
    else:
        file.write_bytes(content[:-9] if harm == "tear" else b"damaged" + content[7:])

    assert (load(digits).pixels == first.pixels).all()
    assert file.read_bytes() == content


def test_a_cache_that_cannot_be_written_is_done_without(
    digits: Path, monkeypatch: pytest.MonkeyPatch
):
    first = load(digits)
    monkeypatch.setenv("TRAINING_CACHE_DIR", str(digits / "digit-0/0.png"))

    assert (load(digits).pixels == first.pixels).all()


def test_augmentation_depends_on_the_image_not_on_the_batch():
    import torch

    from fastparts.batches import Batches
    from fastparts.view import View
    from fastparts.world import World

    pixels = torch.randint(0, 256, (12, 10, 10, 3), dtype=torch.uint8)
    seen = []
    for world in (World(), World(0, 2), World(1, 2)):
        batches = Batches(pixels, torch.arange(12), torch.arange(12), 4, world)
        batches.view = View(8, 3, (0.5,) * 3, (0.5,) * 3, flip=True)
        batches.seed = 3
        batches.to(torch.device("cpu"))
        batches.start_at(5, 0)
        seen.append({int(n): image for x, y in batches for image, n in zip(x, y, strict=True)})
    alone, *halves = seen

    assert set(halves[0]) | set(halves[1]) == set(alone) == set(range(12))
    assert not set(halves[0]) & set(halves[1])
    assert all((alone[n] == image).all() for half in halves for n, image in half.items())
