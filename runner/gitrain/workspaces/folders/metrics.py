"""Metrics of a run on this machine."""

from __future__ import annotations

from pathlib import Path

from gitrain.metrics import parse_metrics
from gitrain.observed import Metrics


def read_metrics(path: Path) -> Metrics:
    """What a run wrote; a file that does not exist has none."""
    try:
        return parse_metrics(path.read_bytes())
    except FileNotFoundError:
        return {}
