"""A repository on GitHub with the real workflows: events start them, and they run here."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.actions.expressions import filled, holds
from tests.doubles.actions.oidc import Issuer
from tests.doubles.actions.runner import Ran, Runner
from tests.doubles.actions.workflow import Job, UnknownWorkflow, Workflow, read
from tests.doubles.azure.emulator import Emulator, environment
from tests.doubles.github import actions as events
from tests.doubles.github.hub import TOKEN, GitHub
from tests.doubles.github.state import Pull
from tests.doubles.github.tokens import Token
from tests.promises.command_line.project import BIN

PLACE = ".github/workflows"
# Which refs each environment lets in, as docs/how-to/github.md says to set it up.
ENVIRONMENTS = {
    "plan": re.compile(r".*"),
    "reconcile": re.compile(r"refs/heads/main"),
    "variant": re.compile(r"refs/pull/\d+/merge"),
}


@dataclass
class Run:
    """One run of a workflow: its file, the event, and its jobs once they ran."""

    workflow: Workflow
    variables: Mapping[str, str]
    number: int
    jobs: dict[str, Ran] = field(default_factory=dict)
    evicted: bool = False

    @property
    def file(self) -> str:
        return self.workflow.file

    @property
    def conclusion(self) -> str:
        found = {job.conclusion for job in self.jobs.values()}
        order = ("cancelled", "failure", "success")
        return next((one for one in order if one in found), "skipped")

    @property
    def log(self) -> str:
        return "".join(job.log for job in self.jobs.values())

    @property
    def summary(self) -> str:
        return "".join(job.summary for job in self.jobs.values())


class Site:
    """The repository `bare` behind `hub`, its variables and environments, and its runs so far."""

    def __init__(
        self, folder: Path, hub: GitHub, emulator: Emulator, issuer: Issuer, bare: Path
    ) -> None:
        self.folder = folder
        self.hub, self.emulator, self.issuer, self.bare = hub, emulator, issuer, bare
        self.vars = {"GITRAIN_WORKSPACE": "azure"}
        self.secrets: dict[str, str] = {}
        self.runs: list[Run] = []
        self.cancel_when: Callable[[], bool] | None = None
        self._held: list[Run] | None = None
        identity = {"AZURE_TENANT_ID": emulator.place.tenant}
        identity["AZURE_CLIENT_ID"] = emulator.place.client_id
        self.environments = dict.fromkeys(ENVIRONMENTS, identity)

    def workflows(self, commit: str) -> list[Workflow]:
        """All of them, as they are at a commit."""
        names = self.hub.git.git("ls-tree", "--name-only", f"{commit}:{PLACE}").split()
        texts = {name: self.hub.git.git("show", f"{commit}:{PLACE}/{name}") for name in names}
        return [read(name, text) for name, text in texts.items()]

    # What people do.

    def open(self, branch: str, **more: Any) -> Pull:
        """Open a pull request from a branch; its workflows run."""
        pull = self.hub.open_pull(branch, **more)
        self._pull(pull, "opened")
        return pull

    def push(self, pull: Pull) -> list[Run]:
        """After another push to a pull request's branch."""
        self.hub.synchronize(pull)
        return self._pull(pull, "synchronize")

    def label(self, pull: Pull, name: str) -> list[Run]:
        self.hub.state.issues[pull.number].labels.append(name)
        return self._pull(pull, "labeled", name)

    def merge(self, pull: Pull, how: str = "squash") -> list[Run]:
        self.hub.merge(pull, how)
        variables = events.push(self.hub, self._place())
        return self._fire(variables, branch="main")

    def schedule(self, file: str) -> Run:
        """What the clock starts."""
        [run] = self._fire(events.schedule(self.hub, self._place()), file=file)
        return run

    def dispatch(self, file: str, **inputs: str) -> Run:
        """Run workflow, by hand."""
        variables = events.workflow_dispatch(self.hub, self._place(), inputs)
        [run] = self._fire(variables, file=file)
        return run

    @contextmanager
    def held(self) -> Iterator[None]:
        """All runners are busy: runs pend. Of a concurrency group GitHub keeps only the last."""
        self._held = []
        yield
        pending, self._held = self._held, None
        groups = {self._group(run): run for run in pending}
        for run in pending:
            group = self._group(run)
            run.evicted = bool(group) and groups[group] is not run
            if not run.evicted:
                self._run(run)

    # What comes of it.

    def last(self, file: str) -> Run:
        return next(run for run in reversed(self.runs) if run.file == file)

    def texts(self) -> list[str]:
        """Everything that people can read: logs, summaries, comments with their edits, statuses."""
        state = self.hub.state
        return [
            *(run.log for run in self.runs),
            *(run.summary for run in self.runs),
            *(text for one in state.comments.values() for text in (one.body, *one.edits)),
            *(f"{one.context} {one.description} {one.target_url}" for one in state.statuses),
            *(f"{issue.title}\n{issue.body}" for issue in state.issues.values()),
        ]

    def _pull(self, pull: Pull, action: str, label: str = "") -> list[Run]:
        variables = events.pull_request(self.hub, self._place(), pull, action, label)
        return self._fire(variables, action=action, branch=pull.base_ref)

    def _place(self) -> Path:
        return self.folder / f"event-{len(list(self.folder.glob('event-*'))) + 1}"

    def _fire(
        self, variables: dict[str, str], action: str = "", branch: str = "", file: str = ""
    ) -> list[Run]:
        # The token is not a variable of a step: a workflow has to pass it on.
        variables = {name: text for name, text in variables.items() if text != TOKEN}
        del variables["GITHUB_STEP_SUMMARY"]
        found = []
        for workflow in self.workflows(variables["GITHUB_SHA"]):
            heard = workflow.hears(variables["GITHUB_EVENT_NAME"], action, branch)
            if heard and file in ("", workflow.file):
                number = len(self.runs) + 1
                identity = {"GITHUB_RUN_ID": str(7000 + number)}
                found.append(Run(workflow, variables | identity, number))
                self.runs.append(found[-1])
        for run in found:
            if self._held is None:
                self._run(run)
            else:
                self._held.append(run)
        return found

    def _contexts(self, run: Run, job: Job | None = None) -> dict[str, Any]:
        event = json.loads(Path(run.variables["GITHUB_EVENT_PATH"]).read_text())
        own = {} if self._fork(event) else self.vars
        github = {
            "event": event,
            "event_name": run.variables["GITHUB_EVENT_NAME"],
            "ref": run.variables["GITHUB_REF"],
            "sha": run.variables["GITHUB_SHA"],
            "repository": run.variables["GITHUB_REPOSITORY"],
            "run_id": run.variables["GITHUB_RUN_ID"],
            "api_url": run.variables["GITHUB_API_URL"],
        }
        contexts = {"github": github, "inputs": event.get("inputs", {}), "vars": own}
        if job is None:
            return contexts
        if job.environment:
            if not ENVIRONMENTS[job.environment].fullmatch(github["ref"]):
                raise UnknownWorkflow(f"{github['ref']} may not use {job.environment}")
            contexts["vars"] = own | self.environments[job.environment]
        github["token"] = self._token(run, job, fork=self._fork(event))
        return contexts | {"secrets": {} if self._fork(event) else self.secrets}

    def _fork(self, event: Mapping[str, Any]) -> bool:
        pull = event.get("pull_request")
        return bool(pull) and pull["head"]["repo"]["full_name"] != self.hub.full_name

    def _token(self, run: Run, job: Job, *, fork: bool) -> str:
        """A token that may do what the job's permissions say; of a fork's job, only read."""
        text = f"ghs_canary_{run.number}_{job.id}"
        levels = {k.replace("-", "_"): "read" if fork else v for k, v in job.permissions.items()}
        self.hub.tokens[text] = Token(permissions=levels)
        return text

    def _group(self, run: Run) -> str:
        return filled(run.workflow.group, self._contexts(run))

    def _run(self, run: Run) -> None:
        for job in run.workflow.jobs:
            needs = {name: run.jobs[name] for name in job.needs}
            well = all(one.conclusion == "success" for one in needs.values())
            contexts = self._contexts(run)
            contexts["needs"] = {name: {"outputs": one.outputs} for name, one in needs.items()}
            functions = {"success": lambda well=well: well}
            if not holds(job.condition, contexts, functions):
                run.jobs[job.id] = Ran(job.id)
                continue
            runner = Runner(
                self.folder / f"run-{run.number}-{job.id}",
                self._variables(run, job),
                {**contexts, **self._contexts(run, job)},
                self.bare,
                self.cancel_when,
            )
            run.jobs[job.id] = runner.run(job)

    def _variables(self, run: Run, job: Job) -> dict[str, str]:
        """What a step finds in its environment, before the workflow's own."""
        azure = environment(self.emulator)
        # The emulator hands out credentials as well; here a job has to come by them itself.
        own = [name for name in azure if name.startswith(("AZURE_", "AZUREML_SERVICE"))]
        azure = {name: text for name, text in azure.items() if name not in (*own, "HOME")}
        home = self.folder / f"run-{run.number}-{job.id}" / "home"
        azure["AZUREML_AUTH_CONFIG_DIR"] = str(home / ".azureml" / "auth")
        base = {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        event = json.loads(Path(run.variables["GITHUB_EVENT_PATH"]).read_text())
        admitted: dict[str, str] = {}
        if job.permissions.get("id-token") == "write" and not self._fork(event):
            admitted = self.issuer.admit(self._subject(run, job))
        return {**base, **azure, **run.variables, **admitted}

    def _subject(self, run: Run, job: Job) -> str:
        if job.environment:
            return f"repo:{self.hub.full_name}:environment:{job.environment}"
        if run.variables["GITHUB_EVENT_NAME"] == "pull_request":
            return f"repo:{self.hub.full_name}:pull_request"
        return f"repo:{self.hub.full_name}:ref:{run.variables['GITHUB_REF']}"
