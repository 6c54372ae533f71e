"""docs/reference/metrics-file.md: examples, and what gitrain reads in them."""

from __future__ import annotations

from gitrain.metrics import MetricsReader
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
A script that appends lines to `outputs/metrics.jsonl`, in the folder that it is started in, has
metrics. Nothing has to be imported. Each line is one flat JSON object: `step` or `epoch` is an
integer, every other number is a metric.

On Azure ML, what a run logs with MLflow or with `Run.log` comes first; the file is read where
there is nothing of that kind."""

RULES = """\
- Without `step` or `epoch`, or with one beyond 64 bits, a line's step is its number, from 1.
- If a metric has two values for one step, the last one counts.
- A line that is not such an object is skipped: the last one may still be incomplete while it is
  written.
- What a run wrote is not trusted. A file of more than 256 MiB, 1,000 names or 10,000,000 values, a
  line of more than 1 MiB, a name of more than 250 characters, and anything but a regular file
  inside the run's folder is not read: `status`, `plan` and `metrics` say why in a note, and the
  run has no metrics.
- `gitrain metrics` shows up to a million values; of more, evenly spaced ones with the last, the
  smallest and the largest of each metric.
- A gate that names a metric which is missing or is not a number is missed.
- The value of a metric is its last one; in a [gate](../how-to/gates.md), `max(NAME)` and
  `min(NAME)` look at all of them."""

EXAMPLES = (
    '{"step": 10, "loss": 0.52, "accuracy": 0.91}',
    '{"epoch": 3, "loss": 0.5}',
    '{"loss": 0.4}',
    '{"step": 7, "loss": NaN}',
    '{"step": 7, "note": "warm-up", "best": true, "lr": 1e-3}',
    '{"step": 7, "loss": {"train": 0.4}}',
    "epoch 7: loss 0.4",
)


def page() -> str:
    rows = ((f"`{line}`", _read(line)) for line in EXAMPLES)
    return document(
        "The metrics file",
        INTRODUCTION,
        "## What is read",
        "Each line as if it were the first of its file:",
        table(("line", "what gitrain reads"), rows),
        "## Rules",
        RULES,
    )


def _read(line: str) -> str:
    read = [
        f"{name} = {point.value:g} at step {point.step}"
        for name, series in MetricsReader().feed(line.encode()).series().items()
        for point in series
    ]
    return "; ".join(read) or "nothing"
