"""Starts runs exactly once: the start request has our id, which is looked up before and after."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from gitrain.errors import GitrainError, UnavailableError, WorkspaceError
from gitrain.identity import Identity
from gitrain.observed import Phase, Run, Tags
from gitrain.secrets.values import hiding
from gitrain.source.repository import Repository
from gitrain.workspace import Stage, Submission
from gitrain.workspaces.azureml.http.addresses import ASSET_VERSION, Connection
from gitrain.workspaces.azureml.http.requests import NotFoundError, Wire
from gitrain.workspaces.azureml.observe import Observation
from gitrain.workspaces.azureml.outputs import paths
from gitrain.workspaces.azureml.runs.answer import UNTAGGED, runs_of
from gitrain.workspaces.azureml.runs.record import own_record, record_of
from gitrain.workspaces.azureml.runs.tags import Marks
from gitrain.workspaces.azureml.v1.configuration import StartRequest, experiment_of, start_request
from gitrain.workspaces.azureml.v1.sdk import Sdk, git_hidden
from gitrain.workspaces.azureml.v1.sdk_objects import run_configuration
from gitrain.workspaces.azureml.v1.snapshot import staged

_LAGS = (0.2, 0.6, 1.2)


class Starts:
    """Submits to one workspace. `root` is the project's."""

    def __init__(
        self, wire: Wire, connection: Connection, sdk: Sdk, root: Path, stage: Stage
    ) -> None:
        self._wire = wire
        self._connection = connection
        self._sdk = sdk
        self._root = root
        self._stage = stage
        self._marks = Marks(wire, connection)

    def submit(self, submission: Submission) -> Run:
        self._sdk.check()
        existing = self._existing(submission)
        if existing is not None:
            return existing
        # A path that no other run uses, on a machine that may run several at once.
        request = start_request(submission, f"/tmp/gitrain/{secrets.token_hex(8)}")
        addresses = self._addresses(request)
        self._own_experiment(submission)
        try:
            with hiding(request.secrets.values()):
                self._start(request, submission, addresses)
        except GitrainError as error:
            # The start may have succeeded although its answer was lost.
            self._look(submission.run_id, patient=_may_have_started(error))
            existing = self._existing(submission)
            if existing is None:
                raise
            return existing
        body = self._look(submission.run_id, patient=True)
        if body is None:
            return _untold(submission, self._connection.link(submission.run_id))
        return self._recorded(submission, body)

    def _look(self, run_id: str, *, patient: bool = False) -> Mapping[str, Any] | None:
        """The run as Azure ML shows it; `patient`: one that just started may appear a bit later."""
        found: Mapping[str, Any] | None = self._wire.find(self._connection.run(run_id))
        for pause in _LAGS if patient else ():
            if found is None:
                time.sleep(pause)
                found = self._wire.find(self._connection.run(run_id))
        return found

    def _is_absent(self, run_id: str) -> bool:
        return self._look(run_id, patient=True) is None

    def _existing(self, submission: Submission) -> Run | None:
        """The run of this id, with its record written if that was interrupted; None without one.

        Raises WorkspaceError when it is not this job's."""
        body = self._look(submission.run_id)
        if body is None:
            return None
        record = own_record(body.get("properties") or {})
        known = record or Observation(self._wire, self._connection).carried(body)
        _check_owner(submission, known.identity if known else None)
        if record is None:
            return self._recorded(submission, body)
        link = self._connection.link(submission.run_id)
        [run, *_] = runs_of(body, submission.identity.project, link)
        return run

    def _recorded(self, submission: Submission, body: Mapping[str, Any]) -> Run:
        """Write the run's record and tags. If that fails, the run is live all the same: its id
        and its variables say whose it is, and the next reconcile writes the rest."""
        record = record_of(submission)
        link = self._connection.link(submission.run_id)
        try:
            body = self._marks.record(body, record, submission.tags, self._git(submission))
            [run, *_] = runs_of(body, submission.identity.project, link)
        except GitrainError:
            return _untold(submission, link)
        return run

    def _git(self, submission: Submission) -> dict[str, str]:
        """What the studio shows of the source; the address without its credentials."""
        if not submission.commit:
            return {}
        url = ""
        with suppress(GitrainError):
            url = Repository(self._root).remote_url
        found = {
            "azureml.git.commit": submission.commit,
            "azureml.git.dirty": str(submission.dirty),
            "mlflow.source.git.commit": submission.commit,
        }
        if url:
            found |= {"azureml.git.repository_uri": url, "mlflow.source.git.repoURL": url}
        return found

    def _addresses(self, request: StartRequest) -> dict[str, str]:
        """Where each input is; a data asset is asked for its path."""
        return {name: self._located(mount.address) for name, mount in request.inputs.items()}

    def _located(self, address: str) -> str:
        asset = paths.asset(address)
        if asset is None:
            return address
        url = self._connection.resource("data", asset[0], "versions", asset[1])
        try:
            return str(self._wire.get(url, **ASSET_VERSION)["properties"]["dataUri"])
        except NotFoundError:
            raise WorkspaceError(f"data asset {address} does not exist") from None

    def _own_experiment(self, submission: Submission) -> None:
        """Create the experiment and mark it before the run starts: runs are found through it."""
        self._marks.own_experiment(experiment_of(submission), submission.identity.project)

    def _start(
        self, request: StartRequest, submission: Submission, addresses: Mapping[str, str]
    ) -> None:
        with staged(self._stage, submission.code) as folder, self._sdk.workspace() as workspace:
            from azureml.core import Experiment

            environment = self._sdk.environment(workspace, *request.environment)
            config = run_configuration(request, environment, folder, addresses)
            experiment = Experiment(
                workspace, request.experiment, _create_in_cloud=False, _skip_name_validation=True
            )
            absent = partial(self._is_absent, request.run_id)
            with git_hidden(folder), self._sdk.starting(absent):
                experiment.submit(config, run_id=request.run_id)


def _may_have_started(error: GitrainError) -> bool:
    return isinstance(error, UnavailableError) or "exist" in str(error).casefold()


def _check_owner(submission: Submission, owner: Identity | None) -> None:
    given = submission.identity
    if owner and (owner.run_id, owner.job) == (given.run_id, given.job):
        return
    whose = f"job {owner.job} of project {owner.project}" if owner else "something else"
    raise WorkspaceError(f"run {given.run_id} belongs to {whose}: rename the job or the project")


def _untold(submission: Submission, link: str) -> Run:
    return Run(
        identity=submission.identity,
        phase=Phase.QUEUED,
        forced=submission.forced,
        tags=Tags(variant=submission.tags.variant, display_name=UNTAGGED),
        commit=submission.commit,
        dirty=submission.dirty,
        link=link,
    )
