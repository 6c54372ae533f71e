"""People, accidents and gitrain in a world, in any order; and what is true there all the time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gitrain.desired import Desired
from gitrain.observed import Phase, Run
from gitrain.plan.actions import Plan
from tests.promises.chaos import reconciling
from tests.promises.chaos.changes import check_attempts
from tests.promises.chaos.look import BrokenError, DuplicateError, Look, OrphanError, look
from tests.promises.chaos.repository import ABOVE, GATE, JOBS, NEAR, Repository, elsewhere
from tests.promises.chaos.settled import check_settled, check_told
from tests.promises.chaos.world import World

# The longest chain, with all its retries, and cancels that have to come through.
ROUNDS = 12
# Law 3 of the design: the fourth time it is the run's own fault.
RESTARTS = 3

# Two of them more often, so that a second change meets the first.
jobs = st.sampled_from(("a", "b", *JOBS))
words = st.sampled_from(["one", "two"])
revisions = st.integers(1, 2)
accuracies = st.sampled_from([GATE - 0.1, GATE, GATE + 0.4])
fields = {
    "command": words,
    "revision": revisions,
    "limits": st.sampled_from([{"timeout": 600}, {"timeout": 900}]),
    "retries": st.integers(0, 2),
    "suspend": st.booleans(),
    "supersede": st.sampled_from(["cancel", "keep"]),
    "gates": st.sampled_from([[], [ABOVE], [ABOVE, NEAR]]),
    "team": st.sampled_from(["x", "y"]),
}
whole = {
    "image": st.sampled_from(["one", "two"]),
    "adopts": st.booleans(),
    "most": st.sampled_from([None, 2, 3]),
    "tier": st.sampled_from(["dedicated", "low_priority"]),
    "remove all": st.booleans(),
}
# Half of all edits change what a job computes: that is what people do.
edits = st.one_of(
    *(st.tuples(st.just(name), st.tuples(jobs, value)) for name, value in fields.items()),
    *(st.tuples(st.just("command"), st.tuples(jobs, words)) for _ in fields),
    *(st.tuples(st.just(name), jobs) for name in ("revert", "remove", "rename")),
    *(st.tuples(st.just(name), value) for name, value in whole.items()),
)
flags = st.fixed_dictionaries(dict.fromkeys(reconciling.NO_FLAGS, st.booleans()))
moments = st.integers(0, 999)
merges = st.lists(edits, max_size=4)


Merged = Iterable[tuple[str, Any]]


class Chaos(RuleBasedStateMachine):
    """`open_world` makes the world of an example; `tally` counts what happened in all of them."""

    open_world: Callable[[], World]
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).open_world()
        self.repository = Repository(self.world.kind, self.world.command)
        self.earlier = self.repository.desired()
        self.lost: Counter[str] = Counter()
        self.reruns: set[str] = set()
        others = elsewhere(self.world.kind, self.world.command)
        reconciling.apply(reconciling.planned(self.world.client(), others), self.world.client())
        self.foreign = self.look().foreign

    def look(self) -> Look:
        return look(self.world)

    def live(self) -> list[Run]:
        """Our live runs that nobody has canceled, in an order that a seed can repeat."""
        runs = self.look().ours.values()
        return sorted((r for r in runs if r.live and not r.cause), key=lambda run: run.id)

    def count(self, what: str, number: int = 1) -> None:
        type(self).tally[what] += number

    # People --------------------------------------------------------------------------------------

    def wanted(self, merged: Merged = ()) -> Desired:
        """The manifests, after these edits."""
        for what, value in merged:
            self.repository.edit(what, value)
        return self.repository.desired()

    @rule(job=jobs, word=words)
    def run_a_variant(self, job: str, word: str) -> None:
        if job in self.repository.present:
            wanted = self.repository.desired(variant=job, command=word)
            reconciling.run_by_hand(self.world, wanted, self.repository.name(job))

    @rule(job=jobs, merged=merges)
    def run_again(self, job: str, merged: Merged) -> None:
        wanted = self.wanted(merged)
        if job in self.repository.present:
            self.reruns |= reconciling.rerun(self.world, wanted, self.repository.name(job))

    @precondition(lambda self: self.live())
    @rule(data=st.data())
    def a_person_cancels(self, data: st.DataObject) -> None:
        self.world.stop(data.draw(st.sampled_from([run.id for run in self.live()])))

    # What runs do, and accidents -----------------------------------------------------------------

    @precondition(lambda self: self.live())
    @rule(data=st.data(), failed=st.booleans(), accuracy=accuracies)
    def a_run_ends(self, data: st.DataObject, failed: bool, accuracy: float) -> None:
        run_id = data.draw(st.sampled_from([run.id for run in self.live()]))
        self.end(run_id, failed, accuracy)

    def end(self, run_id: str, failed: bool = False, accuracy: float = GATE) -> None:
        self.world.end(run_id, Phase.FAILED if failed else Phase.COMPLETED, accuracy)

    @precondition(lambda self: self.world.preempts and self.live())
    @rule(data=st.data())
    def a_run_loses_its_machine(self, data: st.DataObject) -> None:
        self.count("faults")
        run_id = data.draw(st.sampled_from([run.id for run in self.live()]))
        self.lost[run_id] += 1
        self.world.lose(run_id)
        if self.lost[run_id] <= RESTARTS and not self.look().runs[run_id].preempted:
            raise BrokenError(f"{run_id} lost its machine, and that is taken for its end")

    @initialize(on=st.booleans())
    def cancels_are_slow_from_the_start(self, on: bool) -> None:
        self.world.slow(on)

    @rule(on=st.booleans())
    def cancels_take_their_time_or_come_through(self, on: bool) -> None:
        self.world.slow(on)
        if not on:
            self.world.calm()

    @precondition(lambda self: self.look().clusters)
    @rule(most=st.sampled_from([0, 2, 5]))
    def somebody_changes_or_deletes_our_cluster(self, most: int) -> None:
        self.count("faults")
        for key in self.look().clusters:
            name = key.partition("/")[2]
            if most:
                self.world.scale(name, most)
            else:
                self.world.delete(name)

    # gitrain -------------------------------------------------------------------------------------

    @rule(merged=merges, flags=flags)
    def reconcile(self, merged: Merged, flags: dict[str, bool]) -> None:
        self.earlier = self.wanted(merged)
        reconciling.reconcile(self.world, self.earlier, flags)

    @rule(merged=merges, job=jobs, flags=flags)
    def reconcile_one_job(self, merged: Merged, job: str, flags: dict[str, bool]) -> None:
        wanted = self.wanted(merged)
        if job in self.repository.present:
            # --prune looks at everything: --select excludes it.
            narrow = {**flags, "prune": False}
            name = self.repository.name(job)
            reconciling.reconcile_selected(self.world, wanted, narrow, name)

    @rule(merged=merges, flags=flags, at=moments, after=st.booleans())
    def reconcile_and_die(
        self, merged: Merged, flags: dict[str, bool], at: int, after: bool
    ) -> None:
        die = partial(self.world.die, at=at % self.world.calls, after=after)
        done = reconciling.cut_short(self.world, self.wanted(merged), flags, die)
        self.count("faults", done)

    @rule(merged=merges, flags=flags, at=moments, after=st.booleans())
    def reconcile_while_a_call_fails(
        self, merged: Merged, flags: dict[str, bool], at: int, after: bool
    ) -> None:
        disturb = partial(self.world.disturb, at=at % self.world.calls, after=after)
        done = reconciling.cut_short(self.world, self.wanted(merged), flags, disturb)
        self.count("faults", done)

    @rule(
        merged=merges,
        stale=st.booleans(),
        first=flags,
        second=flags,
        turns=st.lists(st.integers(0, 1), max_size=16),
    )
    def two_reconcile_at_once(
        self,
        merged: Merged,
        stale: bool,
        first: dict[str, bool],
        second: dict[str, bool],
        turns: list[int],
    ) -> None:
        """One of them may have an older checkout."""
        self.count("faults")
        wanted = self.wanted(merged)
        works = [(wanted, first), (self.earlier if stale else wanted, second)]
        reconciling.reconcile_at_once(self.world, works, turns)

    @rule(merged=merges, failing=st.sets(jobs, max_size=2), accuracy=accuracies)
    def reconcile_and_wait(self, merged: Merged, failing: set[str], accuracy: float) -> None:
        self.see_through(merged, accuracy, failing)

    @rule(job=jobs, history=st.lists(st.tuples(revisions, accuracies), min_size=2, max_size=4))
    def one_change_follows_another(self, job: str, history: list[tuple[int, float]]) -> None:
        """So that gates have something to compare with."""
        for number, accuracy in history:
            self.see_through([("revision", (job, number))], accuracy)

    def see_through(self, merged: Merged, accuracy: float, failing: Iterable[str] = ()) -> None:
        """Reconcile and wait; every run that is seen ends."""
        wanted = self.wanted(merged)
        names = {self.repository.name(job) for job in failing}
        self.world.slow(False)

        def tick(made: Plan) -> None:
            self.world.calm()
            for run in self.live():
                self.end(run.id, run.job in names, accuracy)

        reconciling.reconcile_and_wait(self.world, wanted, tick)
        check_settled(self.look(), wanted)

    # What holds at every moment, and in the end --------------------------------------------------

    @invariant()
    def attempts_are_counted_and_nothing_foreign_is_touched(self) -> None:
        self.count("steps")
        now = self.look()
        check_attempts(now, self.reruns)
        if now.foreign != self.foreign:
            raise BrokenError(f"foreign: {self.foreign} → {now.foreign}")

    def teardown(self) -> None:
        """Whatever happened: from here on it settles. What was broken before is told first."""
        try:
            if sys.exc_info()[0] is None:
                self.settle()
                self.check_counts()
        finally:
            self.world.close()

    def settle(self) -> None:
        wanted = self.wanted()
        self.world.slow(False)
        for _ in range(ROUNDS):
            reconciling.reconcile_once(self.world, wanted, reconciling.NO_FLAGS)
            self.world.calm()
            live = self.live()
            for run in live:
                self.end(run.id)
            if not live and not reconciling.planned(self.world.client(), wanted).writes:
                break
        reconciling.check_rests(self.world, wanted, reconciling.NO_FLAGS)
        check_settled(self.look(), wanted)
        check_told(self.look(), wanted)

    def check_counts(self) -> None:
        """What the world itself has: runs, those started twice, and those that nobody knows."""
        self.count("examples")
        self.count("runs", len(self.look().ours))
        if found := self.world.duplicates():
            raise DuplicateError(f"{found}")
        if found := self.world.orphans():
            raise OrphanError(f"{found}")
