"""Every code that gitrain can report has one row, and each row is true of the real commands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitrain.commands.group import run
from gitrain.problems.catalogue import every, find
from gitrain.problems.row import VALIDATE, Example, Row
from tests.promises.command_line.project import BIN, GIT
from tests.unit.problems.codes import codes

ROWS = tuple(every())
SHOWN = [row for row in ROWS if row.bad]
UNSHOWN = [row for row in ROWS if not row.bad]
# Unless something stands in front of it, such as a place, a line that names a problem begins so.
_REPORTED = re.compile(r"^(?:\S+:\d+:\d+: )?(?:error|warning)\[([\w-]+)\]: ", re.M)


@dataclass(frozen=True)
class Ended:
    """How the last command of an example ended: its exit code, and the problems it named."""

    exit: int
    codes: set[str]


Try = Callable[[Example], Ended]


@pytest.fixture
def tried(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Try:
    """Writes the files of an example, and runs its commands."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "pets"
    variables = {"PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path), **GIT}

    def attempt(example: Example) -> Ended:
        for file, text in example.files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, encoding="utf-8")
        if example.commands == (VALIDATE,):  # a process would take twenty times as long
            code = run(["validate", "-C", str(root)])
            return Ended(code, set(_REPORTED.findall("".join(capfd.readouterr()))))
        for command in example.commands:
            last = subprocess.run(
                command, shell=True, cwd=root, env=variables, capture_output=True, text=True
            )
            if command is not example.commands[-1]:
                assert last.returncode == 0, (command, last.stderr)
        return Ended(last.returncode, set(_REPORTED.findall(last.stdout + last.stderr)))

    return attempt


def test_every_code_has_one_row_and_every_row_a_code() -> None:
    found = codes()
    rows = [row.code for row in ROWS]

    assert sorted(rows) == sorted(set(rows))
    assert {code: places for code, places in found.items() if code not in rows} == {}
    assert set(rows) - set(found) == set()
    assert all(find(row.code) is row for row in ROWS)


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.code)
def test_the_bad_example_has_this_problem_alone(row: Row, tried: Try) -> None:
    assert row.bad
    assert tried(row.bad).codes == {row.code}


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.code)
def test_the_good_example_has_no_problem_at_all(row: Row, tried: Try) -> None:
    assert row.good
    assert tried(row.good) == Ended(exit=0, codes=set())


@pytest.mark.parametrize("row", UNSHOWN, ids=lambda row: row.code)
def test_a_code_without_an_example_says_why(row: Row) -> None:
    assert row.unshown
    assert row.good is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_row_reads_as_prose(row: Row) -> None:
    assert not row.title.endswith(".")
    assert row.paragraph.endswith(".")
    assert "  " not in row.paragraph
