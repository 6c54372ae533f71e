"""Registers the kind in every gitrain whose PYTHONPATH has this folder.

With MODULES_TO, the modules that a command has imported by its end are written there.
"""

import atexit
import os
import sys
from pathlib import Path

from gitrain.kinds import KINDS, Kind

KINDS["Dataset"] = Kind(
    "Dataset",
    type="tests.promises.dataset.manifest:Dataset",
    plan="tests.promises.dataset.plan:Datasets",
    rules="tests.promises.dataset.manifest:problems",
)

from gitrain.workspace import WORKSPACES  # noqa: E402 - imports types that are made of all kinds

WORKSPACES["local"] = "tests.promises.dataset.place"


def _list() -> None:
    Path(os.environ["MODULES_TO"]).write_text(" ".join(sys.modules))


if "MODULES_TO" in os.environ:
    atexit.register(_list)
