"""The network: a body that turns images into features, and a head that turns those into classes.

Nothing here needs fastai: predict.py builds the network from the blueprint next to its weights.
"""

import difflib
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec

import torch
import torchvision
from torch import Tensor, nn

from fastparts.console import TrainingError

SMALL_CNN = "small-cnn"
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Blueprint:
    """What it takes to build the network again, without its weights."""

    arch: str
    channels: int
    size: int
    classes: int
    head: str  # linear or hidden


def build(blueprint: Blueprint) -> nn.Sequential:
    """A network with random weights: body and head."""
    body = (
        small_body(blueprint.channels)
        if blueprint.arch == SMALL_CNN
        else library_body(blueprint.arch)
    )
    features = _count_features(body, blueprint)
    make_head = linear_head if blueprint.head == "linear" else hidden_head
    return nn.Sequential(body, make_head(features, blueprint.classes))


def small_body(channels: int) -> nn.Sequential:
    """Five convolutions, about 140,000 parameters."""
    return nn.Sequential(
        _convolution(channels, 32),
        _convolution(32, 32),
        _convolution(32, 64, stride=2),
        _convolution(64, 64),
        _convolution(64, 128, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def _convolution(channels: int, filters: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
    nn.init.kaiming_normal_(convolution.weight)
    return nn.Sequential(convolution, nn.BatchNorm2d(filters), nn.ReLU())


def linear_head(features: int, classes: int) -> nn.Sequential:
    """Logistic regression on normalised features."""
    return nn.Sequential(nn.BatchNorm1d(features), nn.Linear(features, classes))


def hidden_head(features: int, classes: int) -> nn.Sequential:
    """The head that fastai uses: one hidden layer, with dropout before each layer."""
    hidden, last = nn.Linear(features, 512, bias=False), nn.Linear(512, classes, bias=False)
    nn.init.kaiming_normal_(hidden.weight)
    nn.init.kaiming_normal_(last.weight)
    return nn.Sequential(
        nn.BatchNorm1d(features),
        nn.Dropout(0.25),
        hidden,
        nn.ReLU(),
        nn.BatchNorm1d(512),
        nn.Dropout(0.5),
        last,
    )


def library_body(arch: str) -> nn.Module:
    """A model of torchvision, or of timm, without its last layer."""
    if arch in torchvision.models.list_models(module=torchvision.models):
        return without_last_layer(torchvision.models.get_model(arch, weights=None), arch)
    import timm  # Takes a second.

    body: nn.Module = timm.create_model(timm_name(arch), pretrained=False, num_classes=0)
    return body


def without_last_layer(model: nn.Module, arch: str) -> nn.Module:
    """Replace the last linear layer by nothing, so that the model returns that layer's input."""
    if getattr(model, "aux_logits", False):  # Inception and GoogLeNet have a second loss.
        setattr(model, "aux_logits", False)  # noqa: B010  # For mypy it is a tensor or a module.
        for name in {"AuxLogits", "aux1", "aux2"} & dict(model.named_children()).keys():
            setattr(model, name, None)
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise TrainingError(f"--arch {arch} has no linear layer that a new head could replace")
    parent, _, name = linear[-1].rpartition(".")
    setattr(model.get_submodule(parent), name, nn.Identity())
    return model


def check_arch(arch: str) -> None:
    """Raise TrainingError when neither torchvision nor timm has the architecture."""
    known = [SMALL_CNN, *torchvision.models.list_models(module=torchvision.models)]
    if arch in known:
        return
    has_timm = find_spec("timm") is not None
    if has_timm:
        import timm

        names = timm.list_models()
        if timm_name(arch).partition(".")[0] in names:
            return
        known += names
    close = difflib.get_close_matches(arch, known, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"try {SMALL_CNN} or resnet34"
    where = "torchvision or timm" if has_timm else "torchvision (and timm is not installed)"
    raise TrainingError(f"--arch {arch}: not a model of {where}; {hint}")


def timm_name(arch: str) -> str:
    """`timm/resnet34` means timm's, where torchvision has a model of that name, too."""
    return arch.removeprefix("timm/")


def is_timm(arch: str) -> bool:
    known = torchvision.models.list_models(module=torchvision.models)
    return arch != SMALL_CNN and arch not in known


def input_stats(arch: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and standard deviation of the inputs that its published weights expect."""
    if arch == SMALL_CNN:
        return (0.0,), (1.0,)
    if is_timm(arch):
        import timm

        config = timm.get_pretrained_cfg(timm_name(arch)) or timm.models.PretrainedCfg()
        return tuple(config.mean), tuple(config.std)
    return IMAGENET


def weights_sha256(network: nn.Module) -> str:
    """A sha256 of all weights and statistics, in their order."""
    digest = hashlib.sha256()
    for tensor in network.state_dict().values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _count_features(body: nn.Module, blueprint: Blueprint) -> int:
    body.eval()
    try:
        with torch.no_grad():
            features: Tensor = body(
                torch.zeros(1, blueprint.channels, blueprint.size, blueprint.size)
            ).flatten(1)
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"--arch {blueprint.arch} --size {blueprint.size}: {reason}") from error
    body.train()
    return features.shape[1]
