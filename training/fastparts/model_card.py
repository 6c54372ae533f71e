"""The model card: the training for a person to read, with two pictures."""

import io
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fastparts.history import History, Row, wilson
from fastparts.whole_files import write_bytes

INK, MUTED, TRAIN, VALID = "#1f2933", "#7b8794", "#2f6fb5", "#d9662b"
MAX_NUMBERED = 25  # With more classes the numbers in the cells cannot be read.


def write_card(folder: Path, result: Mapping[str, Any], history: History) -> None:
    write_bytes(folder / "loss.png", loss_curve(history.rows, history.losses))
    write_bytes(folder / "confusion.png", confusion_matrix(history.matrix, result["classes"]))
    write_bytes(folder / "README.md", model_card(result, history.matrix).encode())


def model_card(result: Mapping[str, Any], matrix: torch.Tensor) -> str:
    flags, metrics = result["flags"], result["metrics"]
    right, n = int(matrix.trace()), int(matrix.sum())
    return f"""# {flags["arch"]} for {len(result["classes"])} classes

An image classifier, trained with `--mode {flags["mode"]}` for {result["epochs"]} epochs.

| metric | value | 95 % confidence |
|---|---|---|
| accuracy | {right / n:.2%} ({right:,} of {n:,}) | {_interval(right, n)} |
| validation loss | {metrics.get("valid_loss", "not a number")} | |

The intervals are Wilson's: how much the value would vary with another validation set of this size,
not with another training.

| class | validation images | found | 95 % confidence |
|---|---|---|---|
{_classes(result["classes"], matrix)}

![Loss](loss.png)

![Confusion](confusion.png)

## Use

`python predict.py --model THIS_FOLDER IMAGES` needs `model.safetensors`, `labels.json` and
`preprocess.json`, and executes nothing that is in them.

## Made from

| | |
|---|---|
| data | `{flags["data"]}`: {result["n_train"]:,} training, {n:,} validation images |
| sha256 of the data | `{result["data_sha256"]}` |
| starts from | {result["starts_from"]} |
| parameters | {result["parameters"]:,} |
| images | {result["size"]} × {result["size"]} pixels |
| device | {result["device"]}, {result["precision"]}, {len(result["processes"])} process(es) |
| seed | {flags["seed"]} |
| versions | {", ".join(f"{k} {v}" for k, v in result["versions"].items())} |

Not known: how well it does on images from elsewhere, and under which licence the data are.
"""


def _classes(labels: list[str], matrix: torch.Tensor) -> str:
    rows = []
    for place, label in enumerate(labels):
        right, n = int(matrix[place, place]), int(matrix[place].sum())
        rows.append(f"| {label} | {n:,} | {right / n:.1%} | {_interval(right, n)} |")
    return "\n".join(rows)


def _interval(right: int, n: int) -> str:
    low, high = wilson(right, n)
    return f"{low:.1%} – {high:.1%}"


def loss_curve(rows: list[Row], losses: list[float]) -> bytes:
    """PNG: the training loss of every batch, and the validation loss after every epoch."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    per_epoch = len(losses) / max(1, len(rows))
    axes.plot(
        [(i + 1) / per_epoch for i in range(len(losses))],
        losses,
        color=TRAIN,
        linewidth=1.6,
        label="training (smoothed)",
    )
    points = [(row["epoch"], row["valid_loss"]) for row in rows if "valid_loss" in row]
    axes.plot(*zip(*points, strict=True), "o-", color=VALID, markersize=4.5, label="validation")
    axes.set(xlabel="epoch", ylabel="loss", xlim=(0, len(rows) + 0.15), ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#e4e7eb")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    accuracy = rows[-1].get("accuracy")
    title = "Loss" if accuracy is None else f"Loss; final accuracy {accuracy:.2%}"
    axes.set_title(title, loc="left", color=INK, fontsize=12, pad=10)
    return _png(figure)


def confusion_matrix(matrix: torch.Tensor, labels: tuple[str, ...]) -> bytes:
    """PNG: a row for each true class, shaded by the share that each predicted class got."""
    n = len(labels)
    side = min(14.0, max(4.5, 2.2 + 0.48 * n))
    figure = Figure(figsize=(side, side * 0.95), layout="constrained")
    axes = figure.add_subplot()
    shares = matrix / matrix.sum(dim=1, keepdim=True).clamp(min=1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks([i - 0.5 for i in range(1, n)], minor=True)
    axes.set_yticks([i - 0.5 for i in range(1, n)], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    if n <= MAX_NUMBERED:
        for row in range(n):
            for column in range(n):
                _number(axes, row, column, int(matrix[row, column]), float(shares[row, column]))
    names = [textwrap.shorten(label, 18, placeholder="…") for label in labels]
    long = max(map(len, names)) > 3
    axes.set_xticks(range(n), names, rotation=45 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(n), names)
    axes.set(xlabel="predicted", ylabel="true")
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    right, total = int(matrix.trace()), int(matrix.sum())
    axes.set_title(f"{right:,} of {total:,} correct", loc="left", color=INK, fontsize=12, pad=10)
    return _png(figure)


def _number(axes: Axes, row: int, column: int, count: int, share: float) -> None:
    if count:
        color = "white" if share > 0.5 else INK if row == column else VALID
        axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=10)


def _png(figure: Figure) -> bytes:
    for axes in figure.axes:
        axes.tick_params(colors=MUTED, labelcolor=INK)
        axes.xaxis.label.set_color(MUTED)
        axes.yaxis.label.set_color(MUTED)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()
