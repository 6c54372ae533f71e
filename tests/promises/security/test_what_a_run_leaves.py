"""A run's files hang nothing: whatever it leaves in their place, every command ends and says so.

Each run leaves its trap and completes; beside it is a sound one, which must be judged as ever.
"""

from __future__ import annotations

import json
import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrain.metrics import MOST_BYTES
from gitrain.observed import Point
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.metrics_files import MetricsFiles
from gitrain.workspaces.folders.outputs import LocalArtifacts
from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import Project

FILE = "outputs/metrics.jsonl"
SOUND = f"""echo '{{"step": 1, "accuracy": 0.97}}' > {FILE}"""
# What is left in the place of the metrics, and what is said of it.
TRAPS = {
    "a named pipe": (f"mkfifo {FILE}", "is a named pipe, not a regular file"),
    "a link to a device": (f"ln -s /dev/zero {FILE}", "leads out of the run's folder"),
    "a link to a file of ours": (f"ln -s /etc/passwd {FILE}", "leads out of the run's folder"),
    "a folder": (f"mkdir {FILE}", "is a folder, not a regular file"),
    "a folder that is a link": ("rmdir outputs; ln -s / outputs", None),
    "a circle of links": (f"ln -s metrics.jsonl {FILE}", "is a link, not a regular file"),
    "one endless line": (
        f"head -c 3000000 /dev/zero | tr '\\0' x > {FILE}",
        "a line of more than 1 MiB",
    ),
    "a file of holes": (f"truncate -s 1T {FILE}", "more than 256 MiB"),
    "a line of many names": (
        """awk 'BEGIN { printf "{"; for (i = 0; i < 50000; i++) printf "\\"m%d\\": 1, ", i;"""
        f""" print "\\"z\\": 1}}" }}' > {FILE}""",
        "more than 1,000 names",
    ),
    "a name without end": (
        f"""printf '{{"%0999d": 1}}\\n' 0 > {FILE}""",
        "a name of more than 250 characters",
    ),
}
COMMANDS = (["status"], ["metrics", "trap"], ["outputs", "trap"], ["logs", "trap"], ["plan"])
LIMIT = 20.0


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


def both(project: Project, trap: str) -> None:
    """Two jobs with the same gate, of which one sets a trap."""
    project.job("trap", trap, gates=["accuracy >= 0.9"])
    project.job("sound", SOUND, gates=["accuracy >= 0.9"])


@pytest.mark.parametrize("kind", TRAPS)
def test_a_trap_is_a_note_on_its_run_and_misses_its_gates(project: Project, kind: str) -> None:
    trap, why = TRAPS[kind]
    both(project, trap)
    begun = time.monotonic()

    ended = project.settle(code=7)

    assert [project.status(job)["health"] for job in ("trap", "sound")] == ["Degraded", "Healthy"]
    said = {"reconcile": ended.out}
    for command in COMMANDS:
        done = project.gitrain(*command)
        said[command[0]] = done.out + done.err
    assert time.monotonic() - begun < LIMIT
    if why:
        unread = [name for name in ("reconcile", "status", "metrics", "plan") if why in said[name]]
        assert unread == ["reconcile", "status", "metrics", "plan"], said
        assert project.root.name in said["plan"]


def test_what_is_left_beside_the_outputs_hangs_nothing_either(project: Project) -> None:
    """Of its own record, its logs and its locks: a run can reach them all."""
    places = ("log.txt", "supervisor.txt", "record.json", "submission.json", "settings.json")
    traps = "; ".join(f"rm -f ../{place}; mkfifo ../{place}" for place in (*places, "lock"))
    both(project, f"{traps}; mkfifo outputs/pipe logs/pipe; ln -s / logs/root; exit 137")
    begun = time.monotonic()

    project.gitrain("reconcile", "--wait", "--timeout", "10", code=None)

    assert project.status("sound")["health"] == "Healthy"
    for command in (
        ["status"],
        ["plan"],
        ["logs", "trap"],
        ["outputs", "trap"],
        ["cancel", "trap"],
    ):
        project.gitrain(*command, code=None)
    (project.root / ".gitrain/ledger.db").unlink()
    project.gitrain("status")
    assert time.monotonic() - begun < 2 * LIMIT


def test_outputs_that_are_no_files_are_neither_listed_nor_copied(
    project: Project, tmp_path: Path
) -> None:
    project.job(
        "trap",
        "mkfifo outputs/pipe; ln -s /etc outputs/etc; ln -s /dev/zero outputs/zero; ln -s"
        " ../../log.txt outputs/log; echo kept > outputs/kept; ln -s kept outputs/inside;"
        " mkdir ../outputs; ln -s / ../outputs/x; mkfifo ../outputs/y",
    )
    project.settle()

    assert project.gitrain("outputs", "trap").lines == ["outputs/inside", "outputs/kept"]
    project.gitrain("outputs", "trap", "--download", str(tmp_path / "down"))
    found = sorted(path for path in (tmp_path / "down").rglob("*") if not path.is_dir())
    assert [path.name for path in found] == ["inside", "kept"]
    assert not any(path.is_symlink() for path in found)


