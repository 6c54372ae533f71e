"""`make reference`: writes the generated pages of docs/reference."""

from __future__ import annotations

import sys

from tests.promises.documents.reference import FOLDER, PAGES

FOLDER.mkdir(parents=True, exist_ok=True)
for name, page in PAGES.items():
    (FOLDER / name).write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote docs/reference/{name}\n")
