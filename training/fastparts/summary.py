"""What result.json says of a finished training, beyond its flags."""

import platform
import resource
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

import torch
from fastai.learner import Learner
from torch import nn

from fastparts.history import History, wilson
from fastparts.model_folder import Model
from fastparts.network import weights_sha256

PACKAGES = ("fastai", "torch", "torchvision", "timm", "safetensors", "scikit-learn", "numpy")

Json = dict[str, Any]


def describe(model: Model, learn: Learner) -> Json:
    """What the training itself tells. All processes must call it: each reports on itself."""
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
        # What the outputs of the network really were.
        "precision": learn.steps.dtype,
        "channels_last": _is_channels_last(model.network),
        "images_per_second": median(history.rates[1:] or history.rates),
        "training_seconds": round(sum(row["seconds"] for row in history.rows), 3),
        "peak_memory_mb": _peak_memory(device),
        "processes": world.gather(_of_this_process(model.network, history)),
        "versions": {"python": platform.python_version(), **_versions()},
    }


def _of_this_process(network: nn.Module, history: History) -> Json:
    return {
        "rank": history.world.rank,
        "images_seen": history.images,
        "accuracy": history.rows[-1].get("accuracy"),
        "weights_sha256": weights_sha256(network),
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
