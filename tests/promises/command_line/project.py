"""A project in a real repository, driven through the real command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_CHANGES = "No changes. The workspace matches the manifests."
BIN = Path(sys.executable).parent
LIMIT = 120

GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def last_line(self) -> str:
        return self.lines[-1]


class Project:
    """A folder with manifests. `marks` is a file that jobs append a line to for each execution."""

    def __init__(self, root: Path, *, git: bool = True, **spec: Any) -> None:
        self.root = root
        self.marks = root.parent / f"{root.name}-marks"
        self.variables = {
            "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(root.parent),
            "TMPDIR": str(root.parent / f"{root.name}-tmp"),
            "LANG": "C.UTF-8",
            **GIT,
        }
        Path(self.variables["TMPDIR"]).mkdir(parents=True)
        (root / "jobs").mkdir(parents=True)
        self.describe(**spec)
        if git:
            self.git("init", "-q", "-b", "main")
            self.write(".gitignore", "/downloads\n")
            self.commit()

    def describe(self, *, name: str = "demo", **spec: Any) -> None:
        """Write gitrain.yaml; by default with a local workspace of four slots."""
        local = {"local": {"type": "local", "slots": 4}}
        spec = {"manifests": ["jobs"], "workspaces": local, **spec}
        self.manifest("gitrain.yaml", "Project", name, spec)

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def manifest(self, path: str, kind: str, name: str, spec: Any, **more: Any) -> Path:
        """Write a manifest; JSON is YAML."""
        metadata = {"name": name, **more.pop("metadata", {})}
        document = {"apiVersion": "gitrain/v1", "kind": kind, "metadata": metadata, "spec": spec}
        return self.write(path, json.dumps(document | more, indent=2) + "\n")

    def job(self, name: str, command: str = "true", **spec: Any) -> Path:
        """Write a job's manifest; `metadata` and `overrides` stand next to its spec."""
        more = {key: spec.pop(key) for key in ("metadata", "overrides") if key in spec}
        return self.manifest(f"jobs/{name}.yaml", "Job", name, {"command": command, **spec}, **more)

    def mark(self, text: str) -> str:
        """The command that leaves a line in `marks`."""
        return f"echo {text} >> {self.marks}"

    def marked(self) -> Counter[str]:
        """How often each line was left there."""
        return Counter(self.marks.read_text().splitlines() if self.marks.exists() else [])

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.root,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str = "change") -> str:
        """Commit everything; returns the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[str]:
        """Start gitrain, leading a process group of its own."""
        variables = self.variables | settings.pop("variables", {})
        return subprocess.Popen(
            [str(BIN / "gitrain"), *arguments],
            cwd=settings.pop("cwd", self.root),
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
            **settings,
        )

    def gitrain(self, *arguments: str, code: int | None = 0, **settings: Any) -> Ended:
        """Run gitrain to its end; it must exit with `code`, and never show a traceback."""
        with self.start(*arguments, **settings) as process:
            out, err = process.communicate(timeout=LIMIT)
        ended = Ended(process.returncode, out, err)
        told = f"gitrain {' '.join(arguments)} → {ended.code}\n{out}\n{err}"
        assert "Traceback" not in out + err, told
        assert "bug in gitrain" not in err, told + self.bugs()
        assert code is None or ended.code == code, told
        return ended

    def bugs(self) -> str:
        """The tracebacks that gitrain kept to itself."""
        logs = Path(self.variables["TMPDIR"]).glob("gitrain-*.log")
        return "\n".join(log.read_text() for log in logs)

    def plan(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        return self.gitrain("plan", "-o", "json", *arguments, code=code).json

    def row(self, job: str, *arguments: str) -> dict[str, Any]:
        """The job's row of the plan, cancels aside."""
        rows = [a for a in self.plan(*arguments)["actions"] if a["name"] == job]
        return next(row for row in rows if row["action"] != "cancel")

    def reconcile(self, *arguments: str, code: int = 0) -> Ended:
        return self.gitrain("reconcile", *arguments, code=code)

    def settle(self, code: int = 0) -> Ended:
        return self.reconcile("--wait", "--timeout", "60", code=code)

    def status(self, job: str) -> dict[str, Any]:
        """What `status` says of a job."""
        resources = self.gitrain("status", "-o", "json").json["resources"]
        return next(one for one in resources if one["name"] == job)

    def runs(self, job: str) -> dict[str, str]:
        """All runs of a job and their phases, from the table of its explanation."""
        lines = self.gitrain("plan", "--explain", job).lines
        found = [line.split() for line in lines if line.startswith("  demo-")]
        return {words[0]: words[1] for words in found}

    def assert_settled(self) -> None:
        ended = self.gitrain("plan", "--detailed-exitcode")
        assert ended.last_line == NO_CHANGES
