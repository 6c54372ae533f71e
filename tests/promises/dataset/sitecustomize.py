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

# Only now: these import types that are made of all kinds.
from msgspec.structs import replace  # noqa: E402

from gitrain.workspace_types import LOCAL, TYPES  # noqa: E402

TYPES["local"] = replace(LOCAL, module="tests.promises.dataset.place")


def _list() -> None:
    Path(os.environ["MODULES_TO"]).write_text(" ".join(sys.modules))


if "MODULES_TO" in os.environ:
    atexit.register(_list)
