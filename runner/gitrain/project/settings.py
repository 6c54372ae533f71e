"""--set FIELD=VALUE"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitrain.errors import UsageError
from gitrain.load.manifests import parse_value


def parse_settings(settings: Iterable[str]) -> dict[str, Any]:
    """`inputs.lr=3e-4` → {"inputs": {"lr": 0.0003}}. Raises UsageError for anything else."""
    spec: dict[str, Any] = {}
    for setting in settings:
        field, equals, text = setting.partition("=")
        steps = field.strip().split(".")
        if not equals or not all(steps):
            raise UsageError(f"--set {setting}: write FIELD=VALUE, such as inputs.lr=3e-4")
        if steps[0] == "spec":
            steps = steps[1:]
        inner = spec
        for step in steps[:-1]:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise UsageError(f"--set {setting}: {step} already has a value")
        inner[steps[-1]] = parsed(f"--set {field}", text)
    return spec


def parsed(option: str, text: str) -> Any:
    """The value of an option, read as YAML. Raises UsageError, which begins with the option."""
    try:
        return parse_value(text)
    except UsageError as error:
        raise UsageError(f"{option}={error}") from None
