"""The protocol on Azure Machine Learning: the thin half that reads and writes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from gitrain.desired import Code, DesiredCluster, DesiredEnvironment
from gitrain.errors import GitrainError, WorkspaceError
from gitrain.manifest import WorkspaceSpec
from gitrain.metrics import MetricsError
from gitrain.observed import Cause, Metrics, Observed, Phase, Run, Tags
from gitrain.secrets.values import hiding
from gitrain.workspace import Adoption, Query, Stage, Submission, Workspace
from gitrain.workspace_types import AzuremlWorkspace
from gitrain.workspaces.azureml.clusters.make import Computes
from gitrain.workspaces.azureml.environments import environment_request
from gitrain.workspaces.azureml.http.addresses import Connection, Target, connect, resource_endpoint
from gitrain.workspaces.azureml.http.addresses import target as target_of
from gitrain.workspaces.azureml.http.credentials import Tokens, open_credential
from gitrain.workspaces.azureml.http.requests import Wire
from gitrain.workspaces.azureml.http.retry import Transport
from gitrain.workspaces.azureml.observe import Observation
from gitrain.workspaces.azureml.outputs.files import AzuremlArtifacts
from gitrain.workspaces.azureml.outputs.read import Outputs, settled
from gitrain.workspaces.azureml.outputs.summaries import Summaries
from gitrain.workspaces.azureml.runs import phases
from gitrain.workspaces.azureml.runs.answer import record_in_definition, runs_of
from gitrain.workspaces.azureml.runs.record import adoptions, own_record, record_of
from gitrain.workspaces.azureml.runs.tags import Marks
from gitrain.workspaces.azureml.v1.sdk import Sdk
from gitrain.workspaces.azureml.v1.sdk_objects import environment as built
from gitrain.workspaces.azureml.v1.submit import Starts


def open_workspace(name: str, spec: WorkspaceSpec, root: Path, stage: Stage) -> Workspace:
    """Open the workspace that the project's file names; sends nothing to Azure yet."""
    if not isinstance(spec, AzuremlWorkspace):
        raise WorkspaceError(f"workspace {name} is not of type azureml")
    arm = resource_endpoint()
    tokens = Tokens(lambda: open_credential(os.environ), f"{arm}/.default")
    access = Access(arm, Transport(tokens))
    return AzuremlRuns(target_of(name, spec, root), root, stage, access)


class Access:
    """How Azure is reached: its address, and our credentials."""

    def __init__(self, arm: str, transport: Transport) -> None:
        self.arm = arm
        self.transport = transport
        self.wire = Wire(transport)


