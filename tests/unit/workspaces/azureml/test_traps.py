"""Each trap of the SDK and the service that the reference names, and our answer to it."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitrain.desired import Code, DataPath, Definition, DesiredEnvironment
from gitrain.errors import Location, UnavailableError, WorkspaceError
from gitrain.manifest import (
    Build,
    ClusterSpec,
    EnvironmentMetadata,
    Registry,
    SecretReference,
    SshSettings,
    Value,
)
from gitrain.workspace import Query
from gitrain.workspaces.azureml.clusters.answer import check_made
from gitrain.workspaces.azureml.v1.sdk import check_python
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.emulator import Emulator
from tests.unit.workspaces.azureml.place import a_submission, a_workspace, observed
from tests.unit.workspaces.azureml.test_requests import a_cluster, reported

HERE = Location("jobs/x.yaml")


def an_environment(version: str = "0123456789ab", **definition: Any) -> DesiredEnvironment:
    registry = definition.get("registry")
    secrets = (registry.password.env,) if registry and registry.password else ()
    return DesiredEnvironment(
        name="env",
        metadata=EnvironmentMetadata(name="env"),
        version=version,
        definition=Definition(**definition),
        secrets=secrets,
        location=HERE,
    )


# An outage is not an absence ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 503, 429, 403, 401, 400])
def test_no_cluster_is_made_while_the_service_does_not_say_that_it_is_missing(
    emulator: Emulator, workspace: AzuremlRuns, status: int
) -> None:
    emulator.faults.add("GET .*/computes", times=None, status=status, headers={"Retry-After": "0"})

    with pytest.raises(WorkspaceError) as caught:
        workspace.create_cluster(a_cluster(), "pets")
    with pytest.raises(WorkspaceError):
        observed(workspace)

    assert isinstance(caught.value, UnavailableError) is (status in (500, 503, 429))
    assert emulator.requests.writes == []


@pytest.mark.parametrize("kind", ["environment", "experiment", "run", "arm"])
def test_an_outage_ends_the_observation(
    emulator: Emulator, workspace: AzuremlRuns, kind: str
) -> None:
    workspace.submit(a_submission())
    fresh = a_workspace(Path())
    emulator.faults.add("", kind=kind, times=None, status=503, headers={"Retry-After": "0"})

    with pytest.raises(UnavailableError):
        fresh.observe(Query(project="pets", environments=("env",)))


@pytest.mark.parametrize("fault", [{"reset": True}, {"truncate": True}, {"status": 500}])
def test_a_short_outage_is_none(
    emulator: Emulator, workspace: AzuremlRuns, fault: dict[str, Any]
) -> None:
    workspace.submit(a_submission())
    emulator.faults.add("runs:query", **fault)

    assert len(observed(workspace).runs) == 1


def test_a_workspace_that_does_not_exist_is_named(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.faults.add(r"GET .*workspaces/pets\?api", times=None, status=404)

    with pytest.raises(WorkspaceError, match="cannot find workspace pets") as caught:
        observed(workspace)

    assert not isinstance(caught.value, UnavailableError)


def test_too_many_requests_wait_as_long_as_the_service_asks(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    observed(workspace)
    emulator.faults.add("experiments:query", status=429, headers={"Retry-After": "1"})

    started = time.monotonic()
    observed(workspace)

    assert 1.0 <= time.monotonic() - started < 3.0


# Tokens -------------------------------------------------------------------------------------------


def test_a_token_that_expires_in_the_middle_of_a_wait_is_fetched_anew(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission())
    emulator.tokens.expire()

    assert [one.id for one in observed(workspace).runs] == [run.id]


def test_a_token_is_fetched_before_it_expires(emulator: Emulator, tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, seconds=1.0)
    refusals = emulator.requests

    for _ in range(4):
        observed(workspace)
        time.sleep(0.4)

    assert all(request.status != 401 for request in refusals.of())


def test_a_token_that_is_refused_for_good_is_no_outage(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.faults.add("GET .*workspaces/pets", times=None, status=401)

    with pytest.raises(WorkspaceError, match="denied access") as caught:
        observed(workspace)

    assert not isinstance(caught.value, UnavailableError)


# Snapshots ----------------------------------------------------------------------------------------


def shipped(emulator: Emulator, run_id: str) -> set[str]:
    """The files of a run's snapshot, ours aside."""
    from tests.doubles.azure import snapshots

    folder = emulator.folder / "unpacked" / run_id
    shutil.rmtree(folder, ignore_errors=True)
    snapshots.unpack(emulator, emulator.state.runs[run_id].snapshot, folder)
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    return {name for name in found if not name.endswith((".gitrain-folder", ".amlignore"))}


