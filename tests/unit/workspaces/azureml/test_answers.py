"""What Azure ML's answers mean: runs, records, metrics, errors. No SDK, no network."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gitrain.errors import WorkspaceError
from gitrain.manifest import ClusterSpec
from gitrain.metrics import MetricsReader
from gitrain.observed import Cause, Phase, Point, Tags
from gitrain.workspaces.azureml.clusters.quota import quota_note, size_note
from gitrain.workspaces.azureml.outputs.paths import asset, parts_of
from gitrain.workspaces.azureml.outputs.read import log_names
from gitrain.workspaces.azureml.outputs.series import series
from gitrain.workspaces.azureml.runs import phases
from gitrain.workspaces.azureml.runs import record as records
from gitrain.workspaces.azureml.runs.answer import UNTAGGED, may_be_ours, runs_of, waiting
from gitrain.workspaces.azureml.runs.record import Record
from tests.runs import an_identity

RECORD = Record(identity=an_identity())


def a_record(**given: Any) -> Record:
    return Record(identity=an_identity(**given))


def a_body(status: str = "Running", record: Record = RECORD, **given: Any) -> dict[str, Any]:
    return {
        "runId": "pets-train-0123456789ab-1",
        "status": status,
        "createdUtc": "2026-01-01T00:00:00.5+00:00",
        "startTimeUtc": "2026-01-01T00:01:00Z",
        "endTimeUtc": "2026-01-01T00:02:00Z",
        "properties": records.properties(record),
        "tags": records.identity_tags(record) | records.change_tags(Tags()),
        **given,
    }


@pytest.mark.parametrize(("status", "phase"), sorted(phases.PHASES.items()))
def test_every_status_has_its_phase(status: str, phase: Phase) -> None:
    [run] = runs_of(a_body(status), "pets", "link")

    assert run.phase is phase
    assert bool(run.ended_at) is not run.phase.live


def test_an_unknown_status_is_never_guessed() -> None:
    with pytest.raises(WorkspaceError, match="'Paused'"):
        list(runs_of(a_body("Paused"), "pets", ""))


def test_another_projects_run_may_have_any_status() -> None:
    assert list(runs_of(a_body("Paused"), "cats", "")) == []


def test_times_sort_as_texts() -> None:
    [run] = runs_of(a_body("Completed"), "pets", "")

    assert run.submitted_at == "2026-01-01T00:00:00.500Z"
    assert (run.started_at, run.ended_at) == (
        *("2026-01-01T00:01:00.000Z", "2026-01-01T00:02:00.000Z"),
    )


def test_a_cancel_without_a_recorded_cause_is_a_persons() -> None:
    [run] = runs_of(a_body("Canceled"), "pets", "")

    assert (run.phase, run.cause, run.counts) == (Phase.CANCELED, Cause.PERSON, True)


def test_our_cancel_counts_as_never_run() -> None:
    body = a_body("Canceled")
    body["tags"][records.CAUSE] = "superseded"

    [run] = runs_of(body, "pets", "")

    assert (run.cause, run.counts, run.reason) == (Cause.SUPERSEDED, False, "canceled: superseded")


@pytest.mark.parametrize(("limit", "phase"), [(60, Phase.FAILED), (61, Phase.CANCELED)])
def test_a_timeout_is_a_failure_by_the_runs_own_fault(limit: int, phase: Phase) -> None:
    """Azure ML calls it Canceled, as if somebody had asked."""
    record = a_record(placement={"limits.timeout": limit})

    [run] = runs_of(a_body("Canceled", record), "pets", "")

    assert run.phase is phase
    assert ("timeout" in run.reason) is (phase is Phase.FAILED)


def test_a_run_without_its_tags_is_known_and_shown_to_lack_them() -> None:
    [run] = runs_of(a_body(tags={}), "pets", "")

    assert (run.job, run.tags.display_name) == ("train", UNTAGGED)


def test_a_run_of_our_form_without_a_record_may_be_ours() -> None:
    assert may_be_ours(a_body(properties={}), "pets")
    assert not may_be_ours(a_body(), "pets")
    assert not may_be_ours(a_body(properties={}), "cats")
    assert not may_be_ours(a_body(properties={}, runId="pets-other"), "pets")


def test_a_run_that_bears_a_copy_of_anothers_record_is_none_of_ours() -> None:
    """As when somebody clones a run in the studio: what it runs now, only they know."""
    assert list(runs_of(a_body(runId="clever_tree_x1"), "pets", "")) == []


def test_a_queued_run_says_what_it_waits_for() -> None:
    record = a_record(placement={"compute": "azureml:gpu"})
    [run] = runs_of(a_body("Queued", record), "pets", "")

    assert waiting(run, ()).reason == "waits for gpu"
    assert waiting(run, ("no quota",)).reason == "waits for gpu: no quota"


@pytest.mark.parametrize(
    ("code", "message", "reason", "exit_code"),
    [
        ("UserError", "User process 'sh' exited with status code 3. Please check log file x.",
         "exit code 3", 3),
        ("UserError", "exited with code 137", "exit code 137 (ended by SIGKILL: out of memory?)",
         137),
        ("ImageBuildFailure", "Image build failed.", "the environment's image could not be built "
         "(see `gitrain logs`): Image build failed.", None),
        ("UserError", "Job was preempted", "its node was preempted: Job was preempted", None),
        ("ServiceError", "The node was lost", "its node was lost: The node was lost", None),
        ("", "ValueError: no such file", "ValueError: no such file", None),
    ],
)  # fmt: skip
def test_a_failure_has_a_reason_that_a_person_understands(
    code: str, message: str, reason: str, exit_code: int | None
) -> None:
    error = {"error": {"code": code, "message": message, "details": [], "innerError": None}}

    [run] = runs_of(a_body("Failed", error=error), "pets", "")

    assert (run.reason, run.exit_code) == (reason, exit_code)


# Records ------------------------------------------------------------------------------------------


def test_a_record_comes_back_whole_within_the_limits() -> None:
    canonical = {
        "command": "x",
        "inputs": {f"i{n}": f"{n * 7919 % 1009:x}" * 9 for n in range(400)},
    }
    record = a_record(canonical=canonical, placement={"compute": "gpu"})

    written = records.properties(record)

    assert len(written) > 1
    assert len(written) <= 50
    assert all(len(key) <= 100 and len(value) <= 1000 for key, value in written.items())
    assert records.own_record(written) == record


def test_what_no_run_could_hold_leaves_the_identity() -> None:
    import random

    text = "".join(random.Random(1).choices("0123456789abcdefghijklmnopqrstuv", k=60_000))
    record = a_record(canonical={"command": text})

    written = records.properties(record)

    assert len(written) <= 50
    assert records.own_record(written) == RECORD


@pytest.mark.parametrize(
    "tags",
    [
        Tags(),
        Tags(labels={"a": "1", "gitrain_job": "no"}, description="d", display_name="n"),
        Tags(labels={f"label{n}": "v" * 200 for n in range(60)}, variant=True),
        Tags(description="long " * 2000),
    ],
)
def test_tags_come_back_whole_within_the_limits(tags: Tags) -> None:
    written = records.change_tags(tags) | records.identity_tags(RECORD)

    assert len(written) < 50
    assert all(len(key) <= 100 and len(value) <= 1000 for key, value in written.items())
    assert records.own_tags(written) == tags
    assert written["gitrain_job"] == "train"


def test_a_shorter_change_after_a_longer_one_is_read_right() -> None:
    longer, shorter = (
        Tags(labels={f"label{n}": "v" * 200 for n in range(60)}),
        Tags(labels={"a": "b"}),
    )

    both = records.change_tags(longer) | records.change_tags(shorter)

    assert records.own_tags(both) == shorter
    assert "label0" in records.obsolete(records.change_tags(longer), shorter)


def test_a_run_may_be_adopted_as_several_jobs_and_again() -> None:
    other = msgspec.structs.replace(a_record(job="other"), outputs={"m": "azureml://x"})
    properties, tags = records.adoption(RECORD, Tags(display_name="a"))
    for record in (msgspec.structs.replace(other, outputs={}), other):
        more, pointer = records.adoption(record, Tags())
        properties, tags = properties | more, tags | pointer

    found = {(one.record.identity.job, one.tags.display_name): one.record for one in
             records.adoptions(properties, tags)}  # fmt: skip

    assert found == {("train", "a"): RECORD, ("other", ""): other}


def test_an_experiment_is_marked_by_a_key_that_a_filter_can_name() -> None:
    keys = [records.experiment_tag(project) for project in ("my-proj", "my_proj", "a")]

    assert all(key.isidentifier() for key in keys)
    assert len(set(keys)) == 3


# Metrics ------------------------------------------------------------------------------------------


def a_metric(*rows: tuple[int | None, Any], name: str = "acc") -> dict[str, Any]:
    values = [{"step": step, "data": {name: value}} for step, value in rows]
    return {"name": name, "columns": {name: "double"}, "value": values}


def test_steps_are_the_runs_own() -> None:
    assert series([a_metric((2, 0.5), (1, 0.25), (2, 0.75))]) == {
        "acc": (Point(1, 0.25), Point(2, 0.75))
    }


@pytest.mark.parametrize("step", [None, 0])
def test_values_without_steps_are_counted(step: int | None) -> None:
    assert series([a_metric((step, 3), (step, 2.5))]) == {"acc": (Point(1, 3.0), Point(2, 2.5))}


def test_only_numbers_are_metrics() -> None:
    found = series([a_metric((1, "text"), name="t"), a_metric((1, True), name="b")])

    assert found == {}
    assert str(series([a_metric((1, "NaN"))])["acc"][0].value) == "nan"


def test_columns_of_a_table_are_metrics_of_their_own() -> None:
    metric = {
        "name": "t",
        "columns": {"a": "double", "b": "string"},
        "value": [{"step": None, "data": {"a": 1, "b": "x"}}],
    }

    assert series([metric]) == {"t.a": (Point(0, 1.0),)}


def test_lines_are_read_like_everywhere() -> None:
    text = (
        b'{"step": 1, "a": 1, "s": "x"}\n{"epoch": 2.0, "a": NaN}\nbroken\n{"a": true}\n{"b": 5}\n'
    )

    found = MetricsReader().feed(text).series()

    assert (found["b"], found["a"][0]) == ((Point(5, 5.0),), Point(1, 1.0))
    assert str(found["a"][1].value) == "nan"


# Places, logs, notes ------------------------------------------------------------------------------


def test_addresses() -> None:
    assert asset("azureml:pets:1") == ("pets", "1")
    assert asset("azureml://datastores/d/paths/p") is None
    assert parts_of("azureml://datastores/d/paths/a/b/") == ("d", "a/b")
    long = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/a"
    assert parts_of(long) == ("d", "a")
    with pytest.raises(WorkspaceError):
        parts_of("https://x/y")


def test_logs_fall_back_to_the_images_build_and_the_system() -> None:
    system, build, own = (
        *("system_logs/a.log", "azureml-logs/20_image_build_log.txt", "user_logs/std_log.txt"),
    )
    assert log_names((system, build, own)) == (own,)
    assert log_names((system, build)) == (build,)
    assert log_names((system,)) == (system,)
    assert log_names(()) == ()


SIZES = [{"name": "STANDARD_NC6", "family": "standardNCFamily", "vCPUs": 6}]


def test_a_size_that_the_region_lacks_is_noted() -> None:
    lacking = ClusterSpec(size="Standard_X", max_instances=1)

    assert "Standard_X" in size_note("gpu", lacking, SIZES)
    assert size_note("gpu", ClusterSpec(size="standard_nc6", max_instances=1), SIZES) == ""
    assert size_note("gpu", lacking, []) == ""


def test_a_quota_below_what_is_asked_is_noted() -> None:
    usages = [{"name": {"value": "standardNCFamily"}, "currentValue": 188, "limit": 200}]
    spec = ClusterSpec(size="Standard_NC6", max_instances=4)

    assert "12 cores" in (note := quota_note("gpu", spec, SIZES, usages))
    assert "2 of 4 nodes" in note
    assert quota_note("gpu", msgspec.structs.replace(spec, max_instances=2), SIZES, usages) == ""
