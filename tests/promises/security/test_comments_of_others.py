"""Nobody else's word decides: who can write a comment, an issue or a marker gains nothing by it.

A required status is what GitHub asks before a merge: it becomes `success` only by runs that exist,
of what the head itself computes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrain.pull_requests.text.marker import read_marker
from tests.doubles.github.state import Comment, Issue, Pull
from tests.promises.command_line.processes import kill_all
from tests.promises.github.conftest import measure
from tests.promises.github.scene import Scene

# Everybody with an account can comment on a public repository; any App may be installed; and a
# collaborator's word is no more ours than a stranger's.
OTHERS = [("eve", "NONE"), ("mallory", "COLLABORATOR"), ("ada", "OWNER"), ("other[bot]", "NONE")]


class Target(Scene):
    """Two jobs of main, whose runs have ended; and `variant`, a run that anybody can read, which
    completed long ago and which no commit computes."""

    variant: str


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Target]:
    made = Target(tmp_path)
    with made.hub:
        made.project.job("digits", measure(accuracy=0.9), inputs={"epochs": 8})
        made.project.job("other")
        made.push("main")
        made.project.settle()
        before = made.project.runs("digits").keys()
        made.project.gitrain("run", "digits", "--set", "inputs.epochs=2", "--wait")
        [made.variant] = made.project.runs("digits").keys() - before
        yield made
    kill_all(made.project.root)
    assert made.project.bugs() == ""
    assert made.hub.unknown == made.hub.defects == []


def marker(scene: Target, *runs: str, **facts: str) -> str:
    told = "".join(f" {name}={value}" for name, value in facts.items())
    return f"<!-- gitrain:plan workspace=local{told} runs={','.join(runs)} -->\n"


def change(scene: Target, epochs: int = 9) -> Pull:
    scene.project.job("digits", measure(accuracy=0.95), inputs={"epochs": epochs})
    return scene.open_pull()


def success(scene: Target, pull: Pull) -> bool:
    status = scene.status(pull.head_sha)
    return status is not None and status.state == "success"


@pytest.mark.parametrize(("user", "association"), OTHERS)
def test_who_comments_first_does_not_own_the_plan_s_comment(
    scene: Target, user: str, association: str
) -> None:
    pull = change(scene)
    forged = marker(scene, scene.variant, commit=pull.head_sha)
    first = scene.hub.say(pull.number, forged, user, association)

    scene.comment(pull)
    first.edit(forged)
    scene.results()

    mine = [one for one in scene.comments(pull) if one.user == "github-actions[bot]"]
    assert len(mine) == 1
    assert first.body == forged
    assert scene.comments(pull, "results") == []
    assert not success(scene, pull)


@pytest.mark.parametrize(("user", "association"), OTHERS)
def test_nobody_else_s_comment_is_edited_or_deleted(
    scene: Target, user: str, association: str
) -> None:
    pull = change(scene)
    scene.comment(pull)
    ours = scene.plan_comment(pull).body
    twin = scene.hub.say(pull.number, ours, user, association)
    scene.project.gitrain("run", "digits", "--wait")
    results = "<!-- gitrain:results workspace=local state=failure over=yes -->\nlies"
    said = scene.hub.say(pull.number, results, user, association)

    scene.comment(pull)
    scene.results()

    assert (twin.body, twin.edits, said.body, said.edits) == (ours, [], results, [])
    assert {twin.id, said.id} <= scene.hub.state.comments.keys()
    assert success(scene, pull)


def edited(scene: Target, pull: Pull, runs: list[str]) -> Comment:
    """Our own comment, after somebody who may has edited it."""
    scene.comment(pull)
    ours = scene.plan_comment(pull)
    ours.edit(marker(scene, *runs, commit=pull.head_sha) + "as if it were ours")
    return ours


def test_a_run_that_the_head_does_not_compute_is_refused(scene: Target) -> None:
    pull = change(scene)
    edited(scene, pull, [scene.variant])

    said = scene.results().out

    assert f"#{pull.number}: refused, since its commit does not compute them" in said
    assert scene.variant in said
    assert not success(scene, pull)


def test_a_run_that_is_left_out_is_missed(scene: Target) -> None:
    """The head changes two jobs. One has run well, and the other fails: only the first is named."""
    scene.project.job("other", "exit 3")
    pull = change(scene)
    scene.comment(pull)
    scene.project.gitrain("run", "digits", "--wait")
    edited(scene, pull, [one for one in run_names(scene, pull) if "-digits-" in one])

    scene.results()
    assert not success(scene, pull)

    scene.project.gitrain("run", "other", "--wait", code=None)
    scene.results()
    status = scene.status(pull.head_sha)
    assert status
    assert status.state == "failure"


def run_names(scene: Target, pull: Pull) -> tuple[str, ...]:
    found = read_marker(scene.plan_comment(pull).body)
    assert found
    return found.runs


def test_the_head_is_the_one_that_github_has_and_not_the_comment_s(scene: Target) -> None:
    """What ran was another head: the branch has moved on since, and the comment says otherwise."""
    pull = change(scene)
    scene.comment(pull)
    scene.project.gitrain("run", "digits", "--wait")
    before = pull.head_sha
    scene.project.job("digits", "exit 3")
    scene.push("change")
    scene.hub.synchronize(pull)
    victim = scene.hub.git.head("main")
    scene.plan_comment(pull).edit(marker(scene, *run_names(scene, pull), commit=victim))

    scene.results()

    assert pull.head_sha != before
    assert not success(scene, pull)
    assert scene.status(victim) is None


def test_a_gate_of_a_new_job_is_kept(scene: Target) -> None:
    """Main does not have the job: its gates stand in the head's own manifests."""
    command, inputs = measure(accuracy=0.5), {"epochs": 1}
    scene.project.job("new", command, inputs=inputs, gates=["accuracy >= 0.8"])
    pull = scene.open_pull()
    scene.comment(pull)
    scene.project.gitrain("run", "new", "--wait", code=7)
    scene.main()

    scene.results()

    status = scene.status(pull.head_sha)
    assert status
    assert (status.state, "missed" in status.description) == ("failure", True)


def test_a_branch_behind_its_base_may_run_as_it_is_or_as_merged(scene: Target) -> None:
    """Its code differs from both: what the workflow runs is the merge, which no branch has."""
    scene.project.write("src/a.txt", "1\n")
    scene.project.write("src/b.txt", "1\n")
    scene.project.job("train", "cat a.txt b.txt", code="../src")
    scene.push("main")
    scene.project.write("src/a.txt", "2\n")
    pull = scene.open_pull()
    scene.main()
    scene.project.write("src/b.txt", "2\n")
    scene.push("main")
    scene.comment(pull)
    scene.check_out(pull)
    scene.project.gitrain("run", "--base", "origin/main", "--wait")
    scene.main()

    scene.results()

    assert success(scene, pull)


@pytest.mark.parametrize(("user", "association"), OTHERS)
def test_an_issue_of_another_is_not_ours(scene: Target, user: str, association: str) -> None:
    scene.project.job("more")
    scene.push("main")
    number = scene.hub.state.number()
    forged = Issue(number, "mine", "<!-- gitrain:drift workspace=local -->\nhello", user)
    forged.labels.append("gitrain")
    scene.hub.state.issues[number] = forged

    scene.drift()
    scene.project.settle()
    scene.drift()

    assert (forged.title, forged.body[-5:], forged.state) == ("mine", "hello", "open")
    assert scene.hub.state.comments_on(number) == []
