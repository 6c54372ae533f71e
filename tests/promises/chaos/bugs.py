"""Bugs that could be in gitrain, one small change each: the machine has to find them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import gitrain

SOURCE = Path(gitrain.__file__).parent


@dataclass(frozen=True)
class Bug:
    """What is wrong with it, in which file, and the change; `world` is where it has to be found."""

    name: str
    file: str
    right: str
    wrong: str
    world: str = "memory"

    @property
    def stands(self) -> bool:
        """Whether the text to change is there, once."""
        return (SOURCE / self.file).read_text().count(self.right) == 1

    def copy_to(self, folder: Path) -> None:
        """The package with this bug, in a folder for PYTHONPATH."""
        shutil.copytree(SOURCE, folder / "gitrain", ignore=shutil.ignore_patterns("__pycache__"))
        file = folder / "gitrain" / self.file
        file.write_text(file.read_text().replace(self.right, self.wrong))


JOBS, RUNS, JOB_KIND = "plan/jobs.py", "plan/runs.py", "plan/job_kind.py"
CLUSTERS, ENVIRONMENTS = "plan/clusters.py", "plan/environments.py"
MAKE, GUARDS, SELECT, LOOP = "plan/make.py", "plan/guards.py", "plan/select.py", "reconcile.py"
BEFORE = "plan/before.py"
LOCAL, AZUREML = "workspaces/local", "workspaces/azureml"

BUGS = (
    # What runs
    Bug(
        "the latest run counts, no matter its digest",
        RUNS,
        "run for run in runs if run.digest == job.digest and run.counts",
        "run for run in runs if run.counts",
    ),
    Bug(
        "a run that gitrain canceled counts",
        RUNS,
        "if run.digest == job.digest and run.counts",
        "if run.digest == job.digest",
    ),
    Bug(
        "the first attempt counts, not the last",
        RUNS,
        "return max(counted, key=lambda run: run.attempt, default=None)",
        "return min(counted, key=lambda run: run.attempt, default=None)",
    ),
    Bug(
        "attempts are counted without those that gitrain canceled",
        JOBS,
        "[r.attempt for r in runs if r.digest == job.digest]",
        "[r.attempt for r in runs if r.digest == job.digest and r.counts]",
    ),
    Bug(
        "one retry too many",
        RUNS,
        "failures <= job.spec.retries",
        "failures <= job.spec.retries + 1",
    ),
    Bug("one retry too few", RUNS, "failures <= job.spec.retries", "failures < job.spec.retries"),
    Bug(
        "a person's cancel is retried",
        RUNS,
        "retry = run.phase is Phase.FAILED and failures",
        "retry = failures",
    ),
    Bug(
        "a changed placement is overlooked",
        RUNS,
        "(run.adopted or not placement_changes(job, run))",
        "True",
    ),
    Bug(
        "a completed run is not enough when its placement changed",
        RUNS,
        "    if run.phase is Phase.COMPLETED:\n        return True\n",
        "",
    ),
    Bug("suspended jobs run", JOBS, "        if job.spec.suspend:\n", "        if False:\n"),
    Bug(
        "a preempted run begins anew",
        JOBS,
        "resumed = run if run and run.preempted else None",
        "resumed = None",
    ),
    Bug(
        "a digest does not wait for its own cancel",
        JOBS,
        "if run and run.live and run.cause and run.cause.ours:",
        "if False:",
    ),
    Bug(
        "what it takes from need not be completed",
        JOBS,
        'return "; ".join(filter(None, reasons))',
        'return ""',
    ),
    Bug(
        "a missed gate lets dependents run",
        JOBS,
        "if not gate.passed]\n            return f",
        "if False]\n            return f",
    ),
    Bug(
        "an id that others took is submitted",
        JOBS,
        "if new in self._observed.foreign_runs:",
        "if False:",
    ),
    Bug(
        "the ids that others may have are not asked for",
        JOB_KIND,
        "run_ids=tuple(ids)",
        "run_ids=()",
    ),
    Bug("labels stay as they were", JOBS, "if stale := self._stale(job, run):", "if stale := ():"),
    Bug(
        "jobs do not wait for what is blocked",
        JOBS,
        "if need in self._blocked]\n        if blocked:",
        "if need in self._blocked]\n        if False:",
    ),
    Bug(
        "a run by hand repeats what completed",
        RUNS,
        "if run.preempted or job.name in options.rerun:",
        "if run.preempted or job.name in options.retry:",
    ),
    Bug(
        "a rerun repeats what is still live",
        RUNS,
        "    if run.live:\n        return True\n",
        "    if run.live and job.name not in options.rerun:\n        return True\n",
    ),
    Bug(
        "a gate compares with a variant",
        BEFORE,
        "run.phase is Phase.COMPLETED and not run.tags.variant",
        "run.phase is Phase.COMPLETED",
    ),
    Bug(
        "a gate compares with the first run, not the latest",
        BEFORE,
        "return max(completed, key=lambda r: (r.ended_at",
        "return min(completed, key=lambda r: (r.ended_at",
    ),
    Bug(
        "--select leaves behind what a job takes from",
        SELECT,
        "frozenset(_with_needs(chosen, found))",
        "frozenset(chosen)",
    ),
    Bug("--select chooses everything", MAKE, "if options.select:", "if False:"),
    # What is canceled
    Bug("older runs go on", JOBS, "(asked or (older and replaces))", "asked"),
    Bug(
        "supersede: keep is overlooked",
        JOBS,
        'replaces and job.spec.supersede == "cancel" and not',
        "replaces and not",
    ),
    Bug(
        "variants are superseded",
        JOBS,
        "and not run.tags.variant and run.cause is None",
        "and run.cause is None",
    ),
    Bug(
        "a waiting job cancels its older run",
        JOBS,
        "(Verb.KEEP, Verb.UPDATE, Verb.SUBMIT) and not job.spec.suspend",
        "tuple(Verb) and not job.spec.suspend",
    ),
    Bug(
        "a suspended job cancels its older run",
        JOBS,
        "Verb.SUBMIT) and not job.spec.suspend",
        "Verb.SUBMIT)",
    ),
    Bug(
        "a run by hand supersedes",
        JOBS,
        'job.spec.supersede == "cancel" and not self._options.by_hand',
        'job.spec.supersede == "cancel"',
    ),
    Bug(
        "a cancel that was begun is forgotten",
        JOBS,
        "asked = run.cause is not None and run.cause.ours",
        "asked = False",
    ),
    # What is destroyed
    Bug(
        "runs of removed jobs are canceled without --prune",
        JOB_KIND,
        "if options.prune or _begun(run)",
        "if True",
    ),
    Bug(
        "clusters are deleted without --prune",
        MAKE,
        "    elif options.prune:\n",
        "    elif True:\n",
    ),
    Bug(
        "--prune deletes what is in use",
        CLUSTERS,
        'used = f", but {in_use(state)}" if state.active_runs else ""',
        'used = ""',
    ),
    Bug(
        "--prune cancels nothing",
        JOB_KIND,
        "if options.prune or _begun(run)",
        "if _begun(run)",
    ),
    Bug(
        "--prune takes variants",
        JOB_KIND,
        "if run.live and run.job not in named and not run.tags.variant:",
        "if run.live and run.job not in named:",
    ),
    Bug(
        "everything is ours",
        CLUSTERS,
        "return state.project == project or bool(",
        "return True or bool(",
    ),
    Bug(
        "clusters are replaced without --replace", CLUSTERS, "if not options.replace:", "if False:"
    ),
    Bug(
        "--replace takes what is in use",
        CLUSTERS,
        "    if state.active_runs:\n",
        "    if False:\n",
    ),
    Bug(
        "any measure of destruction is fine",
        GUARDS,
        "if destroyed > 3 and",
        "if destroyed > 99 and",
    ),
    Bug(
        "foreign environment names are taken",
        ENVIRONMENTS,
        "elif foreign and not environment.metadata.adopt:",
        "elif False:",
    ),
    Bug(
        "a changed cluster is left as it is", CLUSTERS, "    if not different:\n", "    if True:\n"
    ),
    # What is carried out
    Bug(
        "what needed a failed action continues",
        "apply.py",
        "            failed.add(action.address)\n",
        "            pass\n",
    ),
    Bug(
        "a replacement only deletes",
        CLUSTERS,
        "delete_cluster(self.cluster.name)\n        workspace.create_cluster",
        "delete_cluster(self.cluster.name)\n        (lambda *_: None)",
    ),
    Bug(
        "a run that continues keeps old labels",
        "plan/run_payloads.py",
        "    if self.tags:  # a run",
        "    if False:  # a run",
    ),
    Bug(
        "a failed action is told as done",
        "apply.py",
        "return _outcome(action, Result.FAILED, str(error))",
        "return _outcome(action, Result.DONE)",
    ),
    Bug(
        "exit 0 although an action failed",
        LOOP,
        "any(outcome.result is not Result.DONE for outcome in self.outcomes)",
        "False",
    ),
    Bug("exit 0 although a run failed", LOOP, "if self.waited and any(", "if False and any("),
    Bug(
        "exit 0 although something is blocked",
        LOOP,
        "if any(row.verb is Verb.BLOCKED for row in self.last.actions):",
        "if False:",
    ),
    Bug(
        "--wait ends while runs are live",
        LOOP,
        "unsettled = due or _live(latest)",
        "unsettled = due",
    ),
    # The worlds' own
    Bug(
        "memory: a cancel forgets who asked",
        "workspaces/memory.py",
        "            self._change(run_id, cause=cause)\n            self.go(",
        "            self.go(",
    ),
    Bug(
        "memory: a submit begins a run anew",
        "workspaces/memory.py",
        "        elif not existing:\n",
        "        else:\n",
    ),
    Bug(
        "local: who lives is not looked at",
        f"{LOCAL}/workspace.py",
        "        if lock is None:\n            return entry\n        with closing(lock):",
        "        with closing(lock):",
        "local",
    ),
    Bug(
        "local: a cancel forgets who asked",
        "workspaces/folders/states.py",
        "asked = msgspec.structs.replace(record, cause=record.cause or cause)",
        "asked = record",
        "local",
    ),
    Bug(
        "local: a lost run is failed",
        "workspaces/folders/states.py",
        "if record.starts > RESTARTS:\n        return Settled(",
        "if record.starts:\n        return Settled(",
        "local",
    ),
    Bug(
        "local: a placed folder is not recorded",
        f"{LOCAL}/ledger/runs.py",
        "            recovery.index(connection, folder)\n            return tables.get(",
        "            return tables.get(",
        "local",
    ),
    Bug(
        "azureml: a cancel forgets who asked",
        f"{AZUREML}/workspace.py",
        "        self._marks.cause(body, cause)\n",
        "",
        "azureml",
    ),
    Bug(
        "azureml: a run that was cut off is not seen",
        f"{AZUREML}/observe.py",
        "        cut_off = [body for body in bodies if may_be_ours(body, project)]\n",
        "        cut_off = []\n",
        "azureml",
    ),
    Bug(
        "azureml: experiments are not marked",
        f"{AZUREML}/runs/tags.py",
        'if (experiment.get("tags") or {}).get(key) != project:',
        "if False:",
        "azureml",
    ),
    Bug(
        "azureml: clusters are not marked",
        f"{AZUREML}/clusters/request.py",
        "PROJECT: project",
        "'other': project",
        "azureml",
    ),
)
