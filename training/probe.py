"""The frozen body's features of every image, made once: training is then that of the head alone."""

import hashlib
from functools import partial

import torch
from torch import Tensor, nn

from cache import Array, cached
from console import say
from data import Data
from loaders import View
from world import World

BATCH = 64


def embed(body: nn.Module, data: Data, view: View, arch: str, world: World) -> Tensor:
    """float32 [n, features] of the middle of every image, from an earlier run if there is one."""
    say(f"making the features of {len(data.pixels):,} images, unless an earlier run has")
    digest = hashlib.sha256()
    for tensor in body.state_dict().values():
        digest.update(tensor.cpu().contiguous().numpy().tobytes())
    key = f"features {data.fingerprint} {arch} {view} {digest.hexdigest()}"
    body = body.to(world.device).eval()
    with torch.inference_mode():
        features = body(view.middle(data.pixels[:1].to(world.device))).flatten(1).shape[1]
    fill = partial(_fill, body, data, view, world.device)
    with world.one_first():
        return cached(key, (len(data.pixels), features), "float32", fill)


def _fill(body: nn.Module, data: Data, view: View, device: torch.device, into: Array) -> None:
    with torch.inference_mode():
        for start in range(0, len(into), BATCH):
            raw = data.pixels[start : start + BATCH].to(device)
            into[start : start + BATCH] = body(view.middle(raw)).flatten(1).cpu().numpy()
