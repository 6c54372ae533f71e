"""What people write: six jobs, two clusters and two environments, edited at random.

`c` takes what `a` puts out, and `d` comes after `b`. `a-b` may collide with what somebody else has:
the job `b` of a project called `pets-a` has run ids of the same form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitrain.desired import Desired
from gitrain.document import Document
from gitrain.resolve import Kind
from tests.unit.plan.build import a_cluster, a_job, an_environment, desired

PROJECT = "pets"
NEIGHBOUR = "pets-a"
JOBS = ("a", "b", "c", "d", "e", "a-b")
SIZE = "Standard_DS3_v2"
GATE = 0.5
ABOVE = f"accuracy >= {GATE}"
# What a run may lose against the one before it.
MAY_LOSE = 0.2
NEAR = f"accuracy >= previous - {MAY_LOSE}"


class Repository:
    """The manifests. `command` turns a word into what a run of it executes."""

    def __init__(self, kind: Kind, command: Callable[[str], str]) -> None:
        self.kind = kind
        self.jobs: dict[str, dict[str, Any]] = {name: {} for name in JOBS}
        self.gone: set[str] = set()
        self.renamed: set[str] = set()
        self.most: int | None = 2
        self.tier = "dedicated"
        self.image = "one"
        self.adopts = False
        self._command = command

    @property
    def present(self) -> list[str]:
        """The jobs that exist: `c` needs `a`."""
        return [n for n in JOBS if n not in self.gone and not (n == "c" and "a" in self.gone)]

    def name(self, job: str) -> str:
        """What a job is called now."""
        return f"{job}-2" if job in self.renamed else job

    def edit(self, what: str, value: Any) -> None:
        """A change of the whole, or of one job (`value` begins with its name)."""
        match what, value:
            case "remove" | "rename", job:
                names = self.gone if what == "remove" else self.renamed
                names ^= {job}
            case "revert", job:
                self.jobs[job] = {}
            case "remove all", removed:
                self.gone = set(JOBS) if removed else set()
            case "image" | "adopts" | "most" | "tier", _:
                setattr(self, what, value)
            case _, (job, new):
                self.jobs[job][what] = new

    def desired(self, variant: str = "", **changes: object) -> Desired:
        documents = [self._job(name, changes if name == variant else {}) for name in self.present]
        if self.most:
            documents.append(a_cluster("gpu", size=SIZE, max_instances=self.most, tier=self.tier))
        documents.append(a_cluster("theirs", size=SIZE, max_instances=9))
        local = {"python": "current"}
        documents.append(an_environment("env", image=self.image, local=local))
        adopts = {"adopt": self.adopts}
        documents.append(an_environment("shared", metadata=adopts, image="i", local=local))
        variants = frozenset({self.name(variant)} if variant else ())
        return desired(*documents, kind=self.kind, project=PROJECT, variants=variants)

    def _job(self, name: str, changes: dict[str, object]) -> Document:
        gates = {"gates": [ABOVE, NEAR]} if name == "a" else {}
        spec: dict[str, Any] = {"command": "one", **gates, **self.jobs[name], **changes}
        spec["command"] = self._command(spec["command"])
        labels = {"labels": {"team": spec.pop("team", "x")}}
        spec["compute"] = "theirs" if name in ("b", "e", "a-b") or not self.most else "gpu"
        spec["environment"] = "shared" if name == "d" else "env"
        if name == "a":
            spec["outputs"] = {"m": {}}
        if name == "c":
            spec["inputs"] = {"m": f"${{{{jobs.{self.name('a')}.outputs.m}}}}"}
        if name == "d" and "b" in self.present:
            spec["depends_on"] = [self.name("b")]
        return a_job(self.name(name), metadata=labels, **spec)


def elsewhere(kind: Kind, command: Callable[[str], str]) -> Desired:
    """What other people have: jobs, a cluster and an environment with names much like ours."""
    jobs = [
        a_job(name, command(word), compute="theirs", environment="env-theirs")
        for name, word in (("b", "one"), ("a", "two"))
    ]
    return desired(
        *jobs,
        a_cluster("gpu-2", size=SIZE, max_instances=3),
        a_cluster("theirs", size=SIZE, max_instances=4),
        an_environment("env-theirs", image="one", local={"python": "current"}),
        kind=kind,
        project=NEIGHBOUR,
    )
