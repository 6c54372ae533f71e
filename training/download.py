"""The two things that come from the network, and what to say when they cannot."""

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from fastai.data.external import URLs, fastai_path, untar_data
from torchvision.models import get_model_weights

from errors import TrainingError

TIMEOUT = 10  # s, to connect and for each read


def fetch_pets() -> Path:
    """The folder of Oxford-IIIT Pets' images, downloaded (about 800 MB) the first time."""
    here = Path(fastai_path("data")) / Path(URLs.PETS).stem
    if not here.is_dir():
        with _download(URLs.PETS, "the pets images", "give a local folder as --data"):
            here = Path(untar_data(URLs.PETS))
    return here / "images"


@contextmanager
def fetching_weights(arch: str) -> Iterator[None]:
    """Around the building of a pretrained torchvision model, which downloads its weights."""
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    urls = [weights.url for weights in get_model_weights(arch)]
    if not urls:
        raise TrainingError(
            f"torchvision has no pretrained weights for {arch}: use --no-pretrained"
        )
    if any((cache / Path(url).name).is_file() for url in urls):
        yield
        return
    remedy = f"use --no-pretrained, or put {Path(urls[-1]).name} into {cache}"
    with _download(urls[-1], f"the pretrained weights of {arch}", remedy):
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
    """Ask for the headers, in a thread, since looking up a host name obeys no timeout."""
    failure: list[OSError] = [TimeoutError(f"no answer in {TIMEOUT} s")]

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD")).close()
            failure.clear()
        except urllib.error.HTTPError:
            failure.clear()  # The server is there; the download itself will say what is wrong.
        except OSError as error:
            failure[:] = [error]

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(TIMEOUT)
    if failure:
        raise failure[0]
