"""What a run left on Azure ML is never held in memory as a whole, nor read without a limit."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitrain.observed import Point, Run
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.artifacts import blob
from tests.doubles.azure.blobstore import ARTIFACTS
from tests.doubles.azure.emulator import Emulator
from tests.unit.workspaces.azureml.place import a_submission, a_workspace, emulated, the_run

MIB = 1 << 20


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated() as emulator:
        yield emulator


@pytest.fixture
def workspace(emulator: Emulator, tmp_path: Path) -> AzuremlRuns:
    return a_workspace(tmp_path)


def left(emulator: Emulator, workspace: AzuremlRuns, path: str, content: bytes) -> Run:
    """A completed run that left this file."""
    run = workspace.submit(a_submission())
    emulator.jobs.drive(run.id, "Completed")
    emulator.blobs.put(ARTIFACTS, blob(f"dcid.{run.id}", path), content)
    return the_run(workspace, run)


def peak(work: Callable[[], object]) -> float:
    """The most memory that Python takes for it, in MiB: in a process without the emulator."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            tracemalloc.start()
            work()
            os.write(writing, str(tracemalloc.get_traced_memory()[1] / MIB).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        return float(said.read())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": ' + b" " * 2 * MIB + b"1}\n", "a line of more than 1 MiB"),
        (b"".join(b'{"m%d": 1}\n' % n for n in range(1001)), "more than 1,000 names"),
        (b'{"%0999d": 1}\n' % 0, "a name of more than 250 characters"),
    ],
)
def test_metrics_beyond_a_limit_are_a_note_on_the_run(
    emulator: Emulator, workspace: AzuremlRuns, content: bytes, why: str
) -> None:
    run = left(emulator, workspace, "outputs/metrics.jsonl", content)

    assert workspace.summaries([run]) == {run.id: {}}
    assert why in workspace.unread()[run.id]
    assert workspace.metrics(run) == {}
    assert why in workspace.unread()[run.id]


def test_metrics_without_end_are_given_up_at_the_limit(
    emulator: Emulator, workspace: AzuremlRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitrain.workspaces.azureml.outputs.read.MOST_BYTES", 8 * MIB)
    run = left(emulator, workspace, "outputs/metrics.jsonl", b"not a metric\n" * (2 * MIB))

    assert peak(lambda: workspace.summaries([run])) < 10
    assert workspace.summaries([run]) == {run.id: {}}
    assert "more than 8 MiB" in workspace.unread()[run.id]


def test_names_in_the_run_history_have_a_limit_too(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    run = workspace.submit(a_submission())
    emulator.jobs.drive(run.id, "Completed", metrics={f"m{n}": 1.0 for n in range(1001)})

    begun = time.monotonic()
    assert workspace.summaries([the_run(workspace, run)]) == {run.id: {}}

    assert "more than 1,000 names" in workspace.unread()[run.id]
    assert time.monotonic() - begun < 10


def test_large_files_and_logs_pass_through_piece_by_piece(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    content = b"0123456789abcde\n" * (64 * MIB // 16)
    run = left(emulator, workspace, "outputs/model.bin", content)
    emulator.blobs.put(ARTIFACTS, blob(f"dcid.{run.id}", "user_logs/std_log.txt"), content)

    def download() -> tuple[Path, ...]:
        return workspace.artifacts(run).download(tmp_path / "down")

    assert peak(download) < 10
    assert (tmp_path / "down/outputs/model.bin").read_bytes() == content
    assert peak(lambda: deque(workspace.logs(run), maxlen=0)) < 40
    assert sum(len(line) for line in workspace.logs(run)) == len(content)


def test_a_file_whose_answer_is_cut_off_comes_whole_the_next_time(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    run = left(emulator, workspace, "outputs/metrics.jsonl", b'{"step": 1, "a": 2}\n' * 1000)
    fault = emulator.faults.add("/artifact/.*/content/", truncate=True, when="after")

    assert workspace.summaries([run])[run.id] == {"a": (Point(1, 2.0),)}
    (path,) = workspace.artifacts(run).download(tmp_path / "down")

    assert fault.struck == 1
    assert path.stat().st_size == 20_000
