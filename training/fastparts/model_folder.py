"""The folder of a trained model: all that predict.py needs, each file read again when written."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from fastparts.console import TrainingError
from fastparts.model_files import (
    compare,
    read_safetensors,
    require_onnx,
    run_onnx,
    write_onnx,
    write_safetensors,
)
from fastparts.network import Blueprint
from fastparts.view import View
from fastparts.whole_files import write_json

if TYPE_CHECKING:  # predict.py needs no data sets.
    from fastparts.dataset import Data

COMPARED = 32  # validation images that each file of the model is tried with


@dataclass(frozen=True)
class Model:
    """The whole network, how it sees images, and the images it was trained on."""

    network: nn.Sequential
    blueprint: Blueprint
    view: View
    data: "Data"


def write_model(folder: Path, model: Model, onnx: bool) -> dict[str, Any]:
    """Write the model with all it needs; return how each file, read again, compares with it.

    Raises TrainingError when a file holds a different model.
    """
    data, view = model.data, model.view
    write_json(folder / "labels.json", data.labels)
    preprocess = {
        "resize": data.resize,
        "size": data.size,
        "channels": view.channels,
        "interpolation": "bilinear",
        "range": [0, 1],
        "mean": view.mean,
        "std": view.std,
    }
    write_json(folder / "preprocess.json", preprocess)
    images = view.middle(data.pixels[data.valid[:COMPARED]])
    # On the CPU, where predict.py and ONNX Runtime compute, too.
    network = copy.deepcopy(model.network).cpu().eval()
    path = folder / "model.safetensors"
    write_safetensors(path, network, model.blueprint)
    with torch.inference_mode():
        expected = network(images)
        found = read_safetensors(path)[0](images)
    report: dict[str, Any] = {"model.safetensors": compare(path, found, expected)}
    if onnx:
        path = folder / "model.onnx"
        write_onnx(path, network, images)
        report["model.onnx"] = compare(path, run_onnx(path, images), expected)
    return report


def read_companions(folder: Path) -> tuple[list[str], View, int]:
    """The classes, how the model sees an image, and the pixels its shorter side is first made."""
    try:
        labels: list[str] = json.loads((folder / "labels.json").read_text())
        how: dict[str, Any] = json.loads((folder / "preprocess.json").read_text())
        mean, std = tuple(how["mean"]), tuple(how["std"])
        view = View(how["size"], how["channels"], mean, std, flip=False)
        return labels, view, int(how["resize"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            f"--model {folder} is not the --out of a finished training: {error!r}"
        ) from error


def load_model(folder: Path, onnx: bool) -> Callable[[Tensor], Tensor]:
    """From normalised images to logits."""
    path = folder / ("model.onnx" if onnx else "model.safetensors")
    if not path.is_file():
        raise TrainingError(f"file not found: {path}")
    if onnx:
        require_onnx()
        return lambda images: run_onnx(path, images)
    network = read_safetensors(path)[0]
    return torch.inference_mode()(network)