def a_tree(folder: Path, *names: str) -> Code:
    for name in names:
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_text("same")
    return Code(folder=str(folder), tree="-".join(names))


@pytest.mark.parametrize(("before", "after"), [("d1/f", "d2/f"), ("a/d1/f", "a/d2/f")])
def test_a_renamed_folder_is_no_old_code(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path, before: str, after: str
) -> None:
    """The SDK's hash of a folder leaves names of folders out: it finds "no changes"."""
    first = workspace.submit(a_submission(code=a_tree(tmp_path / "1", "x.py", before)))
    second = workspace.submit(
        a_submission(code=a_tree(tmp_path / "2", "x.py", after), digest="ba9876543210")
    )

    assert shipped(emulator, first.id) == {"x.py", before}
    assert shipped(emulator, second.id) == {"x.py", after}


def test_what_git_has_is_shipped_whatever_an_ignore_file_says(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    code = a_tree(tmp_path / "c", "x.py", "kept.bin", ".gitignore")
    (tmp_path / "c" / ".gitignore").write_text("*.bin\n.*\n")

    run = workspace.submit(a_submission(code=code))

    assert shipped(emulator, run.id) == {"x.py", "kept.bin", ".gitignore"}


@pytest.mark.parametrize("target", ["/etc/hostname", "../outside", "nowhere", "."])
def test_a_link_out_of_the_code_is_refused(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path, target: str
) -> None:
    code = a_tree(tmp_path / "c", "x.py")
    (tmp_path / "outside").write_text("a secret")
    (tmp_path / "c" / "link").symlink_to(target)

    with pytest.raises(WorkspaceError, match="link is a link"):
        workspace.submit(a_submission(code=code))

    assert emulator.state.runs == {}


# What is submitted --------------------------------------------------------------------------------


def test_containers_and_registered_environments_are_used(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    workspace.submit(a_submission())

    [run] = emulator.state.runs.values()
    sent = run.definition["Configuration"]
    assert sent["docker"]["useDocker"] is True
    assert (sent["environment"]["name"], sent["environment"]["version"]) == ("env", "1")
    assert "EXAMPLE_ENV_VAR" not in sent["environmentVariables"]


def test_the_sdks_sample_variable_is_not_registered(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    workspace.register_environment(an_environment(image="i", environment_variables={"A": "1"}))

    [made] = emulator.state.environments["env"].values()
    assert made["environmentVariables"] == {"A": "1"}
    assert made["python"]["userManagedDependencies"] is True
    assert (made["docker"]["baseImage"], made["version"]) == ("i", "0123456789ab")


def test_conda_and_dockerfile_are_registered(emulator: Emulator, workspace: AzuremlRuns) -> None:
    conda = {"name": "c", "dependencies": ["python=3.11", {"pip": ["x"]}]}
    workspace.register_environment(an_environment(dockerfile="FROM i\n", conda=conda))

    [made] = emulator.state.environments["env"].values()
    assert made["docker"]["baseDockerfile"] == "FROM i\n"
    assert made["docker"]["baseImage"] is None
    assert made["python"]["userManagedDependencies"] is False
    assert made["python"]["condaDependencies"]["dependencies"] == ["python=3.11", {"pip": ["x"]}]


def test_a_version_that_exists_is_left_alone(emulator: Emulator, workspace: AzuremlRuns) -> None:
    environment = an_environment(image="i")
    workspace.register_environment(environment)
    emulator.requests.reset()

    workspace.register_environment(environment)

    assert emulator.requests.writes == []


def test_an_answer_lost_while_registering_is_no_failure(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.faults.add("PUT .*/environments/", when="after", status=500)

    workspace.register_environment(an_environment(image="i"))

    assert list(emulator.state.environments["env"]) == ["0123456789ab"]


def test_a_build_folder_is_uploaded_with_its_requirements(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "Dockerfile").write_text("FROM i\n")
    environment = an_environment(
        build=Build(path="b"), folder=str(tmp_path / "b"), build_tree="t", requirements="x==1\n"
    )

    workspace.register_environment(environment)

    [made] = emulator.state.environments["env"].values()
    assert made["docker"]["buildContext"]["dockerfilePath"] == "Dockerfile"
    [uploaded] = list((emulator.folder / "blobs").rglob("Dockerfile"))
    assert "x==1" in uploaded.read_text()
    assert (tmp_path / "b" / "Dockerfile").read_text() == "FROM i\n"


def test_data_that_is_missing_is_named(emulator: Emulator, workspace: AzuremlRuns) -> None:
    data = DataPath(type="uri_folder", path="azureml:pets:9", mode="ro_mount")

    with pytest.raises(WorkspaceError, match="data asset azureml:pets:9 does not exist"):
        workspace.submit(a_submission(inputs={"d": data}))

    assert emulator.state.runs == {}


# Secrets and chatter ------------------------------------------------------------------------------

CANARY = "canary-7f3a9c"


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CANARY", CANARY)
    return CANARY


def a_secret_submission() -> Any:
    variables = {"WANDB_API_KEY": Value(env="CANARY")}
    fields = {"environment_variables": variables}
    return a_submission(fields=fields)


@pytest.mark.parametrize("status", [400, 500])
def test_no_secret_is_printed_logged_or_quoted(
    emulator: Emulator,
    workspace: AzuremlRuns,
    canary: str,
    status: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": {"code": "UserError", "message": f"bad body: {canary}"}}
    emulator.faults.add("snapshotrun|PUT .*environments", times=None, status=status, body=echo)

    registry = Registry(address="a", username="u", password=SecretReference(env="CANARY"))
    with pytest.raises(WorkspaceError) as first:
        workspace.submit(a_secret_submission())
    with pytest.raises(WorkspaceError) as second:
        workspace.register_environment(an_environment(image="i", registry=registry))

    printed = "".join(capfd.readouterr())
    assert canary not in printed + caplog.text + str(first.value) + str(second.value)
    assert first.value.__cause__ is None


def test_a_secret_reaches_the_run_and_nothing_else(
    emulator: Emulator,
    workspace: AzuremlRuns,
    canary: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = workspace.submit(a_secret_submission())

    [made] = emulator.state.runs.values()
    sent = made.definition["Configuration"]["environmentVariables"]
    assert sent["WANDB_API_KEY"] == canary
    assert canary not in str(made.dto) + str(run) + str(observed(workspace))
    assert capfd.readouterr() == ("", "")


def test_a_secret_that_is_not_set_is_named_and_nothing_starts(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    with pytest.raises(WorkspaceError, match="CANARY is not set"):
        workspace.submit(a_secret_submission())

    settings = SshSettings(admin_username="me", admin_password=SecretReference(env="CANARY"))
    with pytest.raises(WorkspaceError, match="CANARY is not set"):
        workspace.create_cluster(a_cluster(ssh_settings=settings), "pets")
    assert emulator.state.runs == {}


def test_a_registry_gets_its_password_when_it_is_registered(
    emulator: Emulator, workspace: AzuremlRuns, canary: str
) -> None:
    registry = Registry(address="a.io", username="u", password=SecretReference(env="CANARY"))

    workspace.register_environment(an_environment(image="i", registry=registry))

    [made] = emulator.state.environments["env"].values()
    kept = made["docker"]["baseImageRegistry"]
    assert (kept["address"], kept["username"], kept["password"]) == ("a.io", "u", canary)


def test_the_address_of_a_remote_is_stored_without_its_credentials(
    emulator: Emulator,
    canary: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The SDK looks for Git around the staged folder, and in the environment."""
    git: Callable[..., Any] = lambda *words: subprocess.run(  # noqa: E731
        ["git", "-C", str(tmp_path), *words], check=True, capture_output=True
    )
    git("init", "-q")
    git("remote", "add", "origin", f"https://me:{canary}@host/team/pets.git")
    monkeypatch.setenv("AZUREML_GIT_REPOSITORY_URI", f"https://me:{canary}@host/x")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))

    a_workspace(tmp_path).submit(a_submission(commit="c0ffee"))

    [made] = emulator.state.runs.values()
    assert canary not in str(made.dto) + str(emulator.state.snapshots)
    assert made.properties["azureml.git.repository_uri"] == "https://host/team/pets.git"
    assert made.properties["azureml.git.commit"] == "c0ffee"
    assert os.environ["AZUREML_GIT_REPOSITORY_URI"].startswith("https://me")


def test_nothing_but_the_workspace_is_asked(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the name of a cloud the SDK asks management.azure.com for all clouds."""
    monkeypatch.delenv("AZUREML_CURRENT_CLOUD")

    a_workspace(tmp_path).submit(a_submission())

    assert not emulator.requests.refused_hosts
    assert set(emulator.requests.connects) <= {f"{emulator.place.blob_host}:443",
                                               emulator.place.blob_host}  # fmt: skip


# Python -------------------------------------------------------------------------------------------


def test_a_python_that_breaks_the_sdk_is_refused_before_the_first_write(
    emulator: Emulator, workspace: AzuremlRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    monkeypatch.setitem(sys.modules, "imghdr", None)

    with pytest.raises(WorkspaceError, match=r"Python 3\.13"):
        workspace.submit(a_submission())
    with pytest.raises(WorkspaceError, match=r"Python 3\.13"):
        workspace.register_environment(an_environment(image="i"))

    monkeypatch.undo()
    assert emulator.requests.writes == []


def test_a_python_with_the_missing_module_is_fine() -> None:
    check_python((3, 13), imghdr=True)
    check_python((3, 12), imghdr=False)


# Clusters -----------------------------------------------------------------------------------------


def test_a_cluster_is_usable_when_its_making_returns(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.switches.set(provisioning_seconds=0.3)

    workspace.create_cluster(a_cluster(), "pets")

    made = emulator.state.computes["gpu"]
    assert made["properties"]["provisioningState"] == "Succeeded"
    seen = workspace.observe(Query(project="pets")).clusters["gpu"]
    assert (seen.project, seen.labels, seen.description) == ("pets", {"team": "vision"}, "d")


def test_a_cluster_that_azure_cannot_make_is_an_error_with_its_reason(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.switches.set(broken_clusters="gpu")

    with pytest.raises(WorkspaceError, match="cluster gpu: provisioning failed: "):
        workspace.create_cluster(a_cluster(), "pets")


def test_what_came_back_is_compared_with_what_was_asked() -> None:
    body = reported(vmSize="STANDARD_NC24", scaleSettings={})

    with pytest.raises(WorkspaceError, match="requested size Standard_NC6"):
        check_made(a_cluster(), body)


def test_a_lost_answer_to_a_deletion_is_no_failure(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    workspace.create_cluster(a_cluster(), "pets")
    emulator.switches.set(provisioning_seconds=0.2)
    emulator.faults.add("DELETE .*/computes/", when="after", reset=True)

    workspace.delete_cluster("gpu")

    assert "gpu" not in emulator.state.computes


def test_a_region_that_cannot_give_it_is_noted_and_no_failure(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    asked = {
        "a": ClusterSpec(size="Standard_X", max_instances=1),
        "b": ClusterSpec(size="Standard_NC24s_v3", max_instances=100),
    }

    notes = workspace.observe(Query(project="pets", asked=asked)).notes

    assert any("Cluster/a: the region does not offer Standard_X" in note for note in notes)
    assert any("Cluster/b: the quota leaves 200 cores" in note for note in notes)

    emulator.faults.add("/vmSizes", times=None, status=403)
    assert workspace.observe(Query(project="pets", asked=asked)).notes == ()


def test_runs_that_use_a_cluster_are_counted(emulator: Emulator, workspace: AzuremlRuns) -> None:
    workspace.submit(a_submission())

    seen = workspace.observe(Query(project="pets", clusters=("cpu",))).clusters["cpu"]

    assert (seen.active_runs, seen.project) == (1, "")


# Requests -----------------------------------------------------------------------------------------


def test_a_plan_without_changes_asks_little_however_many_jobs(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    """At most 6, one for each environment, one for each experiment."""
    for number in range(12):
        placement = {"experiment_name": f"e{number % 3}", "compute": "cpu"}
        workspace.submit(a_submission(job=f"j{number}", placement=placement))
    ids = tuple(emulator.state.runs)
    emulator.requests.reset()

    query = Query(project="pets", clusters=("cpu",), environments=("env", "none"), run_ids=ids)
    seen = a_workspace(tmp_path).observe(query)

    assert len(seen.runs) == 12
    asked = len(emulator.requests.of())
    assert asked == 4 + 2 + 3, emulator.requests.counts()
    assert emulator.requests.writes == []


def test_further_runs_come_in_pages(emulator: Emulator, workspace: AzuremlRuns) -> None:
    for number in range(5):
        workspace.submit(a_submission(job=f"j{number}"))
    emulator.switches.set(page_size=2)
    emulator.requests.reset()

    assert len(observed(workspace).runs) == 5
    assert sum("runs:query" in request.path for request in emulator.requests.of()) == 3
