"""Links to what a report is about: a commit, its files, the workflow run."""

from __future__ import annotations

import msgspec

from gitrain.report.markdown.escape import code
from gitrain.report.safe import short


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """What links are made of: `web` is the repository's address, `commit` the one under review,
    `folder` the project's in the repository, `run` the address of the workflow's run."""

    web: str = ""
    commit: str = ""
    folder: str = ""
    run: str = ""

    @property
    def blob(self) -> str:
        """The address below which the commit's files are; "" when it is not known."""
        below = f"/{self.folder}" if self.folder else ""
        return f"{self.web}/blob/{self.commit}{below}" if self.web and self.commit else ""

    def to(self, commit: str) -> str:
        """A short commit id, with a link to the commit."""
        shown = code(short(commit))
        return f"[{shown}]({self.web}/commit/{commit})" if self.web and commit else shown


def footer(parts: list[str], links: Links) -> str:
    """Small print: what the report covers, and where it was made."""
    if links.run:
        parts = [*parts, f"[workflow run]({links.run})"]
    return f"\n<sub>{' · '.join(parts)}</sub>\n" if parts else ""
