"""Arrays that are computed once and then read from disk. Any file may be deleted at any time."""

import hashlib
import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fastparts.console import say
from fastparts.whole_files import replacing, write_json

Array = NDArray[Any]
Fill = Callable[[Array], None]


def cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TRAINING_CACHE_DIR") or Path(home) / "gitrain-training")


def cached(key: str, shape: tuple[int, ...], dtype: str, fill: Fill) -> Tensor:
    """What `fill` makes, or the file of an earlier call with this key if that is whole.

    In memory if it takes less than half of what is free, else mapped from the file.
    """
    name = hashlib.sha256(f"{key} {shape} {dtype}".encode()).hexdigest()[:24]
    path = cache_folder() / f"{name}.array"
    seal = path.with_suffix(".json")
    if not _whole(path, seal):
        try:
            _build(path, seal, shape, dtype, fill)
        except OSError as error:
            say(f"cannot keep decoded images in {path.parent}: {error.strerror or error}")
            array = np.empty(shape, dtype)
            fill(array)
            return torch.from_numpy(array)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if math.prod(shape) * np.dtype(dtype).itemsize < free / 2:
        return torch.from_numpy(np.fromfile(path, dtype).reshape(shape))
    return torch.from_numpy(np.memmap(path, dtype, "c", shape=shape))


def _build(path: Path, seal: Path, shape: tuple[int, ...], dtype: str, fill: Fill) -> None:
    with replacing(path) as temporary:
        array = np.memmap(temporary, dtype, "w+", shape=shape)
        fill(array)
        array.flush()
    write_json(seal, {"sha256": _sha256(path)})


def _whole(path: Path, seal: Path) -> bool:
    try:
        expected = json.loads(seal.read_text())["sha256"]
        found = _sha256(path)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if found != expected:
        say(f"{path} is damaged: decoding the images again")
    return bool(found == expected)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
