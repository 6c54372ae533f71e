"""docs/reference/exit-codes.md."""

from __future__ import annotations

from gitrain.commands.group import EXIT_CODES
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
Every command ends with one of these. Where several apply, the first in this order counts: 130,
1, 3, 4, 7, 5, 2, 0."""

NOTES = """\
- 3 and 4 mean that nothing was applied.
- 1 is also what `wait` returns for a job that has no run in the end, and what a declined
  question leads to.
- With 5, `reconcile` has done everything that was not blocked. `run` and `rerun` also return it
  when they submitted nothing because the job waits for another or is suspended.
- 7 is about the jobs at hand at that moment, whoever started their runs.
- `^C` once finishes what is in flight and reports; twice stops at once. Both return 130. Running
  jobs continue."""


def page() -> str:
    rows = ((str(int(exit_)), text) for exit_, text in EXIT_CODES.items())
    return document("Exit codes", INTRODUCTION, table(("exit code", "means"), rows), NOTES)
