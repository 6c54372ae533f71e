"""Virtual environments: one for each version, built by the first run that needs it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from gitrain.atomic import write_atomically
from gitrain.desired import EnvironmentUse
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.locks import Lock, try_lock


class Step(Protocol):
    """Runs one command of a build to its end and returns its exit code; output goes to the log."""

    def __call__(self, arguments: Sequence[str], folder: Path, lock: Lock) -> int: ...


def ready_environment(
    use: EnvironmentUse | None, home: Home, step: Step, pause: Callable[[], None]
) -> Path | None:
    """The virtual environment to run in, built if need be; None when the job needs none.

    `pause` is called while another run builds the same one. Raises BuildError when a step fails.
    """
    if use is None or use.definition is None or not use.definition.requirements:
        return None
    folder = home.environment(use.version)
    if _complete(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    while (lock := try_lock(folder.with_name(f"{folder.name}.lock"))) is None:
        pause()
    try:
        # Whoever held the lock may just have built it.
        if not _complete(folder):
            _build(folder, use.definition.requirements, partial(step, folder=folder, lock=lock))
    finally:
        lock.close()
    return folder


def _build(folder: Path, requirements: str, step: Callable[[Sequence[str]], int]) -> None:
    """Build in place, as a virtual environment cannot be moved; the marker comes last."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    listed = folder / "requirements.txt"
    listed.write_text(requirements, encoding="utf-8")
    python = str(folder / "bin" / "python")
    # Isolated: what PYTHONPATH offers is not in the environment, however installed it looks.
    pip = (python, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
    for arguments in (
        (sys.executable, "-I", "-m", "venv", str(folder)),
        (*pip, "install", "--requirement", str(listed)),
    ):
        if code := step(arguments):
            raise BuildError(code)
    write_atomically(_marker(folder), _stamp(folder))


class BuildError(Exception):
    """A step of a build ended with an exit code other than 0."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exit code {code}")


def _complete(folder: Path) -> bool:
    try:
        return _marker(folder).read_bytes() == _stamp(folder)
    except FileNotFoundError:
        return False


def _marker(folder: Path) -> Path:
    return folder / "complete"


def _stamp(folder: Path) -> bytes:
    """Where it was built and by which Python: moved, or after an upgrade, it is built again."""
    return f"{folder}\n{sys.version}\n{sys.base_prefix}\n".encode()
