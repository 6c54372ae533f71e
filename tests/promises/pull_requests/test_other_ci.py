"""The examples of docs/how-to/other-ci.md: their shell parts, run as the two services run them."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from ruamel.yaml import YAML

from tests.doubles.azure.emulator import Emulator, environment
from tests.promises.documents.pages import blocks
from tests.promises.pull_requests.conftest import Checkout, runs_of
from tests.root import ROOT

pytestmark = pytest.mark.xdist_group("rehearsal-pull-request")

DOCUMENT = ROOT / "docs/how-to/other-ci.md"
EXAMPLES = {
    block.file: YAML(typ="safe").load(block.text) for block in blocks("yaml", page=DOCUMENT)
}
GITLAB = EXAMPLES[".gitlab-ci.yml"]
AZURE = {
    step.get("displayName"): step["inputs"]["inlineScript"]
    for step in EXAMPLES["azure-pipelines.yml"]["steps"]
    if step.get("task") == "AzureCLI@2"
}


def clone(checkout: Checkout, folder: Path) -> Path:
    """What a CI fetches: every branch, and HEAD detached at the commit that started it."""
    commit = checkout.git("rev-parse", "HEAD")
    checkout.git("clone", "-q", checkout.git("remote", "get-url", "origin"), str(folder))
    checkout.git("checkout", "-q", "--detach", commit, cwd=folder)
    return folder


def shell(
    checkout: Checkout, emulator: Emulator, folder: Path, script: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script as both do: in one bash that ends at the first failure."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**checkout.variables, **environment(emulator), **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )


def gitlab(job: str) -> str:
    """A job's script. Installing is asserted, and left out."""
    assert GITLAB["default"]["before_script"] == [
        "pip install --quiet --requirement ci-requirements.txt"
    ]
    return "\n".join(GITLAB[job]["script"])


@contextmanager
def notes() -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """GitLab's API, as far as the example needs it: path, token and body of each note."""
    received: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: Any) -> None:
            pass

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            received.append((self.path, self.headers["private-token"], form["body"][0]))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v4", received
    finally:
        server.shutdown()
        server.server_close()


def test_gitlab_notes_the_plan_and_reconciles_main(
    checkout: Checkout, emulator: Emulator, tmp_path: Path
) -> None:
    checkout.begin("longer")
    checkout.train("more", epochs=6)
    checkout.publish()

    with notes() as (api, received):
        merge_request = {
            "CI_API_V4_URL": api,
            "CI_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_IID": "12",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "GITLAB_TOKEN": "glpat",
        }
        place = clone(checkout, tmp_path / "mr")
        planned = shell(checkout, emulator, place, gitlab("plan"), **merge_request)
        checkout.train("more", limits={"timeout": "soon"})
        checkout.publish()
        place = clone(checkout, tmp_path / "broken")
        broken = shell(checkout, emulator, place, gitlab("plan"), **merge_request)

    assert (planned.returncode, broken.returncode) == (0, 3), planned.stderr + broken.stderr
    (path, token, body), (_, _, problems) = received
    assert (path, token) == ("/api/v4/projects/7/merge_requests/12/notes", "glpat")
    assert "Job/more" in body
    assert "jobs/more.yaml:15" in problems
    assert emulator.state.runs == {}

    done = shell(checkout, emulator, clone(checkout, tmp_path / "main"), gitlab("reconcile"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert runs_of(emulator) == {"train": 1}


def test_azure_pipelines_shows_the_plan_and_reconciles_main(
    checkout: Checkout, emulator: Emulator, tmp_path: Path
) -> None:
    checkout.begin("longer")
    checkout.train("more", epochs=6)
    checkout.publish()

    place = clone(checkout, tmp_path / "pull")
    target = {"SYSTEM_PULLREQUEST_TARGETBRANCHNAME": "main"}
    planned = shell(checkout, emulator, place, AZURE["Plan"], **target)

    assert planned.returncode == 0, planned.stderr
    [line] = planned.stdout.splitlines()
    shown = Path(line.removeprefix("##vso[task.uploadsummary]"))
    assert shown.parent == place.resolve()
    assert "Job/more" in shown.read_text()
    assert emulator.state.runs == {}

    done = shell(checkout, emulator, clone(checkout, tmp_path / "main"), AZURE["Reconcile"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert runs_of(emulator) == {"train": 1}
