"""The two forms of a model as a file, safetensors and ONNX, and how they compare with it."""

import json
import logging
import math
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from fastparts.console import TrainingError, say
from fastparts.network import Blueprint, build
from fastparts.whole_files import replacing, write_bytes

ONNX_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
CLOSE = 1e-3  # of a logit; ONNX Runtime adds in a different order


def require_onnx() -> None:
    missing = [name for name in ONNX_PACKAGES if find_spec(name) is None]
    if missing:
        raise TrainingError(f"--export onnx needs: pip install {' '.join(missing)}")


def write_safetensors(path: Path, network: nn.Module, blueprint: Blueprint) -> None:
    weights = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    # As one entry: several would be in random order, and equal weights should give equal files.
    write_bytes(path, save(weights, {"model": json.dumps(asdict(blueprint))}))


def read_safetensors(path: Path) -> tuple[nn.Sequential, Blueprint]:
    """The network of the file, ready to predict. Nothing in the file is executed."""
    with safe_open(path, "pt") as file:
        blueprint = Blueprint(**json.loads(file.metadata()["model"]))
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict
    network = build(blueprint)
    network.load_state_dict(weights)
    return network.eval(), blueprint


def write_onnx(path: Path, network: nn.Module, sample: Tensor) -> None:
    """`images`, float32 [batch, channels, size, size] → `logits`; all in one file."""
    batch = torch.export.Dim("batch", min=1, max=4096)
    logging.getLogger("onnxscript").setLevel(logging.ERROR)
    with (
        replacing(path) as temporary,
        warnings.catch_warnings(),
        redirect_stdout(StringIO()),
        redirect_stderr(StringIO()),
    ):
        warnings.simplefilter("ignore")  # They are about the exporter itself.
        torch.onnx.export(
            network,
            (sample[:2],),
            temporary,
            dynamo=True,
            external_data=False,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: batch},),
        )


def run_onnx(path: Path, images: Tensor) -> Tensor:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"images": images.numpy().astype(np.float32)})
    return torch.from_numpy(logits)


def compare(path: Path, found: Tensor, expected: Tensor) -> dict[str, object]:
    """How far the logits `found` with `path` are from the model's, for the result.

    Raises TrainingError when they are too far to be the same model's.
    """
    largest = float((found - expected).abs().max())
    same = bool((found.argmax(1) == expected.argmax(1)).all())
    if largest > CLOSE * max(1.0, float(expected.abs().max())):
        raise TrainingError(f"{path}, read again, differs from the model by {largest:.3g}")
    say(f"{path}, read again: largest logit difference {largest:.3g}")
    difference = largest if math.isfinite(largest) else None
    return {"images": len(expected), "max_logit_difference": difference, "same_classes": same}
