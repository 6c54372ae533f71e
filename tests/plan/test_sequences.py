"""After any sequence of edits, failures and crashes the promise holds."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Plan, Verb
from tests.plan.sequences import Place, Repository, only

jobs = st.sampled_from("abc")
commands = st.sampled_from(["one", "two", "three"])
ends = st.sampled_from([Phase.COMPLETED, Phase.FAILED])
edits = st.one_of(
    st.tuples(st.just("command"), commands),
    st.tuples(st.just("command"), commands),
    st.tuples(st.just("revision"), st.integers(1, 2)),
    st.tuples(st.just("limits"), st.sampled_from([{"timeout": 60}, {"timeout": 99}])),
    st.tuples(st.just("retries"), st.integers(0, 2)),
    st.tuples(st.just("suspend"), st.booleans()),
    st.tuples(st.just("supersede"), st.sampled_from(["cancel", "keep"])),
    st.tuples(st.just("team"), st.sampled_from(["x", "y"])),
)


class Sequences(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.repository = Repository()
        self.place = Place()

    # People ----------------------------------------------------------------------------------

    @rule(job=jobs, edit=edits)
    def edit(self, job: str, edit: tuple[str, Any]) -> None:
        self.repository.jobs[job][edit[0]] = edit[1]

    @rule(job=jobs)
    def revert(self, job: str) -> None:
        self.repository.jobs[job] = {}

    @rule(job=jobs)
    def remove_or_bring_back(self, job: str) -> None:
        self.repository.gone ^= {job}

    @rule(image=st.sampled_from(["one", "two"]))
    def change_the_environment(self, image: str) -> None:
        self.repository.image = image

    @rule(most=st.sampled_from([None, 2, 3]))
    def change_the_cluster(self, most: int | None) -> None:
        self.repository.clusters = {"gpu": most} if most else {}

    @rule(job=jobs, command=commands)
    def run_a_variant(self, job: str, command: str) -> None:
        if job not in self.repository.present:
            return
        wanted = self.repository.desired(variant=job, command=command)
        made = self.place.plan(wanted, by_hand=True, retry=frozenset({job}))
        self.place.carry_out(only(made, job), by_hand=True)

    # The workspace ---------------------------------------------------------------------------

    @rule(data=st.data(), phase=ends)
    def a_run_ends(self, data: st.DataObject, phase: Phase) -> None:
        if live := self.place.live():
            run = data.draw(st.sampled_from(live))
            self.place.workspace.go(run.id, phase, exit_code=int(phase is Phase.FAILED))

    @rule(data=st.data())
    def a_run_loses_its_machine(self, data: st.DataObject) -> None:
        if live := [run for run in self.place.live() if run.cause is None]:
            run = data.draw(st.sampled_from(live))
            self.place.workspace.go(run.id, Phase.RUNNING, preempted=True)

    @rule(data=st.data())
    def a_person_cancels(self, data: st.DataObject) -> None:
        if live := [run for run in self.place.live() if run.cause is None]:
            self.place.workspace.cancel(data.draw(st.sampled_from(live)).id, Cause.PERSON)

    @rule(slow=st.booleans())
    def cancels_take_their_time(self, slow: bool) -> None:
        self.place.workspace.slow = slow

    @rule()
    def cancels_come_through(self) -> None:
        for run in self.place.live():
            if run.cause:
                self.place.workspace.go(run.id, Phase.CANCELED)

    # gitrain ---------------------------------------------------------------------------------

    @rule(prune=st.booleans())
    def reconcile(self, prune: bool) -> None:
        # A cluster goes after the runs on it, and a digest comes back after its cancel.
        pending = any(run.cause for run in self.place.live())
        for _ in range(2 if prune or pending else 1):
            assert self._reconcile(prune=prune)
        before = self.place.snapshot()
        assert self._reconcile(prune=prune)
        assert self.place.snapshot() == before, "a second reconcile changed something"

    @rule(prune=st.booleans(), at=st.integers(0, 6))
    def reconcile_and_crash(self, prune: bool, at: int) -> None:
        self._reconcile(prune=prune, crash_at=at)

    def _reconcile(self, *, prune: bool, crash_at: int | None = None) -> bool:
        # --force: with three clusters and a few runs everything is more than a third.
        made = self.place.plan(self.repository.desired(), prune=prune, force=True)
        if made.problems:
            assert [problem.code for problem in made.problems] == ["prune-empty"]
            return True
        self.place.check_pending(made)
        return self.place.carry_out(made, crash_at)

    # What holds at every moment --------------------------------------------------------------

    @invariant()
    def what_is_not_ours_is_as_it_was(self) -> None:
        assert self.place.snapshot(foreign=True) == self.place.foreign

    @invariant()
    def a_digest_has_one_live_run_and_its_attempts_are_counted(self) -> None:
        attempts: dict[tuple[str, str], list[int]] = {}
        for run in self.place.ours():
            attempts.setdefault((run.job, run.digest), []).append(run.attempt)
        assert all(sorted(n) == list(range(1, len(n) + 1)) for n in attempts.values())
        live = [(run.job, run.digest) for run in self.place.live()]
        assert len(live) == len(set(live))

    def teardown(self) -> None:
        """Whatever happened: from here on it settles."""
        self.place.workspace.slow = False
        for _ in range(12):
            assert self._reconcile(prune=False)
            self.cancels_come_through()
            for run in self.place.live():
                self.place.workspace.go(run.id, Phase.COMPLETED)
        made = self.place.plan(self.repository.desired())
        assert made.writes == ()
        _assert_settled(made)
        for name in self.repository.present:
            runs = [
                a.run
                for a in made.actions
                if (a.kind, a.name, a.reason) == ("Job", name, "completed")
            ]
            team = self.repository.jobs[name].get("team", "x")
            assert all(run and run.tags.labels == {"team": team} for run in runs)


def _assert_settled(made: Plan) -> None:
    """Completed, failed by its own fault, canceled by a person, suspended, or waiting for one."""
    rows = {action.name: action for action in made.actions if action.kind == "Job"}
    for row in rows.values():
        run = row.run
        if row.verb is Verb.KEEP and row.reason != "suspended":
            assert run is not None
            assert run.phase in (Phase.COMPLETED, Phase.FAILED) or run.cause is Cause.PERSON
        elif row.verb is Verb.WAITING:
            assert row.name == "c"
            assert rows["a"].run is None or rows["a"].run.phase is not Phase.COMPLETED
        else:
            assert row.reason == "suspended"


def test_the_promise_holds_after_any_sequence() -> None:
    run_state_machine_as_test(
        Sequences,
        settings=settings(
            max_examples=400,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
