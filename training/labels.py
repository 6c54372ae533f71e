"""Which images there are and what their classes are: a folder or a CSV file."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from errors import TrainingError

VALID_NAMES = ("validation", "valid")
SPLITS = {"train": False, "training": False, **dict.fromkeys(VALID_NAMES, True)}


@dataclass(frozen=True)
class Listed:
    path: Path
    label: str
    valid: bool | None  # None: the data does not say


def list_images(source: Path, label: str) -> list[Listed]:
    """The images of `source`, sorted by path.

    `label` is `folder`, `is-cat` or `regex:PATTERN`. Raises TrainingError when a class is empty
    or there is only one: fastai would train on nothing and report an accuracy.
    """
    if source.suffix == ".csv":
        if label != "folder":
            raise TrainingError(f"--data {source} has a column of labels: leave --label out")
        return _require_classes(_from_csv(source), source)
    if not source.is_dir():
        raise TrainingError(f"--data {source}: no such folder")
    valid = next((source / name for name in VALID_NAMES if (source / name).is_dir()), None)
    if not (source / "train").is_dir():
        return _require_classes(_labelled(source, label, None), source)
    if valid is None:
        raise TrainingError(f"{source} has train/ but neither validation/ nor valid/")
    train = _require_classes(_labelled(source / "train", label, False), source / "train")
    return train + _require_classes(_labelled(valid, label, True), valid)


def _from_csv(path: Path) -> list[Listed]:
    """The rows `path,label[,split]`, with a heading; paths are relative to the file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"--data {path} cannot be read: {error}") from error
    return [_csv_row(path, number, row) for number, row in enumerate(rows, start=2)]


def _csv_row(path: Path, number: int, row: dict[str, str]) -> Listed:
    image, label, split = (row.get(name) or "" for name in ("path", "label", "split"))
    if not image or not label:
        raise TrainingError(f"{path}:{number}: needs a path and a label; the heading is path,label")
    if split and split not in SPLITS:
        raise TrainingError(f"{path}:{number}: split {split!r} is neither train nor validation")
    return Listed(path.parent / image, label, SPLITS[split] if split else None)


def _labelled(folder: Path, label: str, valid: bool | None) -> list[Listed]:
    if label == "folder":
        return _by_class_folder(folder, valid)
    rule = _is_cat if label == "is-cat" else _matching(label.removeprefix("regex:"))
    return [Listed(path, rule(path), valid) for path in image_files(folder)]


def _is_cat(path: Path) -> str:
    """Oxford-IIIT Pets: the file names of cats begin with a capital."""
    return "cat" if path.name[0].isupper() else "dog"


def _matching(pattern: str) -> Callable[[Path], str]:
    """The class is what the pattern's first group, or all of it, finds in the file name."""
    compiled = re.compile(pattern)

    def rule(path: Path) -> str:
        found = compiled.search(path.name)
        name = found and found[min(1, compiled.groups)]
        if not name:
            raise TrainingError(f"--label regex:{pattern} finds no class in the name of {path}")
        return str(name)

    return rule


def _by_class_folder(folder: Path, valid: bool | None) -> list[Listed]:
    found: list[Listed] = []
    for child in folder.iterdir():
        if child.is_dir() and not child.name.startswith("."):
            paths = image_files(child)
            if not paths:
                raise TrainingError(f"class {child.name!r} has no images: {child}")
            found += [Listed(path, child.name, valid) for path in paths]
    return found


def image_files(folder: Path) -> list[Path]:
    """All images below a folder whose names, and whose folders' names, begin with no dot."""
    endings = Image.registered_extensions()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in endings
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _require_classes(images: list[Listed], where: Path) -> list[Listed]:
    classes = {image.label for image in images}
    if not classes:
        raise TrainingError(f"no images in {where}")
    if len(classes) == 1:
        raise TrainingError(f"all images in {where} are of one class, {classes.pop()!r}")
    return sorted(images, key=lambda image: image.path)
