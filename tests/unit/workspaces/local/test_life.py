"""A run from its submission to its end."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from gitrain.errors import WorkspaceError
from gitrain.manifest import AzuremlWorkspace, LocalWorkspace
from gitrain.observed import Cause, Phase, Tags
from gitrain.workspace import Query, open_workspace
from tests.runs import an_adoption
from tests.unit.workspaces.local.place import Place, a_submission, alive, copy_code, until


def test_observing_a_fresh_clone_creates_nothing(tmp_path: Path) -> None:
    workspace = open_workspace("local", LocalWorkspace(), tmp_path, copy_code)

    assert workspace.observe(Query(project="pets")).runs == ()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_ignores_itself(place: Place) -> None:
    place.submit()

    assert (place.root / ".gitrain" / ".gitignore").read_text() == "*\n"


def test_another_type_of_workspace_is_refused(tmp_path: Path) -> None:
    from gitrain.workspaces import local

    with pytest.raises(WorkspaceError, match="not of type local"):
        local.open_workspace("azure", AzuremlWorkspace(), tmp_path, copy_code)


def test_a_run_completes_and_is_reported_with_all_that_was_submitted(place: Place) -> None:
    given = a_submission(
        "echo trained",
        canonical={"command": "echo trained"},
        placement={"compute": "gpu"},
        parts={"code": "abc"},
        tags=Tags(labels={"team": "vision"}, display_name="digits"),
        commit="1a2b3c4",
        dirty=True,
        forced=True,
    )
    first = place.workspace.submit(given)
    run = place.wait(first)

    assert first.phase is Phase.QUEUED
    assert (run.phase, run.exit_code, run.reason, run.preempted) == (Phase.COMPLETED, 0, "", False)
    assert (run.project, run.job, run.digest, run.attempt) == ("pets", "train", "0123456789ab", 1)
    assert (run.identity, run.tags, run.commit) == (given.identity, given.tags, "1a2b3c4")
    assert run.dirty
    assert run.forced
    assert Path(run.link).read_text() == "trained\n"
    times = [datetime.fromisoformat(t) for t in (run.submitted_at, run.started_at, run.ended_at)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("command", "code", "reason"),
    [
        ("exit 3", 3, "exit code 3"),
        ("no-such-program", 127, "exit code 127"),
        ("kill -SEGV $$", 139, "ended by SIGSEGV (exit code 139)"),
        ("kill -ABRT $$", 134, "ended by SIGABRT (exit code 134)"),
        ("exit 255", 255, "exit code 255"),
    ],
)
def test_a_command_that_fails_says_how(place: Place, command: str, code: int, reason: str) -> None:
    run = place.wait(place.submit(command))

    assert (run.phase, run.exit_code, run.reason) == (Phase.FAILED, code, reason)


def test_submitting_again_returns_the_run_and_starts_nothing(place: Place) -> None:
    command = place.mark("ran")
    first = place.submit(command)
    second = place.submit(command)
    ended = place.wait(first)
    third = place.submit(command)

    assert first.id == second.id
    assert third == ended
    assert place.marked() == ["ran"]


def test_an_id_of_another_project_is_refused_and_reported_as_foreign(place: Place) -> None:
    place.submit("true", project="pets-a", job="b")

    with pytest.raises(WorkspaceError, match="belongs to job b of project pets-a"):
        place.submit("true", project="pets", job="a-b")
    run_id = "pets-a-b-0123456789ab-1"
    assert place.observe(run_id, "another").foreign_runs == {run_id}
    assert place.observe().runs == ()


def test_a_timeout_fails_the_run_and_kills_its_grandchildren(place: Place) -> None:
    stubborn = f"sh -c \"trap '' TERM; echo \\$\\$ >> {place.marks}; sleep 60; true\""
    command = f"{stubborn} & sleep 60"
    run = place.wait(place.submit(command, spec={"limits": _limits(1)}))

    assert (run.phase, run.reason) == (Phase.FAILED, "timed out after 1 s")
    assert not alive(int(place.marked()[0]))


def test_a_timeout_does_not_count_the_time_in_the_queue(place: Place) -> None:
    place.workspace = place.open(slots=1)
    place.submit("sleep 2", job="first")
    run = place.submit("true", job="second", spec={"limits": _limits(1)})

    assert place.wait(run).phase is Phase.COMPLETED


def test_cancel_ends_the_group_and_what_left_it(place: Place) -> None:
    daemon = f"setsid sh -c 'echo $$ >> {place.marks}; exec sleep 60' &"
    run = place.submit(f"{daemon} sh -c 'echo $$ >> {place.marks}; sleep 60'; sleep 60")
    pids = place.wait_marked(2)

    place.workspace.cancel(run.id, Cause.SUPERSEDED)

    assert place.run(run.id).cause is Cause.SUPERSEDED
    ended = place.wait(run)
    assert (ended.phase, ended.cause, ended.counts) == (Phase.CANCELED, Cause.SUPERSEDED, False)
    assert not any(alive(int(pid)) for pid in pids)


def test_a_canceled_command_has_its_grace_to_save(place: Place) -> None:
    saving = f"trap 'sleep 1; {place.mark('saved')}; exit 0' TERM; {place.mark('on')}"
    run = place.submit(f"{saving}; while :; do sleep 0.1; done")
    place.wait_marked()
    place.workspace.cancel(run.id, Cause.PERSON)

    assert place.wait(run).phase is Phase.CANCELED
    assert place.marked() == ["on", "saved"]


def test_a_command_that_will_not_stop_is_killed_after_its_grace(place: Place) -> None:
    place.workspace = place.open(grace=0.5)
    run = place.submit(f"trap '' TERM; {place.mark('on')}; while :; do sleep 0.1; done")
    place.wait_marked()
    place.workspace.cancel(run.id, Cause.PERSON)

    assert place.wait(run).phase is Phase.CANCELED


def test_a_queued_run_is_canceled_at_once_and_never_runs(place: Place) -> None:
    place.workspace = place.open(slots=1)
    first = place.submit(f"{place.mark('first')}; sleep 1", job="first")
    place.wait_marked()
    second = place.submit(place.mark("second"), job="second")
    place.workspace.cancel(second.id, Cause.PRUNED)

    assert place.run(second.id).phase is Phase.CANCELED
    place.wait(first)
    until(lambda: not place.folder(second).alive)
    assert place.marked() == ["first"]


def test_canceling_a_run_that_is_over_changes_nothing(place: Place) -> None:
    run = place.wait(place.submit())
    place.workspace.cancel(run.id, Cause.PERSON)

    assert place.run(run.id) == run


def test_canceling_a_run_that_never_was_is_an_error(place: Place) -> None:
    with pytest.raises(WorkspaceError, match="there is no run nothing"):
        place.workspace.cancel("nothing", Cause.PERSON)


def test_what_a_completed_command_left_running_is_ended(place: Place) -> None:
    run = place.submit(f"sleep 60 & echo $! >> {place.marks}")

    assert place.wait(run).phase is Phase.COMPLETED
    assert not alive(int(place.marked()[0]))


def test_tags_are_replaced_in_place(place: Place) -> None:
    run = place.wait(place.submit())
    tags = Tags(labels={"team": "audio"}, description="new")
    place.workspace.tag(run.id, tags)

    assert place.run(run.id).tags == tags


def test_an_adopted_run_is_reported_beside_the_original(place: Place) -> None:
    original = place.wait(place.submit())
    adoption = an_adoption(original.id, outputs={"model": "/models/1"})
    adopted = place.workspace.adopt(adoption)

    assert (adopted.id, adopted.job, adopted.digest) == (original.id, "other", "ba9876543210")
    assert adopted.adopted
    assert adopted.outputs == {"model": "/models/1"}
    assert set(map(repr, place.observe().runs)) == {repr(original), repr(adopted)}

    place.workspace.tag(original.id, Tags(description="mine"))
    assert {run.tags.description for run in place.observe().runs} == {"mine"}


def test_only_a_completed_run_can_be_adopted(place: Place) -> None:
    failed = place.wait(place.submit("exit 1"))
    with pytest.raises(WorkspaceError, match="failed, not completed"):
        place.workspace.adopt(an_adoption(failed.id))


def test_a_deleted_folder_ends_its_run_and_is_not_made_again(place: Place) -> None:
    import shutil

    run = place.submit(f"echo $$ >> {place.marks}; sleep 60")
    pid = int(place.wait_marked()[0])
    supervisor = place.supervisor(run)
    shutil.rmtree(place.workspace.home.path)

    until(lambda: not alive(pid) and not alive(supervisor))
    assert not place.workspace.home.path.exists()


def test_observing_and_supervising_import_no_git_and_no_renderer() -> None:
    heavy = {"git", "rich", "click", "jsonschema", "torch", "azureml", "ruamel"}
    code = (
        "import sys, gitrain.workspaces.local.process.supervisor;"
        "import gitrain.workspaces.local.workspace;"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert heavy.isdisjoint(done.stdout.split())


def _limits(seconds: int) -> object:
    from gitrain.manifest import Limits

    return Limits(timeout=seconds)
