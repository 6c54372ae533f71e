"""What a plan says besides its rows: reasons, notes, what is degraded."""

import pytest

from gitrain.diff import Change, diff
from gitrain.observed import Cause, Phase
from gitrain.plan.reasons import change, changes
from gitrain.reconcile import changed_files, observe
from tests.unit.plan.build import World, a_cluster, a_job, desired, row, verbs

FILES = {("t1", "t2"): ("data.py", "train.py")}


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ({"inputs": {"epochs": "8"}}, {"inputs": {"epochs": "9"}}, "inputs.epochs 8 → 9"),
        ({}, {"inputs": {"lr": "0.1"}}, "inputs.lr none → 0.1"),
        ({"inputs": {"lr": "0.1"}}, {}, "inputs.lr 0.1 → none"),
        ({"code": "t1"}, {"code": "t2"}, "code changed (data.py, train.py)"),
        ({"code": "t1"}, {"code": "t3"}, "code changed"),
        ({}, {"code": "t1"}, "code added"),
        ({"code": "t1"}, {}, "code removed"),
        ({"environment": "e1"}, {"environment": "e2"}, "environment changed"),
        ({"inputs": {"m": {"job": "d1", "output": "o"}}},
         {"inputs": {"m": {"job": "d2", "output": "o"}}}, "inputs.m changed"),
        ({"inputs": {"m": {"content": "c1"}}}, {"inputs": {"m": {"content": "c2"}}},
         "inputs.m changed"),
        ({"command": "a\n  b"}, {"command": "x" * 60}, f"command a b → {'x' * 39}…"),
        ({"command": "it's"}, {"command": "x" * 40}, f"command it's → {'x' * 40}"),
        ({"environment_variables": {"K": {"env": "A"}}}, {"environment_variables": {"K": "v"}},
         "environment_variables.K {env: A} → v"),
        ({"revision": 2}, {}, "revision 2 → none"),
        ({"distribution": None}, {"distribution": {"type": "mpi"}}, "distribution.type none → mpi"),
    ],
)  # fmt: skip
def test_a_difference_is_said_as_a_person_would(old: dict, new: dict, text: str) -> None:
    assert changes(diff(old, new), FILES) == text


def test_only_the_first_few_differences_are_said() -> None:
    many = tuple(Change(f"inputs.x{i}", "0", "1") for i in range(6))

    assert changes(many).endswith("inputs.x3 0 → 1; and 2 more")
    assert changes(many[:4]).endswith("inputs.x3 0 → 1")


def test_an_empty_text_is_visible() -> None:
    assert change(Change("command", "", "x"), {}) == 'command "" → x'


