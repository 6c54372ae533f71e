"""The network: a body that makes features of images, and a head that makes classes of features.

Nothing here needs fastai: predict.py builds the same network from the recipe beside the weights.
"""

import difflib
from dataclasses import asdict, dataclass
from importlib.util import find_spec

import torch
import torchvision
from torch import Tensor, nn

from fastparts.console import TrainingError

SMALL_CNN = "small-cnn"
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Recipe:
    """What it takes to build the network again, but for its weights."""

    arch: str
    channels: int
    size: int
    classes: int
    head: str  # linear or hidden

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def build(recipe: Recipe) -> nn.Sequential:
    """A network with random weights: body and head."""
    body = small_body(recipe.channels) if recipe.arch == SMALL_CNN else library_body(recipe.arch)
    features = _count_features(body, recipe)
    make_head = linear_head if recipe.head == "linear" else hidden_head
    return nn.Sequential(body, make_head(features, recipe.classes))


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
    """Logistic regression of features that are brought to one scale."""
    return nn.Sequential(nn.BatchNorm1d(features), nn.Linear(features, classes))


def hidden_head(features: int, classes: int) -> nn.Sequential:
    """fastai's: one hidden layer, with dropout before each layer."""
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
    import timm  # It takes a second.

    body: nn.Module = timm.create_model(timm_name(arch), pretrained=False, num_classes=0)
    return body


def without_last_layer(model: nn.Module, arch: str) -> nn.Module:
    """Put nothing in the place of the last linear layer: the model then returns its input."""
    if getattr(model, "aux_logits", False):  # Inception and GoogLeNet have a second loss.
        setattr(model, "aux_logits", False)  # noqa: B010  # For mypy it is a tensor or a module.
        for name in {"AuxLogits", "aux1", "aux2"} & dict(model.named_children()).keys():
            setattr(model, name, None)
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise TrainingError(f"--arch {arch} has no linear layer to replace by a new head")
    parent, _, name = linear[-1].rpartition(".")
    setattr(model.get_submodule(parent), name, nn.Identity())
    return model


def check_arch(arch: str) -> None:
    """Raise TrainingError when neither torchvision nor timm knows it."""
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
    raise TrainingError(f"--arch {arch}: no such model in {where}; {hint}")


def timm_name(arch: str) -> str:
    """`timm/resnet34` is timm's where torchvision has one of that name."""
    return arch.removeprefix("timm/")


def is_timm(arch: str) -> bool:
    known = torchvision.models.list_models(module=torchvision.models)
    return arch != SMALL_CNN and arch not in known


def input_stats(arch: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and standard deviation that the inputs of its trained weights had."""
    if arch == SMALL_CNN:
        return (0.0,), (1.0,)
    if is_timm(arch):
        import timm

        config = timm.get_pretrained_cfg(timm_name(arch)) or timm.models.PretrainedCfg()
        return tuple(config.mean), tuple(config.std)
    return IMAGENET


def _count_features(body: nn.Module, recipe: Recipe) -> int:
    body.eval()
    try:
        with torch.no_grad():
            features: Tensor = body(
                torch.zeros(1, recipe.channels, recipe.size, recipe.size)
            ).flatten(1)
    except (RuntimeError, ValueError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise TrainingError(f"--arch {recipe.arch} --size {recipe.size}: {reason}") from error
    body.train()
    return features.shape[1]
