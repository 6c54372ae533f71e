"""The files of a run as text: one a line, whatever their names say."""

from __future__ import annotations

from gitrain.report.run_files import FilesReport
from gitrain.report.safe import plain
from gitrain.report.text.columns import Style, unstyled


def files_text(report: FilesReport, style: Style = unstyled) -> str:
    """The paths where they were written to, or their names in the run."""
    del style
    return "".join(f"{plain(name)}\n" for name in report.written or report.names)
