"""The worlds by name. Each is imported when it is used: the emulator starts with its own."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from tests.promises.chaos.world import World

NAMES = ("memory", "local", "azureml")


def world(name: str) -> Callable[[], World]:
    """What makes a world of this name: each call a new one, with nothing of ours in it."""
    module = importlib.import_module(f"tests.promises.chaos.{name}")
    found: Callable[[], World] = getattr(module, name.capitalize())
    return found
