"""What a finished training leaves: the model with what is needed to use it, plots, a summary."""

import copy
import platform
import resource
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import torch
from fastai.learner import Learner
from torch import nn

from fastparts.dataset import Data
from fastparts.history import History, wilson
from fastparts.model_card import confusion_matrix, loss_curve, model_card
from fastparts.model_files import compare, read_safetensors, run_onnx, write_onnx, write_safetensors
from fastparts.network import Recipe
from fastparts.view import View
from fastparts.whole_files import write_bytes, write_json

PACKAGES = ("fastai", "torch", "torchvision", "timm", "safetensors", "scikit-learn", "numpy")
COMPARED = 32  # validation images that each file of the model is tried with

Json = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """The whole network, how it sees images, and of which."""

    network: nn.Sequential
    recipe: Recipe
    view: View
    data: Data


def write_model(folder: Path, model: Model, onnx: bool) -> Json:
    """Write the model and its companions; return how each file compares with the model."""
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
    # On the CPU, where predict.py and ONNX Runtime compute too.
    network = copy.deepcopy(model.network).cpu().eval()
    path = folder / "model.safetensors"
    write_safetensors(path, network, model.recipe)
    with torch.inference_mode():
        expected = network(images)
        found = read_safetensors(path)[0](images)
    report: Json = {"model.safetensors": compare(path, found, expected)}
    if onnx:
        path = folder / "model.onnx"
        write_onnx(path, network, images)
        report["model.onnx"] = compare(path, run_onnx(path, images), expected)
    return report


def write_report(folder: Path, result: Json, history: History) -> None:
    write_bytes(folder / "loss.png", loss_curve(history.rows, history.losses))
    write_bytes(folder / "confusion.png", confusion_matrix(history.matrix, result["classes"]))
    write_bytes(folder / "README.md", model_card(result, history.matrix).encode())


def describe(model: Model, learn: Learner) -> Json:
    """What can be said from the training itself. All processes must ask."""
    history, data, world = learn.history, model.data, learn.history.world
    low, high = wilson(*history.score())
    parameters = list(model.network.parameters())
    device = world.device
    return {
        "metrics": {k: v for k, v in history.rows[-1].items() if k not in ("epoch", "seconds")},
        "confidence_95": {"accuracy": [round(low, 4), round(high, 4)]},
        "epochs": len(history.rows),
        "classes": data.labels,
        "n_train": len(data.train),
        "n_valid": len(data.valid),
        "data_sha256": data.fingerprint,
        "parameters": sum(p.numel() for p in parameters),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        # What the network's outputs were found to be.
        "precision": learn.steps.dtype,
        "channels_last": _is_channels_last(model.network),
        "images_per_second": median(history.rates[1:] or history.rates),
        "training_seconds": round(sum(row["seconds"] for row in history.rows), 3),
        "peak_memory_mb": _peak_memory(device),
        "processes": world.gather(_of_this_process(model.network, history)),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def _of_this_process(network: nn.Module, history: History) -> Json:
    digest = sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return {
        "rank": history.world.rank,
        "images_seen": history.images,
        "accuracy": history.rows[-1].get("accuracy"),
        "weights_sha256": digest.hexdigest(),
    }


def _is_channels_last(network: nn.Module) -> bool:
    layers = [p for p in network.parameters() if p.dim() == 4 and p.shape[1] > 1 and p.shape[2] > 1]
    return bool(layers) and all(p.is_contiguous(memory_format=torch.channels_last) for p in layers)


def _peak_memory(device: torch.device) -> Json:
    peak: Json = {"process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    if device.type == "cuda":
        peak["gpu"] = torch.cuda.max_memory_allocated(device) // 2**20
    return peak


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # timm is optional.
    return found
