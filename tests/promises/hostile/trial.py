"""One hostile document in an otherwise sound project, through the real command line, in process.

Whatever it says, each command ends by itself, in time, with 0 or 3, and names the place of each
problem; and nothing that is printed steers a terminal or forges a command to the CI's log.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gitrain.commands.group import run

FORMATS = ("text", "json", "markdown", "github")

# Where the hostile document stands: what it is taken for.
PLACES = {
    "manifest": "jobs/hostile.yaml",
    "project": "gitrain.yaml",
    "conda": "conda.yml",
    "requirements": "requirements.txt",
}

HEAD = "apiVersion: gitrain/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"
BOTH = "metadata: {name: NAME, workspaces: [local, azure]}"
SOUND = {
    "gitrain.yaml": """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: pets}
spec:
  manifests: [jobs]
  default_workspace: local
  workspaces:
    local: {type: local}
    azure: {type: azureml, vars: {data_root: "azureml://datastores/w/paths/pets", nodes: 2}}
  defaults: {Job: {compute: azureml:cpu, environment: fast}}
""",
    "jobs/fast.yaml": HEAD.format(
        kind="Environment", name="fast", spec="{image: a, local: {python: current}}"
    ),
    "jobs/filed.yaml": HEAD.format(
        kind="Environment",
        name="filed",
        spec="{image: a, conda_file: ../conda.yml, requirements_file: ../requirements.txt}",
    ),
    "jobs/cpu.yaml": HEAD.format(
        kind="Cluster", name="cpu", spec="{size: Standard_DS3_v2, max_instances: 1}"
    ),
    "jobs/prep.yaml": HEAD.format(
        kind="Job",
        name="prep, workspaces: [local, azure]",
        spec="{command: 'true ${{outputs.m}}', outputs: {m: {type: uri_folder}}}",
    ),
    "training/train.py": "print(1)\n",
    "conda.yml": "dependencies: [python=3.11]\n",
    "requirements.txt": "numpy\n",
}


class Ended(NamedTuple):
    """How a command ended, what it printed, and the CPU seconds it took."""

    verb: str
    code: int
    out: str
    err: str
    seconds: float


class Trial:
    """A sound project in a folder, one file of which is replaced by each document in turn."""

    def __init__(self, root: Path, limit: float = 1.0) -> None:
        """`limit`: the CPU seconds that `validate` or `plan` may take."""
        self.root = root
        self.limit = limit
        self.documents = self.commands = self.refused = 0
        for name, text in SOUND.items():
            self._write(name, text.encode())

    def examine(
        self, document: bytes, place: str = "manifest", formats: Sequence[str] = FORMATS
    ) -> float:
        """The CPU seconds of the slowest command.

        Raises AssertionError when a promise is not kept.
        """
        self.documents += 1
        file = PLACES[place]
        self._write(file, document)
        try:
            return self._examine(file, formats)
        finally:
            if file in SOUND:
                self._write(file, SOUND[file].encode())
            else:
                (self.root / file).unlink()

    def _examine(self, file: str, formats: Sequence[str]) -> float:
        checked = self.gitrain("validate", "-o", "json")
        self._check_places(checked)
        ended = [checked]
        ended += [self.gitrain("validate", "-o", output) for output in formats]
        ended += [self.gitrain("plan", "-o", output) for output in formats]
        self.refused += checked.code != 0
        if name := first_name(self.root / file):
            more = ("-o", "azureml") if checked.code == 0 else ()
            ended.append(self.gitrain("show", "job", name, "-w", "azure", *more, code=None))
        return max(one.seconds for one in ended if one.verb != "show")

    def _check_places(self, ended: Ended) -> None:
        problems = json.loads(ended.out)["problems"]
        errors = [problem for problem in problems if problem["severity"] == "error"]
        assert bool(errors) == (ended.code == 3), ended
        for problem in problems:
            text = (self.root / problem["file"]).read_bytes()
            lines = text.count(b"\n") + text.count(b"\r") + 2
            assert 1 <= problem["line"] <= lines, problem
            assert problem["column"] >= 1, problem
            assert problem["message"], problem

    def gitrain(self, *arguments: str, code: int | None = 0) -> Ended:
        """Run a command here; it ends with 0 or 3, or with any code of ours when `code` is None."""
        out, err = io.StringIO(), io.StringIO()
        verb, *rest = arguments
        self.commands += 1
        begun = time.process_time()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            ended = run([verb, "-C", str(self.root), *rest])
        seconds = time.process_time() - begun
        result = Ended(verb, int(ended), out.getvalue(), err.getvalue(), seconds)
        if bug := re.search(r"bug in gitrain; the traceback is in (\S+)", result.err):
            log = Path(bug[1])
            text = log.read_text()
            log.unlink()
            raise AssertionError(f"gitrain {' '.join(arguments)}\n{text}")
        assert code is None or result.code in (0, 3), result
        assert seconds < self.limit or verb == "show", (
            f"gitrain {' '.join(arguments)} took {seconds:.1f} CPU seconds"
        )
        assert_harmless(result, "github" if "github" in arguments else "")
        return result

    def _write(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def first_name(file: Path) -> str:
    """The name of the first resource that a file describes, if it can be guessed."""
    match = re.search(rb"name: ([A-Za-z0-9-]{1,40})\b", file.read_bytes())
    return match[1].decode() if match else ""


# Output ----------------------------------------------------------------------------------------

# Controls but the line's end, what turns or hides text, and line ends of some programs only.
_CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_OURS = re.compile(r"::(error|warning)( file=[^,]*,line=\d+,col=\d+,title=[a-zA-Z/-]+)?::")


def assert_harmless(ended: Ended, output: str) -> None:
    """Nothing in a result steers a terminal, or is a workflow command that is not ours."""
    assert_harmless_text(ended.out, output)
    assert_harmless_text(ended.err, "")
    assert len(ended.out) < 2_000_000


def assert_harmless_text(text: str, output: str) -> None:
    assert not (found := _CONTROL.search(text)), (found, text[:500])
    assert "##[" not in text
    for line in text.split("\n"):
        if line.lstrip().startswith("::"):
            assert output == "github", line
            assert _OURS.match(line), line
