"""The plan on a pull request: one comment, edited; a status; and the plan, even if GitHub fails."""

from __future__ import annotations

import socket

import pytest

from gitrain.pull_requests.text.marker import read_marker
from tests.doubles.github.hub import PERSON
from tests.promises.command_line.project import NO_CHANGES
from tests.promises.github.conftest import measure
from tests.promises.github.scene import Scene


def epochs(scene: Scene, number: int) -> None:
    scene.project.job("digits", measure(accuracy=0.9), inputs={"epochs": number})


def state(scene: Scene, commit: str) -> tuple[str, str]:
    status = scene.status(commit)
    assert status
    return status.state, status.description


def test_a_change_is_one_comment_with_one_submit(ran: Scene) -> None:
    epochs(ran, 9)
    pull = ran.open_pull()

    ended = ran.comment(pull)

    comment = ran.plan_comment(pull)
    assert "inputs.epochs 8 → 9" in comment.body
    assert f"{ran.hub.web}/octo/pets/blob/{pull.head_sha}/jobs/digits.yaml#L1" in comment.body
    assert f"at {pull.head_sha[:7]}" in comment.body
    marker = read_marker(comment.body)
    assert marker
    assert (marker.workspace, len(marker.runs)) == ("local", 1)
    assert marker.runs[0].startswith("demo-digits-")
    for text in (comment.body, ended.last_line, ran.summary):
        assert "1 to submit" in text
    assert state(ran, pull.head_sha) == ("pending", "1 run will start after the merge")
    assert [one.method for one in ran.hub.requests] == ["GET", "POST", "POST"]


def test_a_second_commit_edits_the_comment_and_a_revert_leaves_no_changes(ran: Scene) -> None:
    epochs(ran, 9)
    pull = ran.open_pull()
    ran.comment(pull)
    epochs(ran, 10)
    ran.push("change")

    ran.comment(pull)

    assert "inputs.epochs 8 → 10" in ran.plan_comment(pull).body
    epochs(ran, 8)
    ran.push("change")
    assert ran.comment(pull).last_line == NO_CHANGES
    comment = ran.plan_comment(pull)
    assert NO_CHANGES in comment.body
    assert len(comment.edits) == 2
    assert state(ran, pull.head_sha) == ("success", "nothing to run")


