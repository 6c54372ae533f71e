"""The whole Azure flow, from this checkout, against an Azure ML workspace on the loopback.

`make azure-demo` prints each command and what it prints. Nothing here needs an account.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import broken
from tests.promises.azure.clone import clone_of_this
from tests.promises.azure.kill_matrix import say
from tests.promises.command_line.project import Project

PRACTICE = """\
This is practice. "Azure" is a program on this machine that speaks Azure Machine Learning's protocol
to the real SDK: there is no Azure account, nothing leaves this machine, and nothing costs money.
The GPU cluster is pretence; the job on digits is real, and learns on this machine's CPU.
"""


class Shown:
    """A checkout, and commands in it that a person sees run."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def gitrain(self, words: str, why: str, *, code: int = 0) -> None:
        """Say why, and run `gitrain WORDS`; exits when it does not end as it should."""
        say(f"\n# {why}\n$ gitrain {words}")
        with self.project.start(*shlex.split(words)) as process:
            out, err = process.communicate(timeout=300)
        say(out.rstrip(), err.rstrip(), sep="\n" if err.strip() else "")
        if process.returncode != code:
            sys.exit(f"gitrain {words} exited {process.returncode}")

    def shell(self, words: str, why: str) -> None:
        say(f"\n# {why}\n$ {words}")
        say(self.project.git(*shlex.split(words)[1:]))


def show(emulator: Emulator, shown: Shown) -> None:
    """From an empty workspace to a second model, as a team would go."""
    run = shown.gitrain
    run("doctor -w azure", "Is everything there that this needs?")
    run("plan -w azure", "What would a merge of these manifests do?")
    run(
        "reconcile -w azure", "Do it: make the cluster, register the environments, submit the jobs."
    )
    begin(emulator)
    run("logs -w azure -f fastai-digits", "Watch the digits learn.")
    await_runs(emulator)
    run("status -w azure", "How does everything stand?")
    run("metrics -w azure fastai-digits", "How good is the model?")
    run("outputs -w azure fastai-digits --download downloads", "Get the model.")
    shutil.rmtree(shown.project.root / "downloads")
    run("reconcile -w azure", "Again: nothing changed, so nothing runs, and nothing is written.")
    change(shown.project)
    shown.shell("git show --stat --format=%s", "Somebody merges a change: fewer epochs.")
    run("plan -w azure", "Only the job that changed runs again.")
    emulator.switches.set(execution="processes")
    run("reconcile -w azure", "Do it.")
    await_runs(emulator)
    run("metrics -w azure fastai-digits", "Is it better than before?")


def begin(emulator: Emulator) -> None:
    """Let the digits run for real; what must download a data set ends without being executed."""
    for run_id in list(emulator.state.runs):
        if "digits" in run_id:
            emulator.switches.set(execution="processes")
            emulator.jobs.start(emulator.state.runs[run_id])
        else:
            emulator.jobs.drive(run_id, "Completed", metrics={"accuracy": 0.99})
            say(f"\n# Practice: {run_id} would download its data; it is only said to be completed.")


def change(project: Project) -> None:
    """Commit and push a job with fewer epochs."""
    job = project.root / "jobs/fastai-digits.yaml"
    job.write_text(job.read_text().replace("epochs: 8", "epochs: 4"))
    project.commit("Train the digits for half as long")
    project.git("push", "-q")


def await_runs(emulator: Emulator) -> None:
    for run_id in list(emulator.state.runs):
        emulator.jobs.wait(run_id, 280)


def main() -> None:
    say(PRACTICE)
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="gitrain-azure-demo-"))
    try:
        with Emulator("proxy", execution="manual", collect_seconds=0.2) as emulator:
            show(emulator, Shown(clone_of_this(folder, emulator)))
            asked = len(emulator.requests.list)
            complaints = broken(emulator)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(
        f"\n{asked} requests, all to this machine, in {time.monotonic() - begun:.0f} s.",
        *complaints,
    )
    say(f"\n{PRACTICE}", "docs/how-to/azure-ml.md: the same commands with a workspace of Azure's.")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
