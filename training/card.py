"""The model card: what a person wants to know before using the model."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from metrics import wilson


def model_card(result: Mapping[str, Any], matrix: Tensor) -> str:
    flags, metrics = result["flags"], result["metrics"]
    right, n = int(matrix.trace()), int(matrix.sum())
    return f"""# {flags["arch"]} for {len(result["classes"])} classes

An image classifier, trained with `--mode {flags["mode"]}` for {result["epochs"]} epochs.

| metric | value | 95 % confidence |
|---|---|---|
| accuracy | {right / n:.2%} ({right:,} of {n:,}) | {_interval(right, n)} |
| validation loss | {metrics.get("valid_loss", "not a number")} | |

The interval is Wilson's: what another validation set of this size would vary by, not what another
training would.

| class | validation images | found | 95 % confidence |
|---|---|---|---|
{_classes(result["classes"], matrix)}

![Loss](loss.png)

![Confusion](confusion.png)

## Use

`python predict.py --model THIS_FOLDER IMAGES` needs `model.safetensors`, `labels.json` and
`preprocess.json`, and executes nothing that is in them.

## Made of

| | |
|---|---|
| data | `{flags["data"]}`: {result["n_train"]:,} training, {n:,} validation images |
| data's sha256 | `{result["data_sha256"]}` |
| starts from | {result["starts_from"]} |
| parameters | {result["parameters"]:,} |
| images | {result["size"]} × {result["size"]} pixels |
| device | {result["device"]}, {result["precision"]}, {len(result["processes"])} process(es) |
| seed | {flags["seed"]} |
| versions | {", ".join(f"{k} {v}" for k, v in result["versions"].items())} |

Not known: how it does on images from elsewhere, and what licence the data has.
"""


def _classes(labels: list[str], matrix: Tensor) -> str:
    rows = []
    for place, label in enumerate(labels):
        right, n = int(matrix[place, place]), int(matrix[place].sum())
        rows.append(f"| {label} | {n:,} | {right / n:.1%} | {_interval(right, n)} |")
    return "\n".join(rows)


def _interval(right: int, n: int) -> str:
    low, high = wilson(right, n)
    return f"{low:.1%} – {high:.1%}"
