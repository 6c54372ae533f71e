"""What a run gets: code, inputs, outputs, variables, secrets, checkpoints, and its fellow ranks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gitrain.desired import Code, DataPath, Definition, EnvironmentUse, Text, Upstream
from gitrain.manifest import Distribution, Output, Resources, Value
from gitrain.observed import Phase
from gitrain.source import SourceError, Sources
from gitrain.workspace_types import LocalWorkspace
from gitrain.workspaces.local.workspace import LocalRuns
from tests.unit.workspaces.local.place import Place, a_submission, until

CANARY = "canary-5ec2e7"


def test_the_command_runs_in_a_copy_of_the_code(place: Place) -> None:
    code = place.root / "training"
    code.mkdir()
    code.joinpath("train.py").write_text("print('from the code')")
    run = place.submit(
        f"{sys.executable} train.py; touch made; ls -d outputs logs",
        code=Code(folder=str(code), tree="t"),
    )
    place.wait(run)

    assert place.log(run) == "from the code\nlogs\noutputs\n"
    assert sorted(path.name for path in code.iterdir()) == ["train.py"]


def test_exactly_the_tree_of_the_submission_is_staged(place: Place) -> None:
    code = place.root / "training"
    code.mkdir()
    code.joinpath("train.sh").write_text("echo staged\n")
    tree = Sources(place.root).tree_id("training")

    def stage(code: Code, destination: Path) -> None:
        Sources(place.root).stage(code.folder, code.tree, destination)

    workspace = LocalRuns(LocalWorkspace(), place.root, stage)
    run = workspace.submit(a_submission("sh train.sh", code=Code(folder="training", tree=tree)))
    place.wait(run)
    code.joinpath("train.sh").write_text("echo changed\n")

    assert place.log(run) == "staged\n"
    changed = a_submission("sh train.sh", code=Code(folder="training", tree=tree), attempt=2)
    with pytest.raises(SourceError, match="changed"):
        workspace.submit(changed)
    assert len(place.observe().runs) == 1
    assert list(place.workspace.home.staging.iterdir()) == []


def test_inputs_and_outputs_are_put_into_the_command(place: Place) -> None:
    first = place.submit(
        "echo weights > ${{outputs.model}}/w; echo report > ${{outputs.report}}",
        job="first",
        spec={"outputs": {"model": Output(), "report": Output(type="uri_file")}},
    )
    place.wait(first)
    run = place.submit(
        "echo ${{inputs.rate}} ${{inputs.data}}; cat ${{inputs.base}}/w ${{inputs.old}} $REPORT",
        spec={"environment_variables": {"REPORT": "${{inputs.report}}"}},
        inputs={
            "rate": Text("0.001"),
            "data": DataPath(type="uri_folder", path="data/digits", mode="ro_mount"),
            "base": Upstream(job="first", output="model", run_id=first.id),
            "report": Upstream(job="first", output="report", type="uri_file", run_id=first.id),
            "old": Upstream(job="x", output="y", run_id="z", path=str(place.root / "adopted")),
        },
    )
    (place.root / "adopted").write_text("adopted\n")
    place.wait(run)

    data = place.root.resolve() / "data" / "digits"
    assert place.log(run) == f"0.001 {data}\nweights\nadopted\nreport\n"
    assert place.workspace.artifacts(first).names() == ("model/w", "report")


def test_variables_of_the_job_go_over_those_of_its_environment(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("INHERITED", "BY_ENVIRONMENT", "BY_JOB"):
        monkeypatch.setenv(name, "from the shell")
    definition = Definition(
        environment_variables={"BY_ENVIRONMENT": "environment", "BY_JOB": "environment"}
    )
    run = place.submit(
        "echo $INHERITED, $BY_ENVIRONMENT, $BY_JOB, $NUMBER, $FLAG, $PLAIN",
        spec={
            "environment_variables": {
                "BY_JOB": "job",
                "NUMBER": 0.001,
                "FLAG": True,
                "PLAIN": Value(value="plain"),
            }
        },
        environment=EnvironmentUse(name="e", version="1", definition=definition),
    )
    place.wait(run)

    assert place.log(run) == ", environment, job, 0.001, true, plain\n"


def test_a_run_knows_its_name_and_python_does_not_hold_back_its_output(place: Place) -> None:
    run = place.submit("echo $GITRAIN_RUN_ID $GITRAIN_JOB $PYTHONUNBUFFERED [$PYTHONPATH]")
    place.wait(run)

    assert place.log(run) == f"{run.id} train 1 []\n"


def test_the_environments_python_comes_first_and_without_one_the_path_is_as_it_was(
    place: Place,
) -> None:
    current = EnvironmentUse(name="e", version="1", definition=Definition())
    runs = [
        place.submit("echo $PATH", job="current", environment=current),
        place.submit("echo $PATH", job="none"),
    ]
    for run in runs:
        place.wait(run)

    path = os.environ["PATH"]
    assert place.log(runs[0]) == f"{Path(sys.executable).parent}:{path}\n"
    assert place.log(runs[1]) == f"{path}\n"


def test_a_secret_reaches_the_command_and_no_file(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_KEY", CANARY)
    run = place.submit(
        f"test ${{#WANDB}} = {len(CANARY)}",
        spec={"environment_variables": {"WANDB": Value(env="API_KEY")}},
    )

    assert place.wait(run).phase is Phase.COMPLETED
    found = subprocess.run(["grep", "-rl", CANARY, place.root], capture_output=True, text=True)
    assert found.stdout == ""


def test_a_secret_that_is_not_set_fails_the_run_and_is_named(place: Place) -> None:
    run = place.submit(spec={"environment_variables": {"X": Value(env="NO_SUCH_SECRET")}})

    assert "NO_SUCH_SECRET was not set" in place.wait(run).reason


def test_checkpoints_are_kept_over_restarts_and_attempts_and_emptied_at_the_end(
    place: Place,
) -> None:
    command = (
        "cd $GITRAIN_CHECKPOINT_DIR; echo x >> epochs;"
        "cp epochs ${{outputs.seen}}/$(wc -l < epochs);"
        "case $(wc -l < epochs) in 1) exit 137;; 2) exit 1;; esac"
    )
    spec: dict[str, Any] = {"checkpoints": True, "outputs": {"seen": Output()}}
    run = place.submit(command, spec=spec)
    place.wait_preempted(run)
    place.submit(command, spec=spec)
    assert place.wait(run).phase is Phase.FAILED
    assert place.workspace.artifacts(run).names() == ("seen/1", "seen/2")

    second = place.submit(command, spec=spec, attempt=2)
    assert place.wait(second).phase is Phase.COMPLETED
    folder = place.workspace.home.checkpoints("pets", "train", second.digest)
    assert place.workspace.artifacts(second).names() == ("seen/3",)
    assert list(folder.iterdir()) == []

    folder.joinpath("epochs").write_text("what a crash at the end left\n")
    third = place.submit("ls $GITRAIN_CHECKPOINT_DIR", spec=spec, attempt=3)
    place.wait(third)
    assert place.log(third) == ""


def test_without_checkpoints_there_is_no_such_folder(place: Place) -> None:
    run = place.submit("echo [$GITRAIN_CHECKPOINT_DIR]")
    place.wait(run)

    assert place.log(run) == "[]\n"


def distributed(kind: Any, nodes: int, each: int) -> dict[str, Any]:
    return {
        "distribution": Distribution(type=kind, process_count_per_instance=each),
        "resources": Resources(instance_count=nodes),
    }


def test_pytorch_ranks_know_their_place(place: Place) -> None:
    command = (
        "echo $RANK $WORLD_SIZE $LOCAL_RANK $NODE_RANK $MASTER_ADDR >> outputs/ranks;"
        "echo $MASTER_PORT >> outputs/ports; echo rank $RANK"
    )
    run = place.submit(command, spec=distributed("pytorch", 2, 2))
    place.wait(run)

    outputs = place.folder(run).code / "outputs"
    assert sorted(outputs.joinpath("ranks").read_text().splitlines()) == [
        "0 4 0 0 127.0.0.1",
        "1 4 1 0 127.0.0.1",
        "2 4 0 1 127.0.0.1",
        "3 4 1 1 127.0.0.1",
    ]
    assert len(set(outputs.joinpath("ports").read_text().split())) == 1
    assert place.log(run) == "rank 0\n"
    assert place.folder(run).rank_log(3).read_text() == "rank 3\n"


def test_mpi_ranks_know_their_place(place: Place) -> None:
    names = ("RANK", "SIZE", "LOCAL_RANK", "LOCAL_SIZE")
    variables = " ".join(f"$OMPI_COMM_WORLD_{name}" for name in names)
    run = place.submit(f"echo {variables} >> {place.marks}", spec=distributed("mpi", 1, 2))
    place.wait(run)

    assert sorted(place.marked()) == ["0 2 0 2", "1 2 1 2"]


def test_without_a_distribution_one_process_runs(place: Place) -> None:
    run = place.submit(place.mark("ran"), spec={"resources": Resources(instance_count=3)})
    place.wait(run)

    assert place.marked() == ["ran"]


def test_a_rank_that_fails_ends_the_others(place: Place) -> None:
    command = "if [ $RANK = 1 ]; then exit 7; fi; sleep 60"
    run = place.wait(place.submit(command, spec=distributed("pytorch", 1, 3)))

    assert (run.phase, run.exit_code) == (Phase.FAILED, 7)
    until(lambda: not place.folder(run).alive)


def test_a_command_that_cannot_be_started_fails(place: Place) -> None:
    run = place.wait(place.submit("true " + "x" * 3_000_000))

    assert run.phase is Phase.FAILED
    assert "could not be started" in run.reason
