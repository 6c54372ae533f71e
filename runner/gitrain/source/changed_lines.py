"""The lines that a branch changes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gitrain.source.checkout import Checkout

Lines = tuple[tuple[int, int], ...]
"""Ranges of lines, inclusive."""

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def changed_lines(checkout: Checkout, ref: str) -> Mapping[str, Lines]:
    """What the checked-out commit has changed since it diverged from `ref`, by file, relative to
    the repository's root. Empty if Git cannot tell."""
    reply = checkout.git.ask(
        *("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv"),
        *("--no-renames", "--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=AM"),
        *("--end-of-options", f"{ref}...HEAD", "--"),
    )
    found: dict[str, list[tuple[int, int]]] = {}
    file = ""
    for line in reply.text.split("\n") if reply.status == 0 else ():
        if line.startswith("+++ b/"):
            file = line.removeprefix("+++ b/").rstrip("\t")  # a tab follows a name with spaces
        elif match := _HUNK.match(line):
            first, count = int(match[1]), int(match[2] or 1)
            found.setdefault(file, []).append((first, first + max(count, 1) - 1))
    return {name: tuple(ranges) for name, ranges in found.items()}
