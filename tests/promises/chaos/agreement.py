"""Whether what happened is what the plan said."""

from __future__ import annotations

from gitrain.observed import Phase
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.plan.run_payloads import Submit, Tag
from tests.promises.chaos.look import BrokenError, Look


def check_as_planned(made: Plan, before: Look, after: Look) -> None:
    """What the plan said, and what is different now."""

    def planned(*verbs: Verb, kind: str = "Job") -> list[Action]:
        return [a for a in made.writes if a.verb in verbs and a.kind == kind]

    submitted = {a.run_id for a in planned(Verb.SUBMIT)}
    clusters = {f"cluster/{a.name}" for a in planned(Verb.CREATE, kind="Cluster")}
    versions = {
        f"environment/{a.name}/{a.digest}" for a in planned(Verb.REGISTER, kind="Environment")
    }
    stopped = {a.run_id for a in planned(Verb.CANCEL) if before.runs[a.run_id].cause is None}
    tagged = {a.run_id for a in made.writes if _tags(a)}
    agrees = {
        "submits": (submitted, _submits(before, after)),
        "makes": (clusters | versions, after.resources.keys() - before.resources.keys()),
        "deletes": (
            {f"cluster/{a.name}" for a in planned(Verb.DELETE, kind="Cluster")},
            before.resources.keys() - after.resources.keys(),
        ),
        "changes": (
            {f"cluster/{a.name}" for a in planned(Verb.UPDATE, Verb.REPLACE, kind="Cluster")},
            {k for k, v in before.resources.items() if after.resources.get(k, v) != v},
        ),
        "cancels": (stopped, _stopped(before, after)),
        "tags": (
            tagged,
            {n for n, run in before.ours.items() if after.ours[n].tags != run.tags},
        ),
    }
    for what, (said, done) in agrees.items():
        if said != done:
            raise BrokenError(f"the plan {what} {said}, and it was {done}")


def _tags(action: Action) -> bool:
    """Whether it changes what a run is called."""
    carried = action.payload
    return isinstance(carried, Tag) or (isinstance(carried, Submit) and carried.tags is not None)


def _submits(before: Look, after: Look) -> set[str]:
    """The runs that are new, and those that go on."""
    on = {n for n, run in before.ours.items() if run.preempted and not after.ours[n].preempted}
    on = {name for name in on if after.ours[name].phase is not Phase.CANCELED}
    return {*(after.ours.keys() - before.ours.keys()), *on}


def _stopped(before: Look, after: Look) -> set[str]:
    return {n for n, run in before.ours.items() if run.cause is None and after.ours[n].cause}