class AzuremlRuns:
    """One Azure ML workspace. Between calls it remembers only where its services are, and the
    metrics of runs that have ended.

    `poll` is the number of seconds between two observations.
    """

    def __init__(
        self,
        target: Target,
        root: Path,
        stage: Stage,
        access: Access,
        *,
        poll: float = 15.0,
    ) -> None:
        self.place = f"{target.group}/{target.name}"
        self.poll = poll
        self._target = target
        self._root = root
        self._stage = stage
        self._wire = access.wire
        self._arm = access.arm
        self._sdk = Sdk(target, access.transport)
        self._metrics: dict[str, Metrics] = {}

    @cached_property
    def _connection(self) -> Connection:
        return connect(self._wire, self._target, self._arm)

    @property
    def _computes(self) -> Computes:
        return Computes(self._wire, self._connection, self.poll)

    @property
    def _marks(self) -> Marks:
        return Marks(self._wire, self._connection)

    @property
    def _outputs(self) -> Outputs:
        return Outputs(self._wire, self._connection, self.poll)

    @cached_property
    def _summaries(self) -> Summaries:
        return Summaries(self._outputs, self._marks)

    def observe(self, query: Query) -> Observed:
        look = Observation(self._wire, self._connection)
        observed = look.make(query)
        self._summaries.saw(look.bodies)
        return observed

    def history(self, project: str, job: str = "") -> Iterator[Run]:
        found = Observation(self._wire, self._connection).history(project)
        return (run for run in found if job in ("", run.job))

    def create_cluster(self, cluster: DesiredCluster, project: str) -> None:
        self._computes.create(cluster, project)

    def update_cluster(self, cluster: DesiredCluster, project: str) -> None:
        """SDK v1 cannot change the tags of a cluster: for an adopted one, `adopt: true` records
        that it belongs to `project`."""
        del project
        self._computes.update(cluster)

    def delete_cluster(self, name: str) -> None:
        self._computes.delete(name)

    def register_environment(self, environment: DesiredEnvironment) -> None:
        if self._registered(environment):
            return
        try:
            self._register(environment)
        except GitrainError:
            # Somebody else may have been faster, or the response was lost.
            if not self._registered(environment):
                raise

    def _registered(self, environment: DesiredEnvironment) -> bool:
        base = self._connection.service("environment")
        url = f"{base}/environments/{environment.name}/versions/{environment.version}"
        return self._wire.find(url) is not None

    def _register(self, environment: DesiredEnvironment) -> None:
        self._sdk.check()
        request = environment_request(environment)
        definition = environment.definition
        with tempfile.TemporaryDirectory(prefix="gitrain-") as parent:
            folder = Path(parent).resolve() / "build" if request.build else None
            if folder:
                self._stage(Code(folder=definition.folder, tree=definition.build_tree), folder)
            with hiding(environment.secrets), self._sdk.workspace() as workspace:
                self._sdk.register(workspace, built(request, workspace, folder))

    def submit(self, submission: Submission) -> Run:
        starts = Starts(self._wire, self._connection, self._sdk, self._root, self._stage)
        run = starts.submit(submission)
        self._summaries.keep()
        return run

    def cancel(self, run_id: str, cause: Cause) -> None:
        body = self._marks.run(run_id)
        if not phases.phase(str(body.get("status")), run_id).live:
            return
        self._marks.cause(body, cause)
        self._wire.call("POST", self._cancel_address(body, run_id))

    def _cancel_address(self, body: Mapping[str, Any], run_id: str) -> str:
        given = str(body.get("cancelUri") or "")
        if given:
            return given
        address = f"{self._connection.service('history')}/experimentids/{body['experimentId']}"
        experiment = self._wire.get(address)["name"]
        base = self._connection.service("execution")
        return f"{base}/experiments/{experiment}/runId/{run_id}/cancel"

    def tag(self, run_id: str, tags: Tags) -> None:
        body = self._marks.run(run_id)
        properties = body.get("properties") or {}
        adopted = list(adoptions(properties, body.get("tags") or {}))
        for one in adopted:
            self._marks.adoption(body, one.record, tags)
        record = own_record(properties)
        if record is None and not adopted:
            record = record_in_definition(self._outputs.details(run_id))
            if record is None:
                raise WorkspaceError(f"run {run_id} is not managed by gitrain")
        # The tags of another project's run are not ours to change.
        ours = {one.record.identity.project for one in adopted}
        if record and (not adopted or record.identity.project in ours):
            self._marks.tags(body, record, tags)

    def adopt(self, adoption: Adoption) -> Run:
        body = self._marks.run(adoption.run_id)
        phase = phases.phase(str(body.get("status")), adoption.run_id)
        if phase is not Phase.COMPLETED:
            raise WorkspaceError(f"run {adoption.run_id} is {phase.value}, not completed")
        given = adoption.identity
        self._marks.own_experiment_of(body, given.project)
        body = self._marks.adoption(body, record_of(adoption), adoption.tags)
        found = runs_of(body, given.project, self._connection.link(adoption.run_id))
        adopted = (run for run in found if run.adopted)
        return next(r for r in adopted if (r.job, r.digest) == (given.job, given.digest))

    def metrics(self, run: Run) -> Metrics:
        if run.id in self._metrics:
            return self._metrics[run.id]
        try:
            found = self._outputs.metrics(run.id)
        except MetricsError as error:
            self._summaries.unread[run.id] = f"it has {error}"
            return {}
        if settled(run, datetime.now(UTC)):
            self._metrics[run.id] = found
        return found

    def summaries(self, runs: Sequence[Run]) -> Mapping[str, Metrics]:
        return self._summaries.of(runs)

    def unread(self) -> Mapping[str, str]:
        return self._summaries.unread

    def keep_summaries(self) -> None:
        self._summaries.keep()

    def logs(self, run: Run, *, follow: bool = False) -> Iterator[str]:
        return self._outputs.log(run, follow=follow)

    def artifacts(self, run: Run) -> AzuremlArtifacts:
        return AzuremlArtifacts(self._outputs, self._sdk, run)
