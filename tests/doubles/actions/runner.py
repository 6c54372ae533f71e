"""A runner: carries out one job's steps in order, as GitHub's does, on this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.actions import actions
from tests.doubles.actions.expressions import evaluate, filled, holds, shown
from tests.doubles.actions.workflow import Job, Step, UnknownWorkflow

LIMIT = 240
INSTALL = "python -I -m pip install --quiet --requirement .github/requirements.txt"
# How GitHub cancels: SIGINT to the step's process, then SIGTERM, then the end of all of them.
CANCELLATION = ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5))


@dataclass
class Ran:
    """How a job ended: success, failure, cancelled or skipped. `steps` are those that ran, and
    `signals` those that it took to end them."""

    job: str
    conclusion: str = "skipped"
    steps: dict[str, int] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    signals: list[signal.Signals] = field(default_factory=list)

    @property
    def annotations(self) -> list[str]:
        """The workflow commands of the log that make annotations."""
        return re.findall(r"^::(?:error|warning|notice)\b.*$", self.log, re.MULTILINE)


@dataclass
class Runner:
    """A machine that is new for each job. `cancel_when` says when somebody presses Cancel."""

    folder: Path
    variables: Mapping[str, str]
    contexts: Mapping[str, Any]
    remote: Path
    cancel_when: Callable[[], bool] | None = None
    cancelled: bool = False
    failed: bool = False
    signals: list[signal.Signals] = field(default_factory=list)

    def run(self, job: Job) -> Ran:
        for name in ("work", "home", "temp"):
            (self.folder / name).mkdir(parents=True)
        ran = Ran(job.id, "success")
        outputs: dict[str, Any] = {}
        for number, step in enumerate(job.steps, 1):
            contexts = {**self.contexts, "steps": outputs}
            if not holds(step.condition, contexts, self._functions()):
                continue
            place = self.folder / f"step-{number}"
            code = self._step(job, step, place, contexts)
            ran.log += _read(place / "log")
            ran.summary += _read(place / "summary")
            ran.steps[step.name or step.uses.partition("@")[0]] = code
            outputs[step.id] = {"outputs": _pairs(_read(place / "output"))}
            self.failed = self.failed or code != 0
        contexts = {**self.contexts, "steps": outputs}
        ran.outputs = {name: filled(text, contexts) for name, text in job.outputs.items()}
        ran.conclusion = _conclusion(self.cancelled, self.failed)
        ran.signals = self.signals
        # A job leaves nothing behind but what it did elsewhere.
        shutil.rmtree(self.folder / "work")
        return ran

    def _functions(self) -> dict[str, Callable[[], bool]]:
        return {
            "success": lambda: not (self.failed or self.cancelled),
            "failure": lambda: self.failed,
            "cancelled": lambda: self.cancelled,
            "always": lambda: True,
        }

    def _step(self, job: Job, step: Step, place: Path, contexts: Mapping[str, Any]) -> int:
        place.mkdir()
        work = self.folder / "work"
        if step.uses:
            given = {key: _value(value, contexts) for key, value in step.given.items()}
            event = contexts["github"]
            actions.carry_out(step.uses, given, work, self.remote, event["sha"], event["ref"])
            return 0
        if "${{" in step.run:
            raise UnknownWorkflow(f"{job.id}: an expression inside of the shell's text")
        if step.name == "Install":
            if step.run != INSTALL:
                raise UnknownWorkflow(f"{job.id}: Install does more than that: {step.run}")
            return 0
        script = place / "script.sh"
        script.write_text(step.run)
        written = {**job.env, **step.env}
        given = {name: shown(_value(value, contexts)) for name, value in written.items()}
        own = {
            "GITHUB_STEP_SUMMARY": str(place / "summary"),
            "GITHUB_OUTPUT": str(place / "output"),
            "GITHUB_WORKSPACE": str(work),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "TMPDIR": str(self.folder / "temp"),
            "HOME": str(self.folder / "home"),
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=work,
                env={**self.variables, **own, **given},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            return self._ended(process)

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + LIMIT
        while process.poll() is None:
            if self.cancel_when and self.cancel_when():
                self.cancelled, self.cancel_when = True, None
                self._cancel(process)
            if time.monotonic() > deadline:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.02)
        return int(process.returncode)

    def _cancel(self, process: subprocess.Popen[bytes]) -> None:
        for number, seconds in CANCELLATION:
            process.send_signal(number)
            self.signals.append(number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return
        self.signals.append(signal.SIGKILL)
        os.killpg(process.pid, signal.SIGKILL)


def _value(value: Any, contexts: Mapping[str, Any]) -> Any:
    """A value of `env` or `with`; one that is an expression alone keeps its type."""
    if not isinstance(value, str):
        return value
    alone = re.fullmatch(r"\$\{\{((?:(?!\}\}).)*)\}\}", value)
    return evaluate(alone[1], contexts) if alone else filled(value, contexts)


def _conclusion(cancelled: bool, failed: bool) -> str:
    if cancelled:
        return "cancelled"
    return "failure" if failed else "success"


def _pairs(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
