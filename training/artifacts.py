"""What a finished training leaves: the model with what is needed to use it, plots, a summary."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import torch
from fastai.vision.all import Learner
from safetensors.torch import save

from data import Data
from files import write_bytes, write_json
from metrics import History, confusion
from plots import confusion_matrix, loss_curve

PACKAGES = ("fastai", "torch", "torchvision", "safetensors", "scikit-learn", "numpy", "pillow")


def write_model(folder: Path, learn: Learner, arch: str, data: Data) -> None:
    """Write model.safetensors, whose metadata says how to build the model, and its companions."""
    weights = {k: v.detach().cpu().contiguous() for k, v in learn.model.state_dict().items()}
    recipe = {"arch": arch, "classes": len(data.labels), "channels": data.channels}
    # In one entry: the order of several is random, and equal weights should be equal files.
    content = save(weights, {"model": json.dumps(recipe)})
    write_bytes(folder / "model.safetensors", content)
    write_json(folder / "labels.json", data.labels)
    preprocess = {
        "size": data.size,
        "channels": data.channels,
        "resize": "crop the middle to a square, bilinear",
        "range": [0, 1],
        "mean": data.mean,
        "std": data.std,
    }
    write_json(folder / "preprocess.json", preprocess)


def write_plots(folder: Path, learn: Learner, history: History, data: Data) -> None:
    matrix = confusion(learn, len(data.labels))
    write_bytes(folder / "loss.png", loss_curve(history.rows, history.losses))
    write_bytes(folder / "confusion.png", confusion_matrix(matrix, data.labels))


def write_result(
    path: Path,
    learn: Learner,
    history: History,
    data: Data,
    facts: dict[str, object],
) -> None:
    """Write result.json: `facts`, and what can be said from the training itself."""
    device = learn.dls.device
    parameters = list(learn.model.parameters())
    rate = history.images / history.train_seconds
    result = {
        **facts,
        "metrics": {k: v for k, v in history.rows[-1].items() if k not in ("epoch", "seconds")},
        "epochs": len(history.rows),
        "classes": data.labels,
        "n_train": data.n_train,
        "n_valid": data.n_valid,
        "data_sha256": data.fingerprint,
        "parameters": sum(p.numel() for p in parameters),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "precision": str(parameters[0].dtype).removeprefix("torch."),
        "images_per_second": round(rate, 1),
        "training_seconds": round(sum(row["seconds"] for row in history.rows), 3),
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
    }
    write_json(path, result)
