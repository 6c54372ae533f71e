"""People, accidents and gitrain in a world, in any order; and what is true there all the time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gitrain.desired import Desired
from gitrain.observed import Phase, Run
from gitrain.plan.actions import Plan
from tests.chaos import reconciling
from tests.chaos.changes import check_attempts
from tests.chaos.look import BrokenError, DuplicateError, Look, OrphanError, look
from tests.chaos.repository import GATE, JOBS, Repository, elsewhere
from tests.chaos.settled import check_told, degraded, unsettled
from tests.chaos.world import World

# The longest chain, with all its retries, and cancels that have to come through.
ROUNDS = 12

jobs = st.sampled_from(JOBS)
words = st.sampled_from(["one", "two", "three"])
accuracies = st.sampled_from([GATE - 0.1, GATE + 0.4])
edits = st.one_of(
    st.tuples(st.just("command"), words),
    st.tuples(st.just("command"), words),
    st.tuples(st.just("revision"), st.integers(1, 2)),
    st.tuples(st.just("limits"), st.sampled_from([{"timeout": 600}, {"timeout": 900}])),
    st.tuples(st.just("retries"), st.integers(0, 2)),
    st.tuples(st.just("suspend"), st.booleans()),
    st.tuples(st.just("supersede"), st.sampled_from(["cancel", "keep"])),
    st.tuples(st.just("gates"), st.sampled_from([[], [f"accuracy >= {GATE}"]])),
    st.tuples(st.just("team"), st.sampled_from(["x", "y"])),
)
flags = st.fixed_dictionaries(dict.fromkeys(reconciling.NO_FLAGS, st.booleans()))
moments = st.integers(0, 999)


class Chaos(RuleBasedStateMachine):
    """`open_world` makes the world of an example; `tally` counts what happened in all of them."""

    open_world: Callable[[], World]
    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).open_world()
        self.repository = Repository(self.world.kind, self.world.command)
        self.earlier = self.repository.desired()
        self.accuracy: dict[str, float] = {}
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

    @rule(job=jobs, edit=edits)
    def edit(self, job: str, edit: tuple[str, Any]) -> None:
        self.repository.jobs[job][edit[0]] = edit[1]

    @rule(job=jobs)
    def revert(self, job: str) -> None:
        self.repository.jobs[job] = {}

    @rule(job=jobs)
    def remove_or_bring_back(self, job: str) -> None:
        self.repository.gone ^= {job}

    @rule(job=jobs)
    def rename(self, job: str) -> None:
        self.repository.renamed ^= {job}

    @rule(image=st.sampled_from(["one", "two"]))
    def change_the_environment(self, image: str) -> None:
        self.repository.image = image

    @precondition(lambda self: self.world.clusters)
    @rule(adopts=st.booleans())
    def adopt_the_environment(self, adopts: bool) -> None:
        self.repository.adopts = adopts

    @rule(most=st.sampled_from([None, 2, 3]), tier=st.sampled_from(["dedicated", "low_priority"]))
    def change_the_cluster(self, most: int | None, tier: str) -> None:
        self.repository.most, self.repository.tier = most, tier

    @rule(job=jobs, word=words)
    def run_a_variant(self, job: str, word: str) -> None:
        if job in self.repository.present:
            wanted = self.repository.desired(variant=job, command=word)
            reconciling.run_by_hand(self.world, wanted, self.repository.name(job))

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
        self.accuracy[run_id] = accuracy
        self.world.end(run_id, Phase.FAILED if failed else Phase.COMPLETED, accuracy)

    @precondition(lambda self: self.world.preempts and self.live())
    @rule(data=st.data())
    def a_run_loses_its_machine(self, data: st.DataObject) -> None:
        self.count("faults")
        self.world.lose(data.draw(st.sampled_from([run.id for run in self.live()])))

    @rule(on=st.booleans())
    def cancels_take_their_time(self, on: bool) -> None:
        self.world.slow(on)

    @rule()
    def cancels_come_through(self) -> None:
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

    @rule(flags=flags)
    def reconcile(self, flags: dict[str, bool]) -> None:
        self.earlier = self.repository.desired()
        reconciling.reconcile(self.world, self.earlier, flags)

    @rule(flags=flags, at=moments, after=st.booleans())
    def reconcile_and_die(self, flags: dict[str, bool], at: int, after: bool) -> None:
        die = partial(self.world.die, at=at % self.world.calls, after=after)
        self.count("faults", reconciling.cut_short(self.world, self.wanted(), flags, die))

    @rule(flags=flags, at=moments, after=st.booleans())
    def reconcile_while_a_call_fails(self, flags: dict[str, bool], at: int, after: bool) -> None:
        disturb = partial(self.world.disturb, at=at % self.world.calls, after=after)
        self.count("faults", reconciling.cut_short(self.world, self.wanted(), flags, disturb))

    def wanted(self) -> Desired:
        return self.repository.desired()

    @rule(
        stale=st.booleans(),
        first=flags,
        second=flags,
        turns=st.lists(st.integers(0, 1), max_size=16),
    )
    def two_reconcile_at_once(
        self, stale: bool, first: dict[str, bool], second: dict[str, bool], turns: list[int]
    ) -> None:
        """One of them may have an older checkout."""
        self.count("faults")
        works = [(self.wanted(), first), (self.earlier if stale else self.wanted(), second)]
        reconciling.reconcile_at_once(self.world, works, turns)

    @rule(failing=st.sets(jobs, max_size=2), accuracy=accuracies)
    def reconcile_and_wait(self, failing: set[str], accuracy: float) -> None:
        """Every run that is seen ends."""
        names = {self.repository.name(job) for job in failing}
        wanted = self.wanted()
        self.world.slow(False)

        def tick(made: Plan) -> None:
            self.world.calm()
            for run in self.live():
                self.end(run.id, run.job in names, accuracy)

        def bad(now: Look) -> object:
            return degraded(now, wanted, self.accuracy)

        reconciling.reconcile_and_wait(self.world, wanted, tick, bad)
        self.check_settled(wanted)

    # What holds at every moment, and in the end --------------------------------------------------

    @invariant()
    def attempts_are_counted_and_nothing_foreign_is_touched(self) -> None:
        self.count("steps")
        now = self.look()
        check_attempts(now)
        if now.foreign != self.foreign:
            raise BrokenError(f"foreign: {self.foreign} → {now.foreign}")

    def check_settled(self, wanted: Desired) -> None:
        if found := unsettled(self.look(), wanted, self.accuracy):
            raise BrokenError(f"not settled: {found}")

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
        self.check_settled(wanted)
        check_told(self.look(), wanted)

    def check_counts(self) -> None:
        """What the world itself has: runs, those started twice, and those that nobody knows."""
        self.count("examples")
        self.count("runs", len(self.look().ours))
        if found := self.world.duplicates():
            raise DuplicateError(f"{found}")
        if found := self.world.orphans():
            raise OrphanError(f"{found}")
