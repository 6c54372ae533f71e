"""What loading costs: bounds wide enough for a busy machine, tight enough to catch a square."""

from __future__ import annotations

import subprocess
import sys

from tests.unit.conftest import PROJECT, job

CHILD = """
import sys, time
from pathlib import Path
from gitrain.load.manifests import load
loaded = load(Path(sys.argv[1]))
assert not loaded.problems, loaded.problems
heavy = {"git", "azureml", "rich", "torch", "jsonschema"} & set(sys.modules)
print(time.process_time(), sorted(heavy))
"""

SPEC = """
  command: python train.py --lr ${{inputs.lr}} --out ${{outputs.model}}
  inputs:
    lr: 1e-3
    data: {type: uri_folder, path: "azureml:pets:1"}
  outputs: {model: {type: uri_folder}}
  environment: azureml:fastai:1
  compute: azureml:gpu
  limits: {timeout: 3600}
"""


def cost(root) -> tuple[float, str]:
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(root)], capture_output=True, text=True, check=True
    )
    seconds, _, heavy = result.stdout.strip().partition(" ")
    return float(seconds), heavy


def test_one_file_loads_without_anything_heavy(project):
    project.write("jobs/a.yaml", job("a"))

    seconds, heavy = cost(project.root)

    assert heavy == "[]"
    assert seconds < 0.4  # 0.09 on an idle machine


def test_a_thousand_manifests_load_in_a_second_and_a_half(project):
    project.write("gitrain.yaml", PROJECT)
    for number in range(1000):
        project.write(f"jobs/{number:04}.yaml", job(f"job-{number}", SPEC))

    assert cost(project.root)[0] < 1.5