@pytest.mark.parametrize(
    ("one", "other", "paths"),
    [
        ({"a": [1, 2]}, {"a": [1, 3]}, ["a"]),
        ({"a": 1}, {"a": 1.0}, ["a"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": {"b": 1}}, {"a": "x"}, ["a"]),
        ({"a": "x"}, {"a": {"b": 1}}, ["a"]),
        (1, 2, [""]),
        ({"a": {}}, {}, ["a"]),
        ({"a": {"b": 1}}, {}, ["a.b"]),
        ({"b": 1, "a": 1}, {"a": 2, "b": 2}, ["a", "b"]),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_values_differ_leaf_by_leaf(one: dict, other: dict, paths: list[str]) -> None:
    assert [found.path for found in diff(one, other)] == paths


def test_a_first_run_says_so(world: World) -> None:
    assert row(world.plan(desired(a_job("a"))), "a").reason == "no run yet"


def test_a_retry_says_what_became_of_the_last_attempt(world: World) -> None:
    wanted = desired(a_job("a", retries=1))
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)

    assert row(world.plan(wanted), "a").reason == "attempt 1 failed; runs again"


def test_a_new_placement_is_the_reason_of_its_run(world: World) -> None:
    world.reconcile(desired(a_job("a", limits={"timeout": 60})))
    world.workspace.cancel(next(iter(world.workspace.runs)), Cause.PERSON)

    again = row(world.plan(desired(a_job("a", limits={"timeout": 99}))), "a")

    assert again.reason == "attempt 1 was canceled; limits.timeout 60 → 99"


def test_why_compares_with_what_was_merged_last_and_not_with_a_variant(world: World) -> None:
    world.reconcile(desired(a_job("a", inputs={"x": 1})))
    world.reconcile(desired(a_job("a", inputs={"x": 2}), variants=frozenset({"a"})), by_hand=True)

    assert row(world.plan(desired(a_job("a", inputs={"x": 3}))), "a").reason == "inputs.x 1 → 3"


def test_the_names_of_changed_files_are_asked_for_once_for_each_pair(world: World) -> None:
    def wanted(tree: str):
        return desired(a_job("a", code="src"), trees={"jobs/src": tree})

    world.reconcile(wanted("t1"))
    asked = []

    def compare(old: str, new: str):
        asked.append((old, new))
        return ("train.py",)

    files = changed_files(wanted("t2"), observe(world.workspace, wanted("t2")), compare)

    assert asked == [("t1", "t2")]
    made = world.plan(wanted("t2"), changed_files=files)
    assert row(made, "a").reason == "code changed (train.py)"


def test_files_of_a_tree_that_git_no_longer_has_are_not_named(world: World) -> None:
    world.reconcile(desired(a_job("a", code="src"), trees={"jobs/src": "t1"}))
    wanted = desired(a_job("a", code="src"), trees={"jobs/src": "t2"})

    assert changed_files(wanted, observe(world.workspace, wanted), lambda *_: None) == {}


def test_only_what_is_submitted_needs_its_secrets(world: World) -> None:
    wanted = desired(a_job("a", environment_variables={"A": {"env": "SECRET_A"}}), a_job("b"))
    assert world.plan(wanted).notes == (
        "reconcile will need these environment variables: SECRET_A",
    )

    world.reconcile(wanted)

    assert world.plan(wanted, absent_secrets=frozenset({"SECRET_A"})).settled


def test_degraded_jobs_are_told_once_each_with_their_run(world: World) -> None:
    wanted = desired(a_job("a"), a_job("b"), a_job("c", retries=1))
    world.reconcile(wanted)
    for job in ("a", "b", "c"):
        world.end(job, Phase.FAILED)

    made = world.plan(wanted)

    assert [(d.name, d.reason, d.run_id[-1]) for d in made.degraded] == [
        ("a", "failed: exit code 1", "1"),
        ("b", "failed: exit code 1", "1"),
    ]
    assert verbs(made) == ["keep a", "keep b", "submit c"]


def test_a_degraded_job_whose_labels_change_is_still_degraded(world: World) -> None:
    world.reconcile(desired(a_job("a")))
    world.end("a", Phase.FAILED)

    made = world.plan(desired(a_job("a", display_name="A")))

    assert (verbs(made), [d.name for d in made.degraded]) == (["update a"], ["a"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("compute", "other"),
        ("limits", {"timeout": 9}),
        ("resources", {"shm_size": "8g"}),
        ("resources", {"docker_args": ["--ipc=host"]}),
        ("experiment_name", "e"),
        ("checkpoints", True),
    ],
)
def test_placement_changes_no_digest_and_waits_for_the_next_run(
    world: World, field: str, value: object
) -> None:
    clusters = (a_cluster("gpu"), a_cluster("other"))
    before = desired(*clusters, a_job("a", compute="gpu"))
    world.reconcile(before)
    world.end("a")
    after = desired(*clusters, a_job("a", **{"compute": "gpu", field: value}))

    kept = row(world.plan(after), "a")

    assert before.jobs[0].digest == after.jobs[0].digest
    assert (kept.verb, kept.reason.endswith("applies to the next run")) == ("keep", True)


def test_a_live_run_goes_on_when_its_placement_changes(world: World) -> None:
    world.reconcile(desired(a_job("a", limits={"timeout": 60})))

    assert world.plan(desired(a_job("a", limits={"timeout": 99}))).settled


def test_what_is_canceled_for_another_job_row_is_counted(world: World) -> None:
    world.reconcile(desired(a_job("a", "one"), a_job("b")))
    summary = world.plan(desired(a_cluster(), a_job("a", "two"), a_job("b"))).summary

    assert (summary.create, summary.cancel, summary.submit, summary.unchanged) == (1, 1, 1, 1)
    assert summary.writes == 3
