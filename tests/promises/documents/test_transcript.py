"""The README's transcript is current: its commands, and the digests that it shows."""

from __future__ import annotations

import json
import re

import pytest

from tests.promises.documents.console import Step, steps
from tests.promises.documents.pages import README, Block, blocks, read
from tests.promises.documents.transcript import (
    BEGIN,
    END,
    JOB,
    NEW,
    OLD,
    change,
    project,
    transcript,
)

REMEDY = "run: make transcript"
CONSOLE: list[Block] = blocks("console", page=README)
STEPS: list[Step] = [step for block in CONSOLE for step in steps(block.text)]


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What `gitrain plan` computes now: before someone's change, and after it."""
    folder = tmp_path_factory.mktemp("transcript") / "pets"
    folder.mkdir()
    shell = project(folder)

    def digest() -> str:
        actions = json.loads(shell("gitrain plan -o json"))["actions"]
        (found,) = [action["digest"] for action in actions if action["name"] == JOB]
        assert isinstance(found, str)
        return found

    before = digest()
    change(shell)
    return before, digest()


def test_all_console_blocks_of_the_readme_are_run():
    inside = transcript(read(README))

    assert BEGIN in read(README)
    assert END in read(README)
    assert all(block.text in inside for block in CONSOLE)


def test_the_transcript_has_these_commands():
    assert [step.command for step in STEPS] == [
        "gitrain plan",
        "gitrain reconcile --wait",
        f"gitrain metrics {JOB}",
        "git revert --no-edit HEAD && gitrain plan",
    ]


def test_the_transcript_shows_the_digests_of_the_committed_manifests(digests: tuple[str, str]):
    shown = re.findall(rf"pets-{JOB}-([0-9a-f]+)-1", STEPS[2].output)
    ran = re.findall(r"completed +([0-9a-f]+)-1", STEPS[1].output)
    before, after = digests

    assert (shown, ran) == ([after, before], [after]), REMEDY


def test_the_transcript_tells_of_the_change_that_was_made():
    field, _, old = OLD.partition(": ")
    new = NEW.partition(": ")[2]

    assert f"inputs.{field} {old} → {new}" in STEPS[0].output
    assert f"from {old} to {new}" in read(README)


def test_what_the_readme_says_of_the_change_is_what_was_measured():
    """`It is worse`: the value after the change is below the one before."""
    (value, previous) = re.findall(r"^accuracy +(\S+) +(\S+)", STEPS[2].output, re.MULTILINE)[0]

    assert float(value) < float(previous), REMEDY
