"""What is trained: the network with its first weights, its batches and a fastai Learner."""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import fastai.callback.schedule  # noqa: F401  # Gives Learner its fit_one_cycle and fine_tune.
import torch
from fastai.callback.core import TrainEvalCallback
from fastai.data.core import DataLoaders
from fastai.learner import Learner, Recorder
from fastai.optimizer import OptimWrapper
from fastai.torch_core import set_seed
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW

from fastparts.array_cache import Array, cached
from fastparts.batches import Batches
from fastparts.console import say
from fastparts.dataset import Data
from fastparts.network import SMALL_CNN, Blueprint, build, input_stats, weights_sha256
from fastparts.starting_weights import load_base, load_pretrained, load_weights
from fastparts.steps import Steps, Together
from fastparts.view import View
from fastparts.world import World

EMBED = 64  # images at a time


def make_network(
    flags: argparse.Namespace, data: Data, resumed: bool
) -> tuple[nn.Sequential, Blueprint, str]:
    """The network to train, how to build it again, and where its weights come from.

    --seed decides the random weights. A resumed network is filled from its checkpoint, so its
    pretrained weights are not downloaded; only the body of a probe is in no checkpoint.
    """
    set_seed(flags.seed)
    probe, own = flags.mode == "probe", flags.arch == SMALL_CNN
    blueprint = Blueprint(
        arch=flags.arch,
        channels=data.channels if own else 3,
        size=data.size,
        classes=len(data.labels),
        head="linear" if probe or own else "hidden",
    )
    network = build(blueprint)
    if flags.base:
        load_base(network, flags.base, data.labels)
        return network, blueprint, f"the run in {flags.base}"
    if flags.weights:
        load_weights(network[0], flags.weights)
        return network, blueprint, str(flags.weights)
    if flags.pretrained:
        origin = (
            "a checkpoint" if resumed and not probe else load_pretrained(network[0], flags.arch)
        )
        return network, blueprint, origin
    return network, blueprint, "random weights"


def make_view(
    flags: argparse.Namespace, data: Data, blueprint: Blueprint, device: torch.device
) -> View:
    channels_last = flags.channels_last
    if channels_last is None:
        channels_last = device.type == "cuda"
    mean, std = input_stats(flags.arch)
    return View(data.size, blueprint.channels, mean, std, data.flip, channels_last)


def make_learner(
    flags: argparse.Namespace, network: nn.Sequential, data: Data, view: View, world: World
) -> Learner:
    """A Learner of the network, with AdamW as fastai sets it up; History is its recorder.

    The Learner of a probe trains the head alone, on the features of the frozen body.
    """
    probe = flags.mode == "probe"
    items = embed(network[0], data, view, flags.arch, world) if probe else data.on(world.device)
    train, valid = (
        Batches(items, data.targets, rows, flags.batch_size, world)
        for rows in (data.train, data.valid)
    )
    train.view = valid.view = None if probe else view
    train.seed = flags.seed
    model = nn.Sequential(network[1]) if probe else network
    if view.channels_last:
        model = model.to(memory_format=torch.channels_last)
    fused = world.device.type == "cuda"
    learn: Learner = Learner(
        DataLoaders(train, valid, device=world.device),
        model.to(world.device),
        loss_func=partial(smoothed_cross_entropy, flags.label_smoothing),
        opt_func=partial(OptimWrapper, opt=AdamW, betas=(0.9, 0.99), eps=1e-5, fused=fused),
        splitter=layer_groups,
        default_cbs=False,  # They average on the CPU, which waits for the GPU at each batch.
        cbs=[TrainEvalCallback(), Steps(flags, len(data.labels)), Together(world)],
    )
    return learn


def embed(body: nn.Module, data: Data, view: View, arch: str, world: World) -> Tensor:
    """float32 [n, features] of the middle of every image, from an earlier run if possible."""
    say(f"features of {len(data.pixels):,} images: from the cache if they are in it, else computed")
    key = f"features {data.fingerprint} {arch} {view} {weights_sha256(body)}"
    body = body.to(world.device).eval()
    with torch.inference_mode():
        features = body(view.middle(data.pixels[:1].to(world.device))).flatten(1).shape[1]
    fill = partial(_fill, body, data, view, world.device)
    with world.one_first():
        return cached(key, (len(data.pixels), features), "float32", fill)


def _fill(body: nn.Module, data: Data, view: View, device: torch.device, into: Array) -> None:
    with torch.inference_mode():
        for start in range(0, len(into), EMBED):
            raw = data.pixels[start : start + EMBED].to(device)
            into[start : start + EMBED] = body(view.middle(raw)).flatten(1).cpu().numpy()


def smoothed_cross_entropy(smoothing: float, found: Tensor, wanted: Tensor) -> Tensor:
    """`wanted` is int64 [n], a class each, or with mixup float [n, c], a share of each class."""
    return cross_entropy(found, wanted, label_smoothing=smoothing)


def layer_groups(network: nn.Sequential) -> list[list[nn.Parameter]]:
    """Early layers, late layers, head: fine-tuning changes the early layers least."""
    if len(network) == 1:  # A head alone.
        return [list(network.parameters())]
    body = list(network[0].parameters())
    half = len(body) // 2
    return [body[:half], body[half:], list(network[1].parameters())]


def find_rate(learn: Learner, default: float) -> float:
    """The learning rate that fastai's lr_find suggests, or `default` when it finds none."""
    learn.add_cb(Recorder())
    with tempfile.TemporaryDirectory() as folder:
        learn.path = Path(folder)  # It saves the weights here, and restores them.
        try:
            found = float(learn.lr_find(show_plot=False).valley)
        except (ValueError, IndexError, RuntimeError) as error:
            say(f"--lr auto found no rate ({error}); using {default:g}")
            found = default
    learn.remove_cb(Recorder)
    learn.opt = None
    return found
