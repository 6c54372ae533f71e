"""What a run gets: its command, its variables, and the places of its inputs and outputs."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gitrain.desired import DataPath, Input, Text, Upstream
from gitrain.expressions import literal, substitute
from gitrain.manifest import Value
from gitrain.workspace import Submission
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.states import OwnFaultError
from gitrain.workspaces.local.process import shell
from gitrain.workspaces.local.process.family import FOLDER_VARIABLE
from gitrain.workspaces.local.process.group import Rank


@dataclass(frozen=True, slots=True)
class Launch:
    """A submission on its way to be a process; `root` is the project's root, `more` the names of
    variables that the workspace passes on from the shell."""

    submission: Submission
    folder: RunFolder
    root: Path
    more: tuple[str, ...] = ()

    def make_folders(self) -> None:
        """Make what the command may write to. What a preempted run left there stays.

        Raises OwnFaultError when the code has a file in the place of one of these folders.
        """
        for name in ("outputs", "logs"):
            try:
                self.folder.code.joinpath(name).mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as error:
                raise OwnFaultError(
                    f"`{name}` in the working folder is not a folder, and a run keeps its files "
                    f"in one: rename the file `{name}` of the code folder, or ignore it"
                ) from error
        for name, output in self.submission.spec.outputs.items():
            path = self.folder.output(name)
            made = path if output.type == "uri_folder" else path.parent
            made.mkdir(parents=True, exist_ok=True)
        if (checkpoints := self.checkpoints) is not None:
            checkpoints.mkdir(parents=True, exist_ok=True)

    @property
    def checkpoints(self) -> Path | None:
        if not self.submission.spec.checkpoints:
            return None
        given = self.submission.identity
        return self.folder.home.checkpoints(given.project, given.job, given.digest)

    def clear_checkpoints(self) -> None:
        if (checkpoints := self.checkpoints) is not None:
            shutil.rmtree(checkpoints, ignore_errors=True)
            checkpoints.mkdir(parents=True, exist_ok=True)

    @property
    def build_variables(self) -> Mapping[str, str]:
        """What the build of an environment gets: pip's own configuration is the machine's."""
        return {**shell.for_builds(os.environ, self.more), FOLDER_VARIABLE: str(self.folder.path)}

    @property
    def command(self) -> tuple[str, ...]:
        return ("sh", "-c", self._text(self.submission.spec.command))

    def ranks(self, environment: Path | None) -> tuple[Rank, ...]:
        """The processes to start, with all their variables, secrets included.

        Raises OwnFaultError when a secret is not set.
        """
        shared = self.variables(environment)
        return tuple(
            Rank({**shared, **own}, self.folder.rank_log(number))
            for number, own in enumerate(rank_variables(self.submission))
        )

    def variables(self, environment: Path | None) -> dict[str, str]:
        """Ours over the job's over its environment's over those of the shell that are passed on."""
        use = self.submission.environment
        definition = use.definition if use else None
        given = {
            # Else Python keeps its output for itself until a block is full, and logs are not live.
            "PYTHONUNBUFFERED": "1",
            **shell.for_runs(os.environ, self.more),
            **_activated(environment, current=definition is not None),
        }
        if definition is not None:
            given |= self._values(definition.environment_variables)
        given |= self._values(self.submission.spec.environment_variables)
        given |= {
            "GITRAIN_RUN_ID": self.submission.run_id,
            "GITRAIN_JOB": self.submission.identity.job,
            FOLDER_VARIABLE: str(self.folder.path),
        }
        if (checkpoints := self.checkpoints) is not None:
            given["GITRAIN_CHECKPOINT_DIR"] = str(checkpoints)
        return given

    def _values(self, variables: Mapping[str, str | int | float | bool | Value]) -> dict[str, str]:
        return {name: self._value(value) for name, value in variables.items()}

    def _value(self, value: str | int | float | bool | Value) -> str:
        if not isinstance(value, Value):
            return self._text(literal(value))
        if value.env is None:
            return self._text(value.value or "")
        secret = os.environ.get(value.env)
        if secret is None:
            raise OwnFaultError(f"the environment variable {value.env} was not set at submission")
        return secret

    def _text(self, text: str) -> str:
        inputs = {name: self._place(value) for name, value in self.submission.inputs.items()}
        outputs = {name: str(self.folder.output(name)) for name in self.submission.spec.outputs}
        return substitute(text, inputs, outputs)

    def _place(self, value: Input) -> str:
        """An input's text: a literal as it is, anything else an absolute path."""
        match value:
            case Text(text=text):
                return text
            case DataPath(path=path):
                return str(self.root / path)
            case Upstream(path="", run_id=run_id, output=output):
                return str(self.folder.home.run(run_id).output(output))
            case Upstream(path=path):
                return str(self.root / path)


def rank_variables(submission: Submission) -> Iterator[dict[str, str]]:
    """What tells each process its place among the others.

    With a distribution there are instance_count times process_count_per_instance of them, all on
    this machine. Without one a single process runs, as on one node of Azure ML.
    """
    distribution = submission.spec.distribution
    if distribution is None:
        yield {}
        return
    each = distribution.process_count_per_instance
    world = each * submission.spec.resources.instance_count
    port = _free_port()
    for rank in range(world):
        node, local = divmod(rank, each)
        if distribution.type == "mpi":
            yield {
                "OMPI_COMM_WORLD_RANK": f"{rank}",
                "OMPI_COMM_WORLD_SIZE": f"{world}",
                "OMPI_COMM_WORLD_LOCAL_RANK": f"{local}",
                "OMPI_COMM_WORLD_LOCAL_SIZE": f"{each}",
            }
        else:
            yield {
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": f"{port}",
                "WORLD_SIZE": f"{world}",
                "RANK": f"{rank}",
                "LOCAL_RANK": f"{local}",
                "LOCAL_WORLD_SIZE": f"{each}",
                "NODE_RANK": f"{node}",
            }


def _activated(environment: Path | None, *, current: bool) -> dict[str, str]:
    """The environment's `bin` first on PATH; `current` is that of the Python that runs gitrain."""
    if environment is not None:
        return {"PATH": _first_on_path(environment / "bin"), "VIRTUAL_ENV": str(environment)}
    if current:
        return {"PATH": _first_on_path(Path(sys.executable).parent)}
    return {}


def _first_on_path(folder: Path) -> str:
    return os.pathsep.join((str(folder), os.environ.get("PATH", os.defpath)))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
