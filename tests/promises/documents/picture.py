"""The README's picture: `python -m tests.promises.documents.picture` writes docs/pull-request.png.

A pull request against a copy of this repository, planned by the real workflow against an Azure ML
workspace on the loopback; its comment, as GitHub shows it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.doubles.actions.oidc import Issuer
from tests.doubles.actions.site import Site
from tests.doubles.azure.emulator import Emulator
from tests.doubles.github.hub import GitHub
from tests.promises.azure.clone import REPOSITORY, clone_of_this
from tests.promises.command_line.project import Project
from tests.promises.documents.render import page, photograph

PICTURE = REPOSITORY / "docs/pull-request.png"
HEAD = "<b>github-actions</b> bot commented"
JOB = """\
apiVersion: gitrain/v1
kind: Job
metadata:
  name: digits-tuned
  workspaces: [azure]
spec:
  code: ../training
  command: python train.py --data digits --base ${{inputs.base}}
  inputs: {base: "${{jobs.fastai-digits.outputs.model}}"}
  environment: fastai
  compute: gpu-cluster
  limits: {timeout: 1800}
"""


def comment(folder: Path, emulator: Emulator) -> str:
    """The plan's comment on a pull request that changes a job, adds one, and grows the cluster."""
    checkout = clone_of_this(folder, emulator)
    ignored = shutil.ignore_patterns("*.md")
    shutil.copytree(REPOSITORY / ".github", checkout.root / ".github", ignore=ignored)
    checkout.commit("Add workflows")
    checkout.git("push", "-q")
    runners = folder / "runners"
    runners.mkdir()
    with GitHub(folder / "remote.git") as hub, Issuer() as issuer:
        site = Site(runners, hub, emulator, issuer, folder / "remote.git")
        site.dispatch("reconcile.yml", verb="reconcile")
        for run_id in list(emulator.state.runs):
            emulator.jobs.drive(run_id, "Completed", metrics={"accuracy": 0.9972})
        change(checkout)
        pull = hub.open_pull("longer", title="Train the digits longer, and tune them")
        site.push(pull)
        [found] = hub.state.comments_on(pull.number)
        return found.body


def change(checkout: Project) -> None:
    checkout.git("switch", "-q", "-c", "longer")
    for file, old, new in (
        ("jobs/fastai-digits.yaml", "epochs: 8", "epochs: 12"),
        ("jobs/clusters/gpu-cluster.yaml", "max_instances: 4", "max_instances: 2"),
    ):
        path = checkout.root / file
        path.write_text(path.read_text().replace(old, new))
    checkout.write("jobs/digits-tuned.yaml", JOB)
    checkout.commit("Train the digits longer, and tune them")
    checkout.git("push", "-q", "origin", "longer")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="gitrain-picture-"))
    try:
        with Emulator("proxy", execution="manual") as emulator:
            photograph(page(comment(folder, emulator), HEAD), PICTURE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"wrote {PICTURE} ({PICTURE.stat().st_size // 1000} kB)\n")


if __name__ == "__main__":
    main()
