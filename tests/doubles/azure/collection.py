"""What a job leaves in ./outputs and ./logs: collected live, given back after preemption."""

import os
import shutil
from pathlib import Path

from . import artifacts
from .blobstore import ARTIFACTS
from .service import Service
from .state import Run

KEPT = ("outputs", "logs")


def working(folder: Path, node: int) -> Path:
    """The working folder of a job on one of its nodes."""
    return folder / f"node-{node}" / "wd"


def collect(service: Service, run: Run, folder: Path, nodes: int) -> None:
    """Upload each file that is new or has changed. What a job deletes stays collected."""
    for node in range(nodes):
        top = working(folder, node)
        for kept in KEPT:
            # os.walk, because the job may delete a folder at any moment.
            for inside, _, names in os.walk(top / kept):
                for name in names:
                    path = Path(inside) / name
                    _collect_file(service, run, path, path.relative_to(top).as_posix())


def _collect_file(service: Service, run: Run, path: Path, name: str) -> None:
    blob = artifacts.blob(run.container, name)
    try:
        if not path.is_file():
            return
        held = service.blobs.path(ARTIFACTS, blob)
        if not held.is_file() or _stamp(held) != _stamp(path):
            service.blobs.put(ARTIFACTS, blob, path.read_bytes())
            shutil.copystat(path, held)
    except FileNotFoundError:
        # The job may delete or rename a file at any moment.
        return


def _stamp(path: Path) -> tuple[int, int]:
    return path.stat().st_size, path.stat().st_mtime_ns


def restore(service: Service, run: Run, folder: Path) -> None:
    """Put what was collected back at its place on the first node."""
    for kept in KEPT:
        for name in artifacts.names(service, run.container, f"{kept}/"):
            path = working(folder, 0) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(service.blobs.get(ARTIFACTS, artifacts.blob(run.container, name)))
