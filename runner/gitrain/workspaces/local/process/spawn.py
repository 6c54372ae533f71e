"""Starts a run's supervisor as a process that outlives us."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import gitrain
from gitrain.errors import WorkspaceError
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.regular_files import UnfitFileError, append_to
from gitrain.workspaces.local.process.group import OUR_VARIABLES

Task = Literal["run", "end"]

# The first process forks and is gone before it imports anything, so that whoever waits for it has
# no child left to reap. The package is found where ours was, without PYTHONPATH: the run's command
# would inherit that.
_BOOT = """
import os, sys
if os.fork():
    os._exit(0)
package, folder, lock, task = sys.argv[1:]
if package not in sys.path:
    sys.path.insert(0, package)
from gitrain.workspaces.local.process.supervisor import main
main(folder, int(lock), task)
"""


def spawn(
    folder: RunFolder, lock: int | None, variables: Mapping[str, str], task: Task = "run"
) -> None:
    """Start the supervisor in a session of its own, with these variables of the shell and no more.

    It inherits `lock`, a file descriptor.
    """
    package = Path(gitrain.__file__).resolve().parent.parent
    arguments = [str(package), str(folder.path), str(-1 if lock is None else lock), task]
    # What another run was told must not reach this one: a command may itself call gitrain.
    environment = {k: v for k, v in variables.items() if k not in OUR_VARIABLES}
    try:
        with append_to(folder.supervisor_log) as log:
            process = subprocess.Popen(
                # -P: nothing is imported from the folder that it starts in, where runs write.
                [sys.executable, "-P", "-c", _BOOT, *arguments],
                cwd=folder.home.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=() if lock is None else (lock,),
            )
            process.wait()
    except (OSError, UnfitFileError) as error:
        raise WorkspaceError(
            f"cannot start the supervisor of {folder.path.name}: {error}"
        ) from error
    if process.returncode:
        raise WorkspaceError(
            f"cannot start the supervisor of {folder.path.name}: see {folder.supervisor_log}"
        )
