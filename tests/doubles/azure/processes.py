"""A job's processes: the command, its variables, one log per process, their end."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from . import collection, variables
from .artifacts import blob
from .blobstore import ARTIFACTS
from .materials import Materials
from .service import Service
from .state import Run


class Processes:
    """As many processes as the distribution says; they end together."""

    def __init__(
        self,
        service: Service,
        run: Run,
        configuration: dict[str, Any],
        folder: Path,
        materials: Materials,
    ) -> None:
        command = command_line(configuration, materials)
        common = variables.common(service, run, configuration, folder) | materials.variables
        ranks = variables.distribution(configuration, free_port())
        self.started: list[subprocess.Popen[bytes]] = []
        for rank, (node, own) in enumerate(ranks):
            log = service.blobs.path(ARTIFACTS, blob(run.container, log_name(rank, len(ranks))))
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("wb") as written:
                process = subprocess.Popen(
                    ["/bin/sh", "-c", command],
                    cwd=collection.working(folder, node),
                    env=common | own,
                    stdin=subprocess.DEVNULL,
                    stdout=written,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self.started.append(process)

    def poll(self) -> int | None:
        """The exit code once all have ended well or one has not; None before."""
        codes = [process.poll() for process in self.started]
        bad = [code for code in codes if code]
        if bad:
            return bad[0]
        return 0 if all(code == 0 for code in codes) else None

    def terminate(self, grace: float) -> None:
        """Ask all to end, and give them time."""
        self._signal(signal.SIGTERM)
        end = time.monotonic() + grace
        while time.monotonic() < end and any(p.poll() is None for p in self.started):
            time.sleep(0.02)

    def kill(self) -> None:
        """End what is left: also children that a process left behind, as a container's end does."""
        self._signal(signal.SIGKILL)
        for process in self.started:
            process.wait()

    def _signal(self, number: int) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)


def command_line(configuration: dict[str, Any], materials: Materials) -> str:
    """The shell command: as given, or the script with its arguments."""
    command = configuration.get("command")
    if isinstance(command, list):
        command = " ".join(str(word) for word in command)
    if not command:
        words = [configuration["script"], *map(str, configuration.get("arguments") or [])]
        python = (configuration.get("environment") or {}).get("python") or {}
        command = f"exec {python.get('interpreterPath') or 'python'} "
        command += " ".join(_quoted(word) for word in words)
    # The longest first: one name may begin another.
    for placeholder in sorted(materials.places, key=len, reverse=True):
        command = command.replace(placeholder, materials.places[placeholder])
    return command


def _quoted(word: str) -> str:
    # The service expands these, so the shell must see them.
    return f'"{word}"' if word.startswith("$AZUREML_") else shlex.quote(word)


def log_name(rank: int, count: int) -> str:
    """Where a process's output is: std_log.txt of a single one."""
    if count == 1:
        return "user_logs/std_log.txt"
    return f"user_logs/std_log_process_{rank:0{len(str(count - 1))}d}.txt"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
