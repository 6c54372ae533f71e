"""The pages of docs/reference that are written from the code: `make reference`.

Each module here has one page: `page()` is its text. What it says stands in the code, so a page is
corrected there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.promises.documents.pages import DOCS
from tests.promises.documents.reference import (
    commands,
    exit_codes,
    fields,
    json_formats,
    metrics_file,
    problems,
)

FOLDER = DOCS / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "fields.md": fields.page,
    "commands.md": commands.page,
    "exit-codes.md": exit_codes.page,
    "json.md": json_formats.page,
    "problems.md": problems.page,
    "metrics-file.md": metrics_file.page,
}
