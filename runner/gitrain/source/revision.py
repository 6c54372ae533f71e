"""The files of another commit, in a folder outside the work tree."""

from __future__ import annotations

import os
from pathlib import Path

from gitrain.source.checkout import Checkout
from gitrain.source.git import Git, quoted

# The attribute file with the highest precedence. Without filters and conversions the files are,
# byte for byte, what was committed, and so are the trees computed from them; LFS fetches nothing.
_AS_COMMITTED = "* -filter -text -ident -working-tree-encoding\n"


def write_revision(checkout: Checkout, commit: str, folder: Path) -> None:
    """Write a commit's files into `folder`, which must exist and be empty, as a new repository.

    It borrows the objects of `checkout`, which does not change. Raises SourceError if Git fails.
    """
    git = Git(folder)
    git.run("init", "--quiet", "--template=", f"--object-format={checkout.algorithm}")
    inside = folder / ".git"
    (inside / "info").mkdir(exist_ok=True)
    (inside / "info" / "attributes").write_text(_AS_COMMITTED)
    borrowed = inside / "objects" / "info" / "alternates"
    borrowed.parent.mkdir(exist_ok=True)
    borrowed.write_bytes(os.fsencode(quoted([checkout.objects])) + b"\n")
    git.run("update-ref", "--no-deref", "HEAD", commit)
    git.run("read-tree", commit)
    git.run("checkout-index", "--all", "--quiet", "--index")
