"""The network: five convolutions, or any torchvision classifier with a new head."""

import difflib
import hashlib
import json
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import torch
import torchvision
from fastai.vision.all import (
    ConvLayer,
    CrossEntropyLossFlat,
    DataLoaders,
    Learner,
    ProgressCallback,
    accuracy,
    error_rate,
    noop,
    params,
    set_seed,
    vision_learner,
)
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from data import Data
from download import fetching_weights
from errors import TrainingError

SMALL_CNN = "small-cnn"


def small_cnn(channels: int, classes: int) -> nn.Sequential:
    """A body of five convolutions and a linear head, about 140,000 parameters."""
    body = nn.Sequential(
        ConvLayer(channels, 32),
        ConvLayer(32, 32),
        ConvLayer(32, 64, stride=2),
        ConvLayer(64, 64),
        ConvLayer(64, 128, stride=2),
    )
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))
    return nn.Sequential(body, head)


def make_learner(
    data: Data,
    loaders: DataLoaders,
    arch: str,
    pretrained: bool,
    seed: int,
    base: Path | None,
) -> Learner:
    """A fastai Learner that trains all layers; `seed` decides the weights that are random.

    With `base`, the folder of another run's --out, it starts with that run's weights.
    """
    set_seed(seed)
    options: dict[str, object] = {
        "loss_func": CrossEntropyLossFlat(),
        "metrics": [accuracy, error_rate],
    }
    if arch == SMALL_CNN:
        model = small_cnn(data.channels, len(data.labels))
        learn = Learner(loaders, model, splitter=_body_and_head, **options)
    else:
        build = _torchvision_model(arch)
        options |= {"n_in": data.channels, "n_out": len(data.labels), "pretrained": pretrained}
        with fetching_weights(arch) if pretrained else nullcontext():
            learn = _vision_learner(loaders, arch, build, options)
    learn.remove_cbs(ProgressCallback)
    learn.logger = noop  # metrics.History has the rows.
    learn.unfreeze()
    if base is not None:
        load_base(learn.model, base, data.labels)
    return learn


def base_sha256(base: Path) -> str:
    """A fingerprint of the weights that a run with this --base starts from."""
    try:
        return hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    except OSError as error:
        raise TrainingError(f"--base {base} is no run's --out: {error}") from error


def load_base(model: nn.Module, base: Path, labels: tuple[str, ...]) -> None:
    """Load the weights of the run whose --out was `base`; its classes and shapes must be ours."""
    try:
        base_labels = tuple(json.loads((base / "labels.json").read_text()))
        weights = load_file(base / "model.safetensors")
    except OSError as error:
        raise TrainingError(f"--base {base} is no run's --out: {error}") from error
    except (ValueError, SafetensorError) as error:
        raise TrainingError(f"--base {base} is damaged: {error}") from error
    if base_labels != labels:
        raise TrainingError(
            f"--base {base}: its classes are {_brief(base_labels)}, the data's are {_brief(labels)}"
        )
    own = model.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        ours, theirs = (_shape(tensors, name) for tensors in (own, weights))
        if ours != theirs:
            raise TrainingError(
                f"--base {base}: another --arch or number of channels:"
                f" {name} is {theirs} there, {ours} here"
            )
    model.load_state_dict(weights)


def _torchvision_model(arch: str) -> Callable[..., nn.Module]:
    known = torchvision.models.list_models(module=torchvision.models)
    if arch in known:
        build: Callable[..., nn.Module] = getattr(torchvision.models, arch)
        return build
    close = difflib.get_close_matches(arch, [SMALL_CNN, *known], n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"try {SMALL_CNN} or resnet34"
    raise TrainingError(f"--arch {arch}: no such model in torchvision; {hint}")


def _vision_learner(
    loaders: DataLoaders, arch: str, build: Callable[..., nn.Module], options: dict[str, object]
) -> Learner:
    try:
        with warnings.catch_warnings():
            # fastai asks for weights in torchvision's old way, which still works.
            warnings.filterwarnings("ignore", module="torchvision.models._utils")
            return vision_learner(loaders, build, normalize=False, **options)  # data.py does.
    except (StopIteration, AssertionError, TypeError, AttributeError) as error:
        # fastai cuts a model at its last pooling layer; transformers have none.
        raise TrainingError(f"--arch {arch}: fastai cannot put a new head on it") from error


def _body_and_head(model: nn.Sequential) -> list[list[nn.Parameter]]:
    return [params(model[0]), params(model[1])]


def _shape(tensors: dict[str, torch.Tensor], name: str) -> str:
    return str(list(tensors[name].shape)) if name in tensors else "missing"


def _brief(labels: tuple[str, ...]) -> str:
    return ", ".join(labels[:5]) + (f", … ({len(labels)})" if len(labels) > 5 else "")
