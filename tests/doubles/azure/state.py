"""What the emulated workspace holds, as tests look at it."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from .answers import now

LIVE = ("NotStarted", "Queued", "Starting", "Preparing", "Running", "Finalizing", "CancelRequested")
OVER = ("Completed", "Failed", "Canceled")


@dataclass
class Metric:
    """A metric's values in the order in which they came."""

    name: str
    columns: dict[str, str]
    ux_type: str
    values: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Run:
    """A run: what run history says of it, what was submitted, and what the job did."""

    dto: dict[str, Any]
    experiment: str
    definition: dict[str, Any] | None = None
    snapshot: str | None = None
    metrics: dict[str, Metric] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    submissions: int = 0
    starts: int = 0
    exit_code: int | None = None

    @property
    def id(self) -> str:
        return self.dto["runId"]

    @property
    def status(self) -> str:
        return self.dto["status"]

    @property
    def tags(self) -> dict[str, str]:
        return self.dto["tags"]

    @property
    def properties(self) -> dict[str, str]:
        return self.dto["properties"]

    @property
    def container(self) -> str:
        """Where its artifacts lie below `ExperimentRun/`."""
        return self.dto["dataContainerId"]

    def enter(self, status: str) -> None:
        """Change the status and the times that go with it. What is over stays over."""
        if self.status in OVER:
            return
        self.dto["status"] = status
        if status == "Running" and not self.dto["startTimeUtc"]:
            self.dto["startTimeUtc"] = now()
        if status in OVER:
            self.dto["endTimeUtc"] = now()

    def describe(self) -> dict[str, Any]:
        metrics = {name: metric.values for name, metric in self.metrics.items()}
        beside = {
            "experiment": self.experiment,
            "snapshot": self.snapshot,
            "definition": self.definition,
            "metrics": metrics,
            "parameters": self.parameters,
            "submissions": self.submissions,
            "starts": self.starts,
            "exit_code": self.exit_code,
        }
        return self.dto | beside


@dataclass
class Snapshot:
    """An uploaded source tree: its Merkle tree, and the blob of each file."""

    id: str
    tree: dict[str, Any]
    files: dict[str, str]
    properties: dict[str, str]


@dataclass
class State:
    """Everything, by name. Bodies are in the shape in which the services answer them."""

    computes: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    environments: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    datastores: dict[str, dict[str, Any]] = field(default_factory=dict)
    default_datastore: str = "workspaceblobstore"
    data: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def experiment(self, name: str) -> dict[str, Any]:
        """The experiment of this name, made when it is new."""
        made = {
            "experimentId": str(uuid.uuid4()),
            "name": name,
            "description": None,
            "createdUtc": now(),
            "archivedTime": None,
            "tags": {},
        }
        return self.experiments.setdefault(name, made)

    def describe(self) -> dict[str, Any]:
        """All of it as JSON, for `GET /_emul/state`."""
        return {
            "computes": {name: _public(body) for name, body in self.computes.items()},
            "environments": self.environments,
            "experiments": self.experiments,
            "runs": {name: run.describe() for name, run in self.runs.items()},
            "snapshots": {name: sorted(one.files) for name, one in self.snapshots.items()},
            "datastores": sorted(self.datastores),
            "data": {":".join(key): value for key, value in self.data.items()},
        }


def _public(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not name.startswith("_")}
