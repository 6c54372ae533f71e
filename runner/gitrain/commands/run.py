"""gitrain run"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from gitrain.apply import Outcome
from gitrain.commands.options import common, job_argument
from gitrain.commands.wait import unsuspend, wait_for
from gitrain.errors import Exit, ManifestsError, RefusedError, Severity, UsageError
from gitrain.manifest import JobSpec
from gitrain.near import near
from gitrain.observed import Phase, Run
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.plan.guards import BUDGETS
from gitrain.plan.jobs import needs
from gitrain.plan.kind import in_plan
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import options_of, plan_from_base
from gitrain.project.settings import parse_settings
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.text.reconcile import outcome_line
from gitrain.rules.data import unused
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render


@click.command("run")
@job_argument(required=False)
@click.option(
    "--base",
    metavar="REF",
    help="Instead of JOB: run every job that this checkout would submit and REF would not.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Set a field of spec, such as inputs.lr=3e-4; the value is YAML (repeatable).",
)
@click.option("--wait", is_flag=True, help="Wait for the run to finish, then print the status.")
@common("json", "markdown")
def command(
    invocation: Invocation,
    job: str | None,
    base: str | None,
    settings: tuple[str, ...],
    wait: bool,
) -> int:
    """Run a job now with other values (a variant).

    A variant supersedes nothing and is not superseded. If the same values are merged later, its
    run is reused and nothing runs again. Registers a missing environment, but never creates a
    cluster.

    \b
    Examples:
      gitrain run fastai-digits --set inputs.epochs=3 --wait
      gitrain metrics fastai-digits --variants
      gitrain run --base origin/main
    """

    if base:
        if job or settings:
            raise UsageError("--base selects the jobs: leave out JOB and --set")
        return submit_added(invocation, base, wait=wait)
    if not job:
        raise UsageError("which job? Name one, or use --base REF")
    return submit(invocation, job, parse_settings(settings), wait=wait)


def submit(
    invocation: Invocation,
    job: str,
    settings: Mapping[str, Any],
    *,
    wait: bool,
    rerun: bool = False,
) -> int:
    """Submit one job and the environment version it needs, and say what happened."""
    opened = OpenedProject(invocation) if rerun else _opened(invocation, job, settings)
    opened.job(job)
    names = frozenset({job})
    options = options_of(opened, {"select": (f"Job/{job}",), "prune": False})
    options = msgspec.structs.replace(
        options,
        absent_secrets=opened.absent_secrets(),
        by_hand=not rerun,
        retry=names,
        rerun=names if rerun else frozenset(),
    )
    made = opened.plan(options)
    row = next(r for r in made.jobs if r.name == job)
    options = msgspec.structs.replace(options, retry=frozenset(), rerun=frozenset())
    if row.verb is not Verb.SUBMIT:
        held = _held(opened, row, rerun=rerun)
        return _not_submitted(
            invocation, opened, made, row, held, options if wait and not held else None
        )
    ended = _apply(invocation, opened, _only(opened, made, (row,)))
    if wait and ended.exit_code is Exit.OK:
        return wait_for(invocation, opened, options, (job,))
    if invocation.output != "text":
        invocation.write(render("reconciled", invocation, ended))
    return ended.exit_code


def submit_added(invocation: Invocation, base: str, *, wait: bool) -> int:
    """Submit, as variants, the jobs whose digest is new in this checkout since it left `base`.

    What `base` has gained since then is not run. A job that waits for another is submitted by a
    later call, once the other has completed.
    """
    added = _added(OpenedProject(invocation), base)
    names = tuple(row.name for row in added.actions)
    if not names:
        nothing = Reconciled(first=added, last=added, outcomes=())
        text = invocation.output == "text"
        said = f"Nothing to run: no job differs from {base}."
        invocation.write(said if text else render("reconciled", invocation, nothing))
        return Exit.OK
    opened = OpenedProject(invocation, {name: {} for name in names})
    options = options_of(opened, {"select": [f"Job/{name}" for name in names], "prune": False})
    made = opened.plan(
        msgspec.structs.replace(
            options,
            absent_secrets=opened.absent_secrets(),
            by_hand=True,
            retry=frozenset(names),
        )
    )
    rows = [row for row in made.jobs if row.name in names]
    for row in rows:
        if row.verb is not Verb.SUBMIT and invocation.output == "text":
            invocation.write(_why_not(row))
    ended = _apply(
        invocation, opened, _only(opened, made, [row for row in rows if row.verb is Verb.SUBMIT])
    )
    if wait and ended.exit_code is Exit.OK:
        return wait_for(invocation, opened, options, names)
    if invocation.output != "text":
        invocation.write(render("reconciled", invocation, ended))
    return ended.exit_code


def _added(opened: OpenedProject, base: str) -> Plan:
    """The jobs that this checkout would submit, or have wait, if everything that `base` wants had
    completed. Raises RefusedError when the guards of `base` refuse them."""
    made = plan_from_base(opened, {"prune": False}, base, offline=True)
    if made.problems:
        cure = f"run the jobs one by one, or change the policy of {base} first"
        raise RefusedError(
            msgspec.structs.replace(one, suggestion=cure) if one.code in BUDGETS else one
            for one in made.problems
        )
    new = (Verb.SUBMIT, Verb.WAITING)
    rows = tuple(row for row in made.jobs if row.verb in new)
    return msgspec.structs.replace(made, actions=rows)


def _opened(invocation: Invocation, job: str, settings: Mapping[str, Any]) -> OpenedProject:
    """The project with other values for one job. What they break is reported as an error of --set,
    not at a place in a file, since the file is valid."""
    if not settings:
        return OpenedProject(invocation, {job: {}})
    declared = OpenedProject(invocation).job(job).spec
    opened = OpenedProject(invocation, {job: settings})
    try:
        changed = opened.job(job).spec
    except ManifestsError as error:
        broken = next(p for p in error.problems if p.severity is Severity.ERROR)
        cure = f" ({broken.suggestion})" if broken.suggestion else ""
        raise UsageError(f"--set: {broken.path}: {broken.message}{cure}") from None
    _refuse_unused(job, settings, declared, changed)
    return opened


def _refuse_unused(
    job: str, settings: Mapping[str, Any], declared: JobSpec, changed: JobSpec
) -> None:
    """A value that nothing uses is a mistake: the run would compute what the job does anyway."""
    for scope, name in unused(changed):
        if name in settings.get(scope, {}):
            known = {"inputs": declared.inputs, "outputs": declared.outputs}[scope]
            used = [other for other in known if other != name]
            meant = used[0] if len(used) == 1 else near(name, used)
            hint = f"did you mean {scope}.{meant}?" if meant else ""
            hint = hint or f"its {scope}: {', '.join(used) or 'none'}"
            raise UsageError(f"--set {scope}.{name}: nothing in job {job} uses it; {hint}")


def _only(opened: OpenedProject, made: Plan, rows: Sequence[Action]) -> Plan:
    """The rows of these jobs and of their environments. Only reconcile creates missing
    clusters."""
    needed = {need for row in rows for need in needs(opened.job(row.name))}
    used = [other for other in made.actions if other.address in needed]
    brought = [other for other in used if in_plan(other.kind).by_hand]
    for other in used:
        if other.verb is Verb.CREATE and other not in brought:
            raise UsageError(
                f"{other.key} does not exist, and run does not create it: reconcile first"
            )
    keep = tuple(
        other
        for other in made.actions
        if other in rows
        or (other.verb is Verb.CANCEL and other.key in {row.key for row in rows})
        or other in brought
    )
    return msgspec.structs.replace(made, actions=keep)


def _apply(invocation: Invocation, opened: OpenedProject, made: Plan) -> Reconciled:
    def report(outcome: Outcome) -> None:
        if invocation.output == "text":
            invocation.write(outcome_line(outcome, invocation.style))

    return Loop(opened.workspace, lambda: made, report=report).once(made)


def _not_submitted(
    invocation: Invocation,
    opened: OpenedProject,
    made: Plan,
    row: Action,
    held: str,
    waiting: Options | None,
) -> int:
    """Say why; an existing run can be waited for, unless something held up a new one."""
    kept = None if held else _kept(row)
    if invocation.output == "text":
        invocation.write(held or _why_not(row))
    if kept and waiting:
        return wait_for(invocation, opened, waiting, (row.name,))
    if invocation.output != "text":
        only = msgspec.structs.replace(made, actions=(row,))
        ended = Reconciled(first=only, last=only, outcomes=())
        invocation.write(render("reconciled", invocation, ended))
    return Exit.OK if kept else Exit.BLOCKED


def _held(opened: OpenedProject, row: Action, *, rerun: bool) -> str:
    """What to do about `suspend` if only that kept a run from being submitted; else ""."""
    completed = row.run is not None and row.run.phase is Phase.COMPLETED
    answered = (row.run is not None and row.run.live) or (completed and not rerun)
    if row.verb is not Verb.KEEP or answered or not opened.job(row.name).spec.suspend:
        return ""
    cure = "remove `suspend` first" if completed else unsuspend(row.name)
    return f"{row.key} is suspended: {cure}"


def _kept(row: Action) -> Run | None:
    return row.run if row.verb in (Verb.KEEP, Verb.UPDATE) else None


def _why_not(row: Action) -> str:
    if kept := _kept(row):
        return f"{kept.id} is {kept.phase.value}: nothing to submit."
    return f"{row.key} is {row.verb.value}: {row.reason}"
