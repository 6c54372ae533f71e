"""The local world: real processes, and the real ledger, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from gitrain.desired import Upstream
from gitrain.errors import UnavailableError
from gitrain.identity import unflat
from gitrain.observed import Cause, Phase, Run
from gitrain.resolve import Kind
from gitrain.workspace import Query, Submission, Workspace
from tests.promises.chaos.calls import Work, strike, told
from tests.promises.chaos.repository import NEIGHBOUR, PROJECT
from tests.promises.command_line.killer.sitecustomize import Killer
from tests.unit.workspaces.local.place import Place, kill_below, until, with_variable

# Says that it was started, and waits until it is told how to end.
SCRIPT = """\
echo "$GITRAIN_RUN_ID" >> {root}/starts
end={root}/ends/$GITRAIN_RUN_ID
[ -p "$end" ] || mkfifo "$end"
read -r code accuracy < "$end"
echo "{{\\"step\\": 1, \\"accuracy\\": $accuracy}}" > outputs/metrics.jsonl
exit "$code"
"""
SLOTS = 64


class Local:
    kind: Kind = "local"
    clusters = False
    preempts = True
    calls = 250

    def __init__(self) -> None:
        self.accuracy: dict[str, float] = {}
        self.root = Path(tempfile.mkdtemp(prefix="gitrain-chaos-"))
        (self.root / "ends").mkdir()
        (self.root / "run.sh").write_text(SCRIPT.format(root=self.root))
        self.place = Place(self.root, slots=SLOTS)
        self._lost: Counter[str] = Counter()

    def client(self) -> Workspace:
        return self.place.open(slots=SLOTS)

    def command(self, word: str) -> str:
        return f"sh {self.root}/run.sh {word}"

    def runs(self) -> Mapping[str, Run]:
        looks = [self.client().observe(Query(project=one)) for one in (PROJECT, NEIGHBOUR)]
        return {run.id: run for look in looks for run in look.runs}

    def takes(self, run_id: str) -> tuple[str, ...]:
        text = self.place.workspace.home.run(run_id).submission.read_bytes()
        inputs = unflat(text, Submission).inputs.values()
        return tuple(edge.run_id for edge in inputs if isinstance(edge, Upstream))

    def resources(self) -> Mapping[str, tuple[Any, ...]]:
        return {}

    def duplicates(self) -> list[str]:
        return [f"{run} {n} times" for run, n in self._starts().items() if n > 1 + self._lost[run]]

    def _starts(self) -> Counter[str]:
        """How often each run's command began, as it says itself."""
        starts = self.root / "starts"
        return Counter(starts.read_text().split() if starts.exists() else ())

    def orphans(self) -> list[str]:
        """Folders without a row, rows without a folder, and processes of what is over."""
        home = self.place.workspace.home
        folders = {path.name for path in home.runs.glob("*")}
        with closing(sqlite3.connect(home.ledger)) as connection:
            rows = {name for (name,) in connection.execute("SELECT id FROM runs")}
        over = [run.id for run in self.runs().values() if not run.live]
        return [
            *(f"folder {name}" for name in folders - rows),
            *(f"row {name}" for name in rows - folders),
            *(f"a process of {run}" for run in over if self._processes(run)),
        ]

    def _processes(self, run_id: str) -> list[int]:
        folder = self.place.workspace.home.run(run_id).path
        return list(with_variable(f"GITRAIN_RUN_FOLDER={folder}"))

    def end(self, run_id: str, phase: Phase, accuracy: float) -> None:
        self.accuracy[run_id] = accuracy
        self._wait_begun(run_id)
        with (self.root / "ends" / run_id).open("w") as end:
            end.write(f"{int(phase is Phase.FAILED)} {accuracy}\n")
        until(lambda: not self.runs()[run_id].live)

    def lose(self, run_id: str) -> None:
        self._wait_begun(run_id)
        self._lost[run_id] += 1
        self.place.kill_everything(self.runs()[run_id])
        until(lambda: not self.runs()[run_id].live)

    def _wait_begun(self, run_id: str) -> None:
        until((self.root / "ends" / run_id).is_fifo)
        until(lambda: self._starts()[run_id] > self._lost[run_id])

    def stop(self, run_id: str) -> None:
        self.client().cancel(run_id, Cause.PERSON)
        self.calm()

    def slow(self, on: bool) -> None:
        """A cancel takes the time that a process takes to end."""

    def calm(self) -> None:
        until(lambda: not any(run.live and run.cause for run in self.runs().values()))

    def scale(self, cluster: str, most: int) -> None: ...

    def delete(self, cluster: str) -> None: ...

    def die(self, work: Work, at: int, *, after: bool) -> None:
        """In a process of its own, that kills itself."""
        pid = os.fork()
        if pid == 0:
            with suppress(BaseException):
                # The killer counts each call twice: before and after its effect.
                sys.setprofile(Killer(2 * at + after + 1))
                work(self.client())
            os._exit(0)
        os.waitpid(pid, 0)

    def disturb(self, work: Work, at: int, *, after: bool) -> None:
        error = UnavailableError("try again later")
        work(told(self.client(), strike(at % 8, after=after, error=error)))

    def close(self) -> None:
        kill_below(self.root)
        shutil.rmtree(self.root, ignore_errors=True)
