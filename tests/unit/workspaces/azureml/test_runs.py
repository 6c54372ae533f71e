"""Runs on the emulator: exactly once, found again after any interruption, distinguished, ended."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from gitrain.desired import Code, DataPath, Text, Upstream
from gitrain.errors import WorkspaceError
from gitrain.manifest import Distribution, JobSpec, Limits, Output, Value
from gitrain.observed import Cause, Phase, Point, Tags
from gitrain.workspaces.azureml.runs.answer import UNTAGGED
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.emulator import Emulator
from tests.runs import DIGEST, an_adoption
from tests.unit.workspaces.azureml.place import a_submission, a_workspace, observed, the_run

STORE = "azureml://datastores/workspaceblobstore/paths"


def the_one(emulator: Emulator):  # type: ignore[no-untyped-def]
    [run] = emulator.state.runs.values()
    return run


# Exactly once -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["refused", "conflict", "accepted"])
@pytest.mark.parametrize("fault", [{"status": 500}, {"reset": True}])
def test_an_answer_that_is_lost_starts_one_run(
    emulator: Emulator, workspace: AzuremlRuns, how: str, fault: dict[str, object]
) -> None:
    """The SDK sends the start again by itself, and is told that the id is taken."""
    emulator.switches.set(second_submission=how)
    emulator.faults.add("snapshotrun", when="after", **fault)

    run = workspace.submit(a_submission())

    assert run.id == the_one(emulator).id
    assert (run.job, run.tags) == ("train", Tags())
    assert the_run(workspace, run).tags == Tags()


def test_a_start_that_never_came_through_is_an_error(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.faults.add("snapshotrun", times=None, status=400, body={"error": {"message": "no"}})

    with pytest.raises(WorkspaceError, match="no"):
        workspace.submit(a_submission())

    assert observed(workspace).runs == ()


def test_two_at_once_start_one_run(emulator: Emulator, tmp_path: Path) -> None:
    submission = a_submission()
    first, second = a_workspace(tmp_path), a_workspace(tmp_path)
    # The second looks before the first has started.
    emulator.faults.lag("run", reads=1)
    first.submit(submission)

    run = second.submit(submission)

    assert the_one(emulator).submissions == 1
    assert run.id == submission.run_id


def test_a_run_that_was_cut_off_before_it_was_tagged_is_recognised_and_repaired(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    submission = a_submission(
        canonical={"command": "true", "inputs": {"n": "8"}},
        placement={"compute": "cpu"},
        tags=Tags(labels={"team": "v"}, display_name="n", variant=True),
        commit="c0ffee",
    )
    emulator.faults.add("PATCH .*experimentids.*/runs/", times=None, status=500)

    started = workspace.submit(submission)

    assert started.phase is Phase.QUEUED
    emulator.faults.clear()
    [found] = observed(workspace).runs
    assert (found.job, found.digest, found.attempt) == ("train", DIGEST, 1)
    assert (found.identity, found.commit) == (submission.identity, "c0ffee")
    assert found.tags == Tags(display_name=UNTAGGED, variant=True)

    workspace.tag(found.id, submission.tags)

    assert the_run(workspace, found).tags == submission.tags
    tags = the_one(emulator).tags
    assert (tags["gitrain_job"], tags["team"]) == ("train", "v")


def test_submitting_again_writes_what_was_cut_off(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    submission = a_submission(tags=Tags(display_name="n"))
    emulator.faults.add("PATCH .*experimentids.*/runs/", times=None, status=500)
    workspace.submit(submission)
    emulator.faults.clear()

    run = workspace.submit(submission)

    assert run.tags == submission.tags
    assert the_one(emulator).submissions == 1


def test_a_run_of_our_form_that_is_somebody_elses_is_foreign(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    theirs = a_submission(project="pets-old", job="x")
    workspace.submit(theirs)

    seen = observed(workspace, theirs.run_id)

    assert seen.runs == ()
    assert seen.foreign_runs == {theirs.run_id}


def test_an_experiment_may_be_renamed_and_shared(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission(placement={"experiment_name": "shared"}))
    workspace.submit(a_submission(project="cats", placement={"experiment_name": "shared"}))
    experiment = emulator.state.experiments.pop("shared")
    experiment["name"] = "renamed"
    emulator.state.experiments["renamed"] = experiment
    for one in emulator.state.runs.values():
        one.experiment = "renamed"

    assert [one.id for one in observed(workspace).runs] == [run.id]
    assert len(observed(workspace, project="cats").runs) == 1


# What is on a run ---------------------------------------------------------------------------------


def test_tags_are_for_filters_and_labels_go_when_they_go(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    tags = Tags(labels={"team": "v", "a": "1"}, description="d", display_name="n")
    run = workspace.submit(a_submission(tags=tags))
    theirs = the_one(emulator)
    theirs.tags["person"] = "wrote this"

    workspace.tag(run.id, Tags(labels={"team": "w"}))

    assert {k: v for k, v in theirs.tags.items() if not k.startswith("gitrain_")} == (
        {"team": "w", "person": "wrote this"}
    )
    assert theirs.tags["gitrain_digest"] == DIGEST
    assert (theirs.dto["displayName"], theirs.dto["description"]) == ("n", "d")


def test_a_cause_is_recorded_before_the_cancel_is_sent(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission())
    emulator.faults.add("/cancel", times=None, status=400)

    with pytest.raises(WorkspaceError):
        workspace.cancel(run.id, Cause.SUPERSEDED)

    assert the_run(workspace, run).cause is Cause.SUPERSEDED
    emulator.faults.clear()
    workspace.cancel(run.id, Cause.PERSON)
    assert (the_run(workspace, run).phase, the_run(workspace, run).cause) == (
        *(Phase.CANCELED, Cause.SUPERSEDED),
    )


def test_a_cancel_in_the_studio_is_a_persons(emulator: Emulator, workspace: AzuremlRuns) -> None:
    run = workspace.submit(a_submission())
    emulator.jobs.cancel(run.id)

    seen = the_run(workspace, run)

    assert (seen.phase, seen.cause, seen.counts) == (Phase.CANCELED, Cause.PERSON, True)


def test_a_run_that_something_else_made_is_adopted(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    made = workspace.submit(a_submission(project="cats"))
    stranger = the_one(emulator)
    for mine in (stranger.properties, stranger.tags):
        for key in [key for key in mine if key.startswith("gitrain")]:
            del mine[key]
    stranger.definition["Configuration"]["environmentVariables"] = {}
    emulator.jobs.drive(made.id, status="Completed")
    place = f"{STORE}/theirs/model"
    emulator.blobs.put(emulator.blobs.container, "theirs/model/w", b"weights")

    run = workspace.adopt(
        an_adoption(made.id, job="train", digest=DIGEST, outputs={"model": place})
    )

    assert observed(workspace).runs == (run,)
    assert (run.adopted, run.outputs) == (True, {"model": place})
    assert workspace.artifacts(run).names() == ("model/w",)


# What a run gets and leaves -----------------------------------------------------------------------


def test_a_run_gets_its_data_and_leaves_its_outputs(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "the-canary")
    emulator.switches.set(execution="processes")
    emulator.blobs.put(emulator.blobs.container, "in/data.txt", b"datum")
    emulator.add_data("asset", "1", f"{STORE}/in")
    code = tmp_path / "code"
    code.mkdir()
    (code / "run.sh").write_text(
        'cat "$1/data.txt" "$ASSET/data.txt" > $2/w && echo $SECRET > $2/secret.$RANK && '
        "printf 'it ran' && mkdir -p outputs && "
        'echo \'{"step": 1, "a": 2}\' > outputs/metrics.jsonl'
    )
    spec = JobSpec(
        command="sh run.sh '${{inputs.data}}' ${{outputs.model}}",
        compute="cpu",
        environment="env",
        outputs={"model": Output()},
        distribution=Distribution(type="pytorch", process_count_per_instance=2),
        environment_variables={"ASSET": "${{inputs.asset}}", "SECRET": Value(env="CANARY")},
    )
    inputs = {
        "data": DataPath(type="uri_folder", path=f"{STORE}/in", mode="ro_mount"),
        "asset": DataPath(type="uri_folder", path="azureml:asset:1", mode="download"),
    }
    submission = a_submission(
        spec=spec,
        inputs=inputs,
        code=Code(folder=str(code), tree="t1"),
        canonical={"outputs": {"model": {}}},
    )

    run = workspace.submit(submission)
    emulator.jobs.wait(run.id)

    run = the_run(workspace, run)
    assert (run.phase, run.reason, run.exit_code) == (Phase.COMPLETED, "", 0)
    assert "it ran" in "".join(workspace.logs(run))
    assert workspace.metrics(run) == {"a": (Point(1, 2.0),)}
    written = workspace.artifacts(run).download(tmp_path / "down")
    assert [path.relative_to(tmp_path / "down").as_posix() for path in written] == [
        *("model/secret.0", "model/secret.1", "model/w", "outputs/metrics.jsonl"),
    ]
    assert written[2].read_text() == "datumdatum"
    assert written[0].read_text() == "the-canary\n"

    edge = Upstream(job="train", output="model", run_id=run.id)
    after = JobSpec(command="cat ${{inputs.m}}/w; exit ${{inputs.n}}", compute="cpu")
    second = workspace.submit(
        a_submission(spec=after, job="after", inputs={"m": edge, "n": Text("3")})
    )
    emulator.jobs.wait(second.id)
    second = the_run(workspace, second)
    assert (second.phase, second.reason, second.exit_code) == (Phase.FAILED, "exit code 3", 3)
    assert "".join(workspace.logs(second)) == "datumdatum"


def test_an_output_that_comes_in_pieces_is_whole(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    """The SDK asks for 32 MiB at first, and then for 4 at a time."""
    spec = JobSpec(command="x ${{outputs.m}}", compute="cpu", outputs={"m": Output()})
    run = workspace.submit(a_submission(spec=spec, canonical={"outputs": {"m": {}}}))
    emulator.jobs.drive(run.id, "Completed")
    model = random.Random(1).randbytes(37 * 2**20 + 1)
    for name, content in (("model", model), ("empty", b"")):
        emulator.blobs.put(emulator.blobs.container, f"gitrain/{run.id}/m/{name}", content)

    empty, whole = workspace.artifacts(the_run(workspace, run)).download(tmp_path / "down")

    assert (empty.read_bytes(), whole.read_bytes() == model) == (b"", True)


def test_checkpoints_outlive_a_preemption_and_go_when_the_run_completes(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.switches.set(execution="processes")
    command = (
        "if [ -e $GITRAIN_CHECKPOINT_DIR/c ]; then echo resumed; "
        "else echo x > $GITRAIN_CHECKPOINT_DIR/c; echo first; sleep 60; fi"
    )
    run = workspace.submit(a_submission(command, fields={"checkpoints": True}))
    emulator.jobs.wait(run.id, 20, "Running")
    folder = f"gitrain/checkpoints/pets/train/{DIGEST}"
    blobs = emulator.blobs
    while not blobs.names(blobs.container, folder):
        pass

    emulator.jobs.preempt(run.id)
    emulator.jobs.wait(run.id)

    ended = the_run(workspace, run)
    assert (ended.phase, ended.attempt, ended.preempted) == (Phase.COMPLETED, 1, False)
    assert "resumed" in "".join(workspace.logs(ended))
    assert blobs.names(blobs.container, folder) == []


def test_a_timeout_is_a_failure(emulator: Emulator, workspace: AzuremlRuns) -> None:
    emulator.switches.set(execution="processes")
    fields = {"limits": Limits(timeout=1)}
    placement = {"compute": "cpu", "limits.timeout": 1}
    run = workspace.submit(a_submission("sleep 30", fields=fields, placement=placement))

    assert emulator.jobs.wait(run.id) == "Canceled"

    ended = the_run(workspace, run)
    assert (ended.phase, ended.reason) == (Phase.FAILED, "stopped after its timeout of 1 s")


def test_an_image_that_cannot_be_built_is_the_reason_and_the_log(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    emulator.switches.set(execution="processes", broken_images="env")
    run = workspace.submit(a_submission())
    emulator.jobs.wait(run.id)

    run = the_run(workspace, run)

    assert "could not be built" in run.reason
    assert "No matching distribution" in "".join(workspace.logs(run))


def test_metrics_of_the_run_history_go_first_and_come_in_batches(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission())
    emulator.switches.set(page_size=2)
    values = [0.1, 0.2, 0.3, 0.4, 0.5]
    lines = json.dumps({"step": 1, "other": 1})
    emulator.jobs.drive(
        run.id, status="Completed", metrics={"acc": values, "loss": 1.0, "x": 2.0},
        files={"outputs/metrics.jsonl": lines},
    )  # fmt: skip

    found = workspace.metrics(the_run(workspace, run))

    assert found.keys() == {"acc", "loss", "x"}
    assert [point.value for point in found["acc"]] == values


def test_a_failure_of_the_workspace_is_no_empty_answer(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission())
    emulator.faults.add("/metric/", times=None, status=503)

    with pytest.raises(WorkspaceError):
        workspace.metrics(run)
