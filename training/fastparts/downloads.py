"""What comes from the network, and what to say when it cannot."""

import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torchvision.models import get_model_weights

from fastparts.console import TrainingError

TIMEOUT = 10  # s, to connect and for each read


def fetch_pets() -> Path:
    """The folder of Oxford-IIIT Pets' images, downloaded (about 800 MB) the first time."""
    from fastai.data.external import URLs, fastai_path, untar_data  # Takes seconds.

    here = Path(fastai_path("data")) / Path(URLs.PETS).stem
    if not here.is_dir():
        with _download(URLs.PETS, "the pets images", "pass a local folder as --data"):
            here = Path(untar_data(URLs.PETS))
    return here / "images"


@contextmanager
def fetching_weights(arch: str) -> Iterator[None]:
    """Wrap the building of a pretrained torchvision model, which downloads its weights."""
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    url = get_model_weights(arch).DEFAULT.url
    if (cache / Path(url).name).is_file():
        yield
        return
    remedy = f"use --no-pretrained or --weights, or put {Path(url).name} into {cache}"
    with _download(url, f"the pretrained weights of {arch}", remedy):
        yield


@contextmanager
def fetching_timm(arch: str) -> Iterator[None]:
    """Wrap the building of a pretrained timm model, which downloads its weights."""
    import timm

    name = arch.removeprefix("timm/")
    config = timm.get_pretrained_cfg(name)
    if config is None or not (config.hf_hub_id or config.url):
        raise TrainingError(f"timm has no pretrained weights for {name}: use --no-pretrained")
    # huggingface_hub keeps them here; timm decides which file it uses.
    kept = Path(os.environ.get("HF_HOME") or Path.home() / ".cache/huggingface") / "hub"
    if config.hf_hub_id and (kept / f"models--{config.hf_hub_id.replace('/', '--')}").is_dir():
        yield
        return
    hub = f"https://huggingface.co/{config.hf_hub_id}"
    url = hub if config.hf_hub_id else str(config.url)
    remedy = "use --no-pretrained, or --weights FILE"
    with _download(url, f"the pretrained weights of {name}", remedy):
        yield


@contextmanager
def _download(url: str, what: str, remedy: str) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        _require_reachable(url)
        yield
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise TrainingError(f"cannot download {what} from {url} ({reason}): {remedy}") from error
    finally:
        socket.setdefaulttimeout(before)


def _require_reachable(url: str) -> None:
    """Ask for the headers, in a thread, because looking up a host name has no timeout."""
    failure: list[OSError] = [TimeoutError(f"no answer in {TIMEOUT} s")]

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD")).close()
            failure.clear()
        except urllib.error.HTTPError:
            failure.clear()  # The server answers; the download itself will say what is wrong.
        except OSError as error:
            failure[:] = [error]

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    if failure:
        raise failure[0]
