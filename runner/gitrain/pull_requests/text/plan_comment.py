"""The comment with the plan on a pull request, and the status of its future results."""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.errors import Problem
from gitrain.identity import RunId
from gitrain.plan.actions import Action, Health, Plan, Verb
from gitrain.pull_requests.text.marker import Marker
from gitrain.report.markdown.budget import fitted
from gitrain.report.markdown.escape import code, prose
from gitrain.report.markdown.links import Links, footer
from gitrain.report.markdown.reports import LIMIT, plan_markdown, problems_markdown
from gitrain.report.safe import count, plain
from gitrain.secrets.addresses import scrub_url


def plan_comment(plan: Plan, workspace: str, links: Links, limit: int = LIMIT) -> str:
    """The marker with the run ids, the plan, and what was planned, in at most `limit` bytes."""
    marker = Marker(
        kind="plan",
        workspace=workspace,
        folder=links.folder,
        runs=run_ids(plan),
        facts={"commit": links.commit or plan.commit},
    )
    end = footer(_planned(plan, links), links)
    room = limit - len(f"{marker}\n{end}".encode())
    return f"{marker}\n{plan_markdown(plan, limit=room, blob=links.blob)}{end}"


def problems_comment(
    problems: Iterable[Problem],
    workspace: str,
    links: Links,
    *,
    known: Iterable[Problem] = (),
    base: str = "",
) -> str:
    """The marker without runs, and why there is no plan: first the problems of this branch, then
    those that its `base` has as well."""
    before = {_same(problem) for problem in known}
    new = [problem for problem in problems if _same(problem) not in before]
    old = [problem for problem in problems if _same(problem) in before]
    marker = Marker(kind="plan", workspace=workspace, folder=links.folder)
    text = f"{marker}\n### {prose(workspace)}: no plan\n\n"
    end = footer([f"Commit {links.to(links.commit)}"] if links.commit else [], links)
    for title, found in (("", new), (f"\nAlready on {code(base)}:\n\n", old)):
        room = LIMIT - len(f"{text}{title}{end}".encode())
        if found and room > 200:
            text += title + problems_markdown(found, 0, limit=room, blob=links.blob)
    return f"{text}{end}"


def _same(problem: Problem) -> tuple[str, ...]:
    """What distinguishes a problem from others, except its line."""
    file = problem.location.file if problem.location else ""
    return (file, problem.path, problem.code, problem.message)


def failure_comment(reason: str, workspace: str, links: Links) -> str:
    """The marker without runs, and the error in place of a plan; addresses in it lose their
    credentials."""
    marker = Marker(kind="plan", workspace=workspace, folder=links.folder)
    start = (
        f"{marker}\n### {prose(workspace)}: no plan\n\n**⚠️ {prose(scrub_url(reason)[:2000])}**\n"
    )
    end = [f"Commit {links.to(links.commit)}"] if links.commit else []
    return fitted(start, [], footer(end, links), LIMIT)


def status_context(workspace: str) -> str:
    """The name of the commit status that a branch protection can require."""
    return f"gitrain/results ({workspace})"


def run_ids(plan: Plan) -> tuple[str, ...]:
    """The runs of this plan: those it submits, those that wait for others, and existing ones that
    it reuses."""
    reused = {one.name for one in plan.base.reused} if plan.base else set()
    return tuple(
        row.run_id or str(RunId(plan.project, row.name, row.digest, 1))
        for row in plan.jobs
        if row.name in reused or row.verb in (Verb.SUBMIT, Verb.WAITING)
    )


def results_state(plan: Plan) -> tuple[str, str]:
    """The state of the commit status `gitrain/results` before the merge, and why: pending while
    there is something to run."""
    reused = {one.name for one in plan.base.reused} if plan.base else set()
    jobs = plan.jobs
    blocked = [row for row in jobs if row.verb is Verb.BLOCKED]
    coming = [row for row in jobs if row.verb in (Verb.SUBMIT, Verb.WAITING)]
    there = [row for row in jobs if row.name in reused]
    degraded = [row for row in there if row.health is Health.DEGRADED]
    live = [row for row in there if row.run and not _over(row)]
    if blocked or degraded:
        first = (blocked or degraded)[0]
        return "failure", plain(f"{first.name}: {first.story or first.reason}")
    if coming:
        return "pending", f"{count(len(coming), 'run')} will start after the merge"
    if live:
        return "pending", f"{count(len(live), 'run')} still in progress"
    if there:
        return "success", f"{count(len(there), 'run')} already completed"
    return "success", "nothing to run"


def _over(row: Action) -> bool:
    return row.run is not None and not (row.run.live or row.run.preempted)


def _planned(plan: Plan, links: Links) -> list[str]:
    """Which commit was planned, and compared with which."""
    told = f"Commit {links.to(links.commit or plan.commit)}"
    if plan.base is None:
        return [told]
    told += f", base {code(plan.base.ref)} at {links.to(plan.base.commit)}"
    behind = plan.base.behind
    return [told, f"{count(behind, 'commit')} behind {code(plan.base.ref)}"] if behind else [told]