def test_the_same_plan_again_edits_nothing(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    scene.comment(pull)

    scene.comment(pull)

    assert scene.plan_comment(pull).edits == []


def test_a_broken_manifest_is_annotated_and_commented(scene: Scene) -> None:
    scene.project.write(
        "jobs/broken.yaml",
        "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: broken}\nspec:\n  comand: 'true'\n",
    )
    pull = scene.open_pull()

    ended = scene.comment(pull, "-w", "local", code=3)

    assert "::error file=jobs/broken.yaml,line=5,col=3," in ended.out
    body = scene.plan_comment(pull).body
    assert "comand" in body
    assert f"/blob/{pull.head_sha}/jobs/broken.yaml#L5" in body
    assert "comand" in scene.summary
    assert scene.status(pull.head_sha) is None


def test_annotations_on_lines_of_the_pull_request_come_first(scene: Scene) -> None:
    many = "".join(f"  unknown{n}: 1\n" for n in range(30))
    head = "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: broken}\nspec:\n  command: x\n"
    scene.project.write("jobs/broken.yaml", head + many)
    scene.push("main")
    scene.project.write("jobs/broken.yaml", head + many + "  mine: 1\n")
    pull = scene.open_pull()

    out = scene.comment(pull, "-w", "local", code=3).out

    commands = [line for line in out.splitlines() if line.startswith("::error")]
    assert len(commands) == 10
    assert "mine" in commands[0]
    assert ",line=36," in commands[0]
    assert commands[-1] == "::error::and 22 more errors"


def test_a_refusal_is_commented_with_its_plan(scene: Scene) -> None:
    scene.project.describe(policy={"max_timeout": 60})
    scene.project.job("long", limits={"timeout": 3600})
    pull = scene.open_pull()

    ended = scene.comment(pull, "-w", "local", code=4)

    assert "::error file=jobs/long.yaml" in ended.out
    assert "3600" in scene.plan_comment(pull).body


def test_what_is_wrong_on_the_base_too_is_told_apart(scene: Scene) -> None:
    scene.project.job("old", limits={"timeout": 3600})
    scene.push("main")
    scene.project.describe(policy={"max_timeout": 7200})
    scene.project.job("new", limits={"timeout": 9999})
    scene.project.write("jobs/broken.yaml", "kind: Job\n")
    scene.push("main")
    scene.project.job("mine", limits={"timeout": 8888})
    pull = scene.open_pull()

    scene.comment(pull, "-w", "local", code=3)

    ours, _, theirs = scene.plan_comment(pull).body.partition("Already on `origin/main`:")
    assert "jobs/mine.yaml" in ours
    assert "jobs/new.yaml" not in ours
    assert "jobs/new.yaml" in theirs
    assert "jobs/broken.yaml" in theirs


def test_a_workspace_that_fails_is_commented_and_the_step_fails(scene: Scene) -> None:
    scene.project.describe(workspaces={"azure": {"type": "azureml", "config": "absent.json"}})
    scene.project.job("digits", compute="azureml:gpu", environment={"image": "python:3.11"})
    scene.project.job("other", compute="azureml:gpu", environment={"image": "python:3.11"})
    pull = scene.open_pull()

    ended = scene.comment(pull, code=1)

    assert "error:" in ended.err
    assert "no plan" in scene.plan_comment(pull).body


def test_missing_permissions_are_one_line_each_and_change_nothing_else(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    scene.hub.grant(contents="read")

    ended = scene.comment(pull)

    lines = ended.err.splitlines()
    assert len(lines) == 2
    assert "the permission pull-requests: write" in lines[0]
    assert "the permission statuses: write" in lines[1]
    assert ended.out.count("::warning title=github::GITHUB_TOKEN is not allowed to") == 2
    assert "1 to submit" in ended.out
    assert "1 to submit" in scene.summary


def test_one_missing_permission_leaves_the_other_half(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    scene.hub.grant(statuses="write")
    scene.comment(pull)
    assert state(scene, pull.head_sha)[0] == "pending"

    scene.hub.grant(pull_requests="write")
    scene.comment(pull)

    assert scene.plan_comment(pull)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        ({"GITHUB_TOKEN": "ghs_expired"}, "does not accept GITHUB_TOKEN"),
        ({"GITHUB_REPOSITORY": "octo/other"}, "Do the repository and the pull request exist"),
    ],
)
def test_what_github_does_not_accept_is_said(
    scene: Scene, variables: dict[str, str], told: str
) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()

    ended = scene.comment(pull, **variables)

    assert all(told in line for line in ended.err.splitlines())
    assert "1 to submit" in ended.out


def test_an_unreachable_github_leaves_the_plan_and_its_exit_code(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        ended = scene.comment(pull, GITHUB_API_URL=f"http://127.0.0.1:{port}")

    assert "1 to submit" in scene.summary
    assert "warning: cannot reach GitHub" in ended.err
    assert "Connection refused" in ended.err


def test_rate_limits_are_honoured(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    limit = scene.hub.limit("POST .*/comments", seconds=1)
    busy = scene.hub.faults.add("GET .*/comments", status=503)
    many = scene.hub.faults.add("POST .*/statuses", status=429, headers={"Retry-After": "1"})

    ended = scene.comment(pull)

    assert (limit.struck, busy.struck, many.struck) == (1, 1, 1)
    assert ended.err == ""
    assert scene.plan_comment(pull)
    assert state(scene, pull.head_sha)[0] == "pending"


def test_a_rate_limit_that_lasts_is_not_waited_for(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    scene.hub.limit(seconds=3600, times=None)

    ended = scene.comment(pull)

    assert "try again later" in ended.err
    assert len(scene.hub.requests) == 2


def test_a_comment_whose_answer_is_lost_is_there_once(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    scene.hub.faults.add("POST .*/comments", when="after", status=502)
    scene.comment(pull)
    assert len(scene.comments(pull)) == 2, "nobody can tell that the first one was made"

    scene.comment(pull)

    assert scene.plan_comment(pull)


@pytest.mark.parametrize(
    ("opened", "told"),
    [
        ({"fork": "eve/pets"}, "the pull request is from a fork"),
        ({"user": "dependabot[bot]"}, "the pull request is from a bot"),
    ],
)
def test_a_fork_and_a_bot_get_an_offline_plan_in_the_summary(
    scene: Scene, opened: dict[str, str], told: str
) -> None:
    epochs(scene, 9)
    pull = scene.open_pull(**opened)

    ended = scene.comment(pull, GITHUB_TOKEN="")

    assert ended.err == f"No comment: {told}.\n"
    assert "offline: as if all runs of origin/main had completed" in ended.out
    assert "inputs.epochs 8 → 9" in scene.summary
    assert f"_Planned offline ({told}): no workspace was contacted._" in scene.summary
    assert scene.hub.requests == []


def test_a_branch_left_behind_says_by_how_much(ran: Scene) -> None:
    epochs(ran, 9)
    pull = ran.open_pull()
    ran.main()
    ran.project.job("other", "true 2")
    ran.push("main")
    ran.project.git("checkout", "-q", "change")
    given = ran.variables(pull)

    ran.project.gitrain("github", "comment", variables=given)

    body = ran.plan_comment(pull).body
    assert "1 commit behind `origin/main`" in body
    assert "Already pending on origin/main (not part of this plan): 1 submit" in body
    assert "Job/other" in body
    assert "1 to submit, 0 to cancel; 0 unchanged" in body


def test_a_variant_that_ran_is_reused_and_its_state_is_the_status(ran: Scene) -> None:
    epochs(ran, 9)
    pull = ran.open_pull()
    ran.project.gitrain("run", "digits", "--wait")

    ran.comment(pull)

    body = ran.plan_comment(pull).body
    marker = read_marker(body)
    assert marker
    assert f"Job/digits: {marker.runs[0]}" in body
    assert state(ran, pull.head_sha) == ("success", "1 run already completed")


def test_by_hand_the_pull_request_is_looked_up(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    given = {"GITHUB_TOKEN": PERSON, "GITHUB_API_URL": scene.hub.url}

    scene.project.gitrain(
        *("github", "comment", "--repo", "octo/pets", "--pr", str(pull.number)), variables=given
    )

    comment = scene.plan_comment(pull)
    assert comment.user == "ada"
    assert "base `origin/main`" in comment.body
    assert state(scene, pull.head_sha)[0] == "pending"


def test_without_a_pull_request_there_is_only_the_summary(scene: Scene) -> None:
    given = scene.variables(None)

    ended = scene.project.gitrain("github", "comment", variables=given)

    assert ended.err == "No comment: this is not a pull request (use --pr N).\n"
    assert scene.hub.requests == []


def test_nobody_else_can_pass_for_us(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    forged = "<!-- gitrain:plan workspace=local runs=demo-x-000000000000-1 -->\nhello"
    stranger = scene.hub.say(pull.number, forged, user="eve", association="NONE")

    scene.comment(pull)

    assert stranger.edits == []
    assert len(scene.comments(pull)) == 2


def test_a_comment_is_found_beyond_the_first_page(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()
    for number in range(120):
        scene.hub.say(pull.number, f"comment {number}")
    scene.comment(pull)
    epochs(scene, 10)
    scene.push("change")

    scene.comment(pull)

    assert len(scene.plan_comment(pull).edits) == 1


def test_a_secret_is_in_nothing_that_is_shown(scene: Scene) -> None:
    canary = "canary-7d1f0c"
    scene.project.job("train", environment_variables={"API_KEY": {"env": "CANARY"}})
    pull = scene.open_pull()

    ended = scene.comment(pull, CANARY=canary)

    comment = scene.plan_comment(pull)
    assert "CANARY" in comment.body, "the name is what reconcile will need"
    for text in (ended.out, ended.err, scene.summary, comment.body):
        assert canary not in text
        assert scene.hub.token("x") not in text
        assert "ghs_workflow" not in text
