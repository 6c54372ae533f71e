"""Turns a Submission into the terms of the SDK's run configuration. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import msgspec

from gitrain.assets import cluster_of
from gitrain.desired import DataPath, Text, Upstream
from gitrain.errors import WorkspaceError
from gitrain.expressions import literal, substitute
from gitrain.manifest import Value
from gitrain.workspace import Submission
from gitrain.workspaces.azureml.environments import secret_variables
from gitrain.workspaces.azureml.outputs import paths
from gitrain.workspaces.azureml.runs.record import VARIABLE, packed, record_of

CHECKPOINTS = "gitrain_checkpoints"
_CHECKPOINT_VARIABLE = "GITRAIN_CHECKPOINT_DIR"
# A longer variable does not fit a process; the record is then only on the run itself.
_LONGEST_VARIABLE = 24_000
_MECHANISMS = {"ro_mount": "mount", "download": "download", "rw_mount": "mount", "upload": "upload"}


class Mount(msgspec.Struct, frozen=True, kw_only=True):
    """Data that a run reads or writes: its address, how it gets there, and where the run sees it.

    Azure ML chooses the path itself, and passes it in a variable or in place of a placeholder.
    `on_node` is a link to it, which the command creates first, so that a path can be used anywhere
    in a command, in any quotes, and in a variable.
    """

    address: str
    mechanism: str
    file: bool
    on_node: str


class StartRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the terms of the SDK. `variables` hold no secret: `secrets` maps more variables to
    the names that their values are read from, at the last moment.

    `processes` is the total of a PyTorch run, and the number per node of an MPI run. The `address`
    of an input may still be `azureml:NAME:VERSION`.
    """

    run_id: str
    experiment: str
    command: str
    target: str
    environment: tuple[str, str]
    framework: str
    processes: int
    nodes: int
    shm_size: str
    docker_arguments: tuple[str, ...]
    timeout: int | None
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    inputs: Mapping[str, Mount]
    outputs: Mapping[str, Mount]


def experiment_of(submission: Submission) -> str:
    """The experiment a run is grouped under."""
    identity = submission.identity
    placed = str(identity.placement.get("experiment_name") or "")
    return placed or submission.spec.experiment_name or identity.project


def start_request(submission: Submission, folder: str) -> StartRequest:
    """What the SDK is asked to start. `folder` is one on the node that no other run uses.

    Raises WorkspaceError when something that Azure ML needs is missing.
    """
    spec = submission.spec
    if not spec.compute or submission.environment is None:
        lacking = "compute" if not spec.compute else "environment"
        raise WorkspaceError(f"job {submission.identity.job}: Azure ML needs `{lacking}`")
    inputs, outputs = _inputs(submission, folder), _outputs(submission, folder)
    seen = _Seen(submission, inputs, outputs)
    framework, processes = _distribution(submission)
    variables, secrets = _variables(submission, seen, outputs)
    return StartRequest(
        run_id=submission.run_id,
        experiment=experiment_of(submission),
        command=_command(seen.text(spec.command), inputs, outputs),
        target=cluster_of(spec.compute),
        environment=(submission.environment.name, submission.environment.version),
        framework=framework,
        processes=processes,
        nodes=spec.resources.instance_count,
        shm_size=spec.resources.shm_size,
        docker_arguments=_arguments(spec.resources.docker_args),
        timeout=spec.limits.timeout,
        variables=variables,
        secrets=secrets,
        inputs=inputs,
        outputs=outputs,
    )


class _Seen:
    """Texts of a job as its run sees them: every input and output by its path on the node."""

    def __init__(
        self, submission: Submission, inputs: Mapping[str, Mount], outputs: Mapping[str, Mount]
    ) -> None:
        texts = {n: v.text for n, v in submission.inputs.items() if isinstance(v, Text)}
        self._inputs = texts | {name: mount.on_node for name, mount in inputs.items()}
        self._outputs = {name: mount.on_node for name, mount in outputs.items()}

    def text(self, text: str) -> str:
        return substitute(text, self._inputs, self._outputs)


