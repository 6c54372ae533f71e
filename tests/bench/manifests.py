"""A project of any number of jobs, all of them completed.

    python -m tests.bench.manifests FOLDER COUNT

Job manifests of some 45 lines, a hundred a folder, and the environment and the cluster that they
share, committed to a new repository. Every tenth job takes the output of the one before it and has
a gate. That the jobs have run is the ledger's word: the runs are written as the local workspace
writes them, without running anything and without the copies of the code.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import msgspec

from gitrain.plan.options import Options
from gitrain.plan.run_payloads import Submit
from gitrain.project.opened import OpenedProject
from gitrain.terminal.invocation import Invocation
from gitrain.workspace import Submission
from gitrain.workspaces.folders import states
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.local.ledger.runs import Ledger
from tests.bench.repository import commit

PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: bench}
spec:
  manifests: [jobs]
  default_workspace: local
  workspaces:
    local: {type: local}
    azure: {type: azureml, config: .azureml/config.json}
  defaults:
    Job: {limits: {timeout: 3600}}
  policy: {max_instances: 4, require_timeout: true}
"""
CLUSTER = """\
apiVersion: gitrain/v1
kind: Cluster
metadata: {name: gpu-cluster}
spec:
  size: Standard_NC4as_T4_v3
  max_instances: 4
"""
ENVIRONMENT = """\
apiVersion: gitrain/v1
kind: Environment
metadata: {name: fastai}
spec:
  image: fastdotai/fastai2:latest
  local: {python: current}
"""
JOB = """\
# yaml-language-server: $schema=../../schemas/v1/job.json
apiVersion: gitrain/v1
kind: Job
metadata:
  name: train-{number:05}
  description: Fine-tunes a small network on one of the team's sets of images.
  workspaces: [local, azure]
  labels:
    team: vision
    sweep: "{folder:03}"
spec:
  experiment_name: sweep-{folder:03}
  display_name: Seed {number}
  code: ../../training
  command: >-
    python train.py --data ${{{{inputs.data}}}} --epochs ${{{{inputs.epochs}}}}
    --lr ${{{{inputs.learning_rate}}}} --seed ${{{{inputs.seed}}}}{flag}
    --out ${{{{outputs.model}}}}
  inputs:
    data:
      type: uri_folder
      path: ../../images
      mode: ro_mount
    epochs: 8
    learning_rate: 3e-4
    seed: {number}{base}
  outputs:
    model:
      type: uri_folder
  environment: fastai
  compute: gpu-cluster
  distribution:
    type: pytorch
    process_count_per_instance: 1
  resources:
    instance_count: 1
    shm_size: 4g
  environment_variables:
    OMP_NUM_THREADS: 1
    TOKENIZERS_PARALLELISM: "false"
  limits:
    timeout: 3600
  retries: 1
  checkpoints: true{gates}
"""
OVERRIDES = """\
overrides:
  azure:
    inputs:
      data:
        path: azureml://datastores/workspaceblobstore/paths/images
"""
METRICS = b'{"epoch": 0, "accuracy": 0.9, "valid_loss": 0.3}\n{"epoch": 1, "accuracy": 0.97}\n'


def job(number: int) -> str:
    chained = number % 10 == 9
    text = JOB.format(
        number=number,
        folder=number // 100,
        flag=" --base ${{inputs.base}}" if chained else "",
        base=f"\n    base: ${{{{jobs.train-{number - 1:05}.outputs.model}}}}" if chained else "",
        gates="\n  gates: [accuracy >= 0.95]" if chained else "",
    )
    return text + OVERRIDES


def write(root: Path, jobs: int) -> None:
    """A project with its code and data, committed."""
    files = {
        "gitrain.yaml": PROJECT,
        "jobs/clusters/gpu-cluster.yaml": CLUSTER,
        "jobs/environments/fastai.yaml": ENVIRONMENT,
        "images/cat/1.jpg": "",
        **{f"training/part{number}.py": f"PART = {number}\n" for number in range(20)},
        **{f"jobs/sweep{n // 100:03}/train{n:05}.yaml": job(n) for n in range(jobs)},
    }
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    commit(root)


def complete(root: Path) -> None:
    """Make every job of a project a completed run: what the plan submits has run at once."""
    home = Home((root / ".gitrain").resolve())
    home.make()
    clock = count()
    while True:
        invocation = Invocation(directory=root, workspace="local", output="text", color=False)
        due = OpenedProject(invocation).plan(Options()).writes
        if not due:
            break
        for action in due:
            assert isinstance(action.payload, Submit)
            _write_run(home, action.payload.submission, next(clock))
    # The first to write makes the ledger, out of the runs' folders.
    Ledger(home).change(next(home.runs.iterdir()).name, lambda record: record)


def _write_run(home: Home, submission: Submission, number: int) -> None:
    at = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    queued = states.Record(tags=submission.tags, submitted_at=at)
    running = states.running(states.preparing(queued), group=0, since=0, now=at)
    record = states.exited(running, 0, at)
    folder = home.run(submission.run_id)
    (folder.code / "outputs").mkdir(parents=True)
    (folder.code / "outputs" / "metrics.jsonl").write_bytes(METRICS)
    folder.submission.write_bytes(states.stored(submission))
    folder.record.write_bytes(msgspec.json.encode(record))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
    complete(Path(sys.argv[1]))
