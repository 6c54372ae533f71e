"""Console blocks are run by a real shell, and written with what it prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.promises.documents.console import Shell, elided, rerun, steady, steps

FENCE = "```"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"PATH": os.defpath, "HOME": str(tmp_path)})


def test_the_output_of_each_command_is_written_below_it(shell, tmp_path):
    (tmp_path / "a").mkdir()
    text = f"Look:\n\n{FENCE}console\n$ cd a\n$ basename $PWD\nold\n{FENCE}\n"

    told = rerun(text, shell, write=lambda file, block: None)

    assert told == f"Look:\n\n{FENCE}console\n$ cd a\n$ basename $PWD\na\n{FENCE}\n"


def test_a_command_that_fails_ends_it(shell):
    with pytest.raises(AssertionError, match=r"\$ false"):
        rerun(f"{FENCE}console\n$ false\n{FENCE}", shell, write=lambda file, block: None)


def test_a_file_that_the_reader_saves_is_written(shell, tmp_path):
    saved: dict[Path, str] = {}
    rerun(f"{FENCE}python\n# a/b.py\nprint()\n{FENCE}", shell, write=saved.__setitem__)

    assert saved == {tmp_path / "a/b.py": "# a/b.py\nprint()\n"}


def test_a_command_may_be_longer_than_a_line():
    (step,) = steps("$ echo \\\n    a\na\n")

    assert step == ("echo \\\n    a", "a")


@pytest.mark.parametrize(
    ("old", "told"),
    [
        (["x"], ["1", "2", "3"]),
        (["…", "x"], ["…", "3"]),
        (["x", "…"], ["1", "…"]),
    ],
)
def test_what_was_left_out_is_left_out_again(old, told):
    assert elided(["1", "2", "3"], old) == told


def test_ids_and_times_are_no_difference():
    one = "at 1a2b3c4, pets-x-0123456789ab-1   2026-11-28T13:10:12.740Z"
    two = "at 5d6e7f8, pets-x-ba9876543210-1  2027-01-01T00:00:00.000Z"

    assert steady(one) == steady(two)
    assert steady("accuracy 0.98") != steady("accuracy 0.99")