def _inputs(submission: Submission, folder: str) -> dict[str, Mount]:
    return {
        name: Mount(
            address=paths.located(value),
            mechanism=_MECHANISMS[value.mode],
            file=value.type == "uri_file",
            on_node=f"{folder}/inputs/{name}",
        )
        for name, value in submission.inputs.items()
        if isinstance(value, DataPath | Upstream)
    }


def _outputs(submission: Submission, folder: str) -> dict[str, Mount]:
    run_id = submission.run_id
    found = {
        name: Mount(
            address=paths.address(paths.output_path(run_id, name)),
            mechanism=_MECHANISMS[output.mode],
            file=output.type == "uri_file",
            on_node=f"{folder}/outputs/{name}",
        )
        for name, output in submission.spec.outputs.items()
    }
    if submission.spec.checkpoints:
        identity = submission.identity
        path = paths.checkpoints_path(identity.project, identity.job, identity.digest)
        found[CHECKPOINTS] = Mount(
            address=paths.address(path),
            mechanism="mount",
            file=False,
            on_node=f"{folder}/outputs/{CHECKPOINTS}",
        )
    return found


def _distribution(submission: Submission) -> tuple[str, int]:
    distribution = submission.spec.distribution
    if distribution is None:
        return "", 1
    each = distribution.process_count_per_instance
    # PyTorch wants the total; MPI wants those of one node.
    total = each * submission.spec.resources.instance_count
    return distribution.type, total if distribution.type == "pytorch" else each


def _arguments(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(shlex.split(given)) if isinstance(given, str) else tuple(given)


def _command(command: str, inputs: Mapping[str, Mount], outputs: Mapping[str, Mount]) -> str:
    """The command, after links to its data are created; with checkpoints, their folder is emptied
    once the first process has completed."""
    links = [
        *(_link(mount, f"AZURE_ML_INPUT_{n}", f"{_INPUT}:{n}") for n, mount in inputs.items()),
        *(_link(mount, f"AZURE_ML_OUTPUT_{n}", f"{_OUTPUT}:{n}") for n, mount in outputs.items()),
    ]
    if links:
        folders = {
            mount.on_node.rpartition("/")[0] for mount in (*inputs.values(), *outputs.values())
        }
        links.insert(0, f"mkdir -p {' '.join(sorted(folders))}")
    if CHECKPOINTS not in outputs:
        return "\n".join((*links, command))
    return "\n".join((*links, command, _EMPTY))


def _link(mount: Mount, variable: str, placeholder: str) -> str:
    # Of several processes on a node the first creates the link, and the others find it.
    return f'ln -sn "${{{variable}:-{placeholder}}}" {mount.on_node} 2>/dev/null || :'


_INPUT, _OUTPUT = "DatasetConsumptionConfig", "DatasetOutputConfig"
_EMPTY = f"""gitrain_code=$?
if [ $gitrain_code -eq 0 ] && [ "${{RANK:-${{OMPI_COMM_WORLD_RANK:-0}}}}" = 0 ]; then
  find "${_CHECKPOINT_VARIABLE}"/ -mindepth 1 -delete
fi
exit $gitrain_code"""


def _variables(
    submission: Submission, seen: _Seen, outputs: Mapping[str, Mount]
) -> tuple[dict[str, str], dict[str, str]]:
    """Ours override the job's; the environment itself has its variables that are not secret."""
    use = submission.environment
    secrets = secret_variables(use.definition if use else None)
    plain: dict[str, str] = {}
    for name, value in submission.spec.environment_variables.items():
        secrets.pop(name, None)
        if isinstance(value, Value) and value.env is not None:
            secrets[name] = value.env
        else:
            text = value.value or "" if isinstance(value, Value) else literal(value)
            plain[name] = seen.text(text)
    plain |= {"GITRAIN_RUN_ID": submission.run_id, "GITRAIN_JOB": submission.identity.job}
    if CHECKPOINTS in outputs:
        plain[_CHECKPOINT_VARIABLE] = outputs[CHECKPOINTS].on_node
    # The tags follow in a second request. If we die in between, this says whose run it is.
    record = packed(record_of(submission))
    if len(record) <= _LONGEST_VARIABLE:
        plain[VARIABLE] = record
    return plain, secrets
