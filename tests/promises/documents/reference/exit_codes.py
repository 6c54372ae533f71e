"""docs/reference/exit-codes.md."""

from __future__ import annotations

from gitrain.commands.group import EXIT_CODES
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
Every command ends with one of these. Where several apply, the first in this order counts: 130,
1, 3, 4, 7, 5, 2, 0."""

NOTES = """\
- 3 and 4 mean that nothing was applied.
- `wait` returns 1 for a job that still has no run at the end, and declining a prompt also leads
  to 1.
- With 5, `reconcile` has done everything that was not blocked. `run` and `rerun` also return 5
  if they submitted nothing because the job waits for another or is suspended.
- 7 is about the current runs of the jobs, no matter who started them.
- `^C` once finishes the current actions and reports; twice stops at once. Both return 130.
  Running jobs continue."""


def page() -> str:
    rows = ((str(int(exit_)), text) for exit_, text in EXIT_CODES.items())
    return document("Exit codes", INTRODUCTION, table(("exit code", "means"), rows), NOTES)