# Read once --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "runs" / "demo-train-0123456789ab-1")
    (made.code / "outputs").mkdir(parents=True)
    return made


def metrics_file(folder: RunFolder) -> Path:
    return folder.code / FILE


def bytes_read() -> int:
    """By this process so far, as the kernel counts them."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("rchar:"))


def test_only_what_was_appended_is_read_and_nothing_when_nothing_was(folder: RunFolder) -> None:
    path = metrics_file(folder)
    path.write_text("".join(f'{{"step": {n}, "loss": {n}.5}}\n' for n in range(200_000)))
    files = MetricsFiles()
    assert files.extremes(folder, live=True)["loss"][-1] == Point(199_999, 199_999.5)

    before = bytes_read()
    files.extremes(folder, live=True)
    again = bytes_read() - before
    with path.open("a") as file:
        file.write('{"step": 300000, "loss": -1.5}\n{"step": 300001, "lo')
    appended = files.extremes(folder, live=True)
    more = bytes_read() - before - again
    with path.open("a") as file:
        file.write('ss": 7.0}')
    last = files.extremes(folder, live=False)

    assert again < 4096
    assert more < 64 * 1024
    assert appended["loss"][-1] == Point(300_000, -1.5)
    assert last["loss"][-2:] == (Point(300_000, -1.5), Point(300_001, 7.0))


def test_a_file_that_is_written_anew_or_goes_back_is_read_as_it_is(folder: RunFolder) -> None:
    path, files = metrics_file(folder), MetricsFiles()
    path.write_text('{"step": 1, "loss": 5.5}\n{"step": 2, "loss": 4.5}\n')
    files.extremes(folder, live=True)

    path.write_text(
        '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n{"step": 3, "loss": 9.5}\n'
    )
    anew = files.extremes(folder, live=True)
    with path.open("a") as file:
        file.write('{"step": 3, "loss": 0.125}\n{"step": 2, "loss": 7.5}\n')
    back = files.extremes(folder, live=True)

    assert anew["loss"] == (Point(1, 0.5), Point(2, 0.25), Point(3, 9.5))[1:]
    assert back["loss"] == (Point(2, 7.5), Point(3, 0.125))


def test_188_megabytes_of_honest_lines_are_read_once_in_seconds(folder: RunFolder) -> None:
    chance = random.Random(1)
    lines = "".join(
        f'{{"step": %d, "loss": {chance.random():.6f}, "accuracy": {chance.random():.4f}}}\n'
        for _ in range(1000)
    )
    with metrics_file(folder).open("w") as file:
        for start in range(0, 3_377_000, 1000):
            file.write(lines % tuple(range(start, start + 1000)))
    assert 180e6 < metrics_file(folder).stat().st_size < MOST_BYTES
    files, memory = MetricsFiles(), peak()

    begun = time.process_time()
    first = files.extremes(folder, live=False)
    took = time.process_time() - begun
    second = files.extremes(folder, live=False)

    assert first == second
    assert first["loss"][-1].step == 3_376_999
    assert took < 30  # about 5 s on a machine that has nothing else to do
    assert time.process_time() - begun - took < 0.1
    assert peak() - memory < 400


def test_a_million_lines_are_shown_with_their_ends(folder: RunFolder) -> None:
    metrics_file(folder).write_text(
        "".join(f'{{"a": {n % 977}.5, "b": 1, "c": NaN}}\n' for n in range(1_000_000))
    )

    series = MetricsFiles().series(folder)

    assert {name: len(points) <= 333_336 for name, points in series.items()} == dict.fromkeys(
        "abc", True
    )
    assert series["a"][-1] == Point(1_000_000, 999_999 % 977 + 0.5)
    assert max(point.value for point in series["a"]) == 976.5


def peak() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_run_that_leaves_files_without_end_is_told_where_to_look(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in range(50):
        (folder.code / "outputs" / str(name)).mkdir()
    monkeypatch.setattr("gitrain.workspaces.folders.outputs.MOST_FILES", 40)

    with pytest.raises(Exception, match=r"more than 40 files: look in .*/outputs"):
        LocalArtifacts(folder, ()).names()


def test_a_deep_line_is_no_metric_and_no_error(folder: RunFolder) -> None:
    deep = json.dumps({"a": 1})[:-1] + ', "b": ' + "[" * 100_000
    metrics_file(folder).write_text(f'{deep}\n{{"a": 2}}\n')

    assert MetricsFiles().extremes(folder, live=False) == {"a": (Point(2, 2.0),)}


def test_the_swap_of_a_folder_for_a_link_is_not_followed(folder: RunFolder, tmp_path: Path) -> None:
    """Between the look at a path and its opening: each name on the way is opened by itself."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "metrics.jsonl").write_text('{"secret": 1}\n')
    real = os.path.realpath

    def swapped(path: str | os.PathLike[str], **given: bool) -> str:
        found = real(path, **given)
        if str(path).endswith("metrics.jsonl"):
            (folder.code / "outputs").rename(folder.code / "moved")
            (folder.code / "outputs").symlink_to(elsewhere)
        return found

    metrics_file(folder).write_text('{"a": 1}\n')
    files = MetricsFiles()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os.path, "realpath", swapped)
        assert files.extremes(folder, live=False) == {}
