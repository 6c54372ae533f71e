"""The files of another commit, in a folder outside the work tree."""

from __future__ import annotations

import os
from pathlib import Path

from gitrain.source.checkout import Checkout
from gitrain.source.git import Git, quoted

# The strongest of all attribute files. Without filters and conversions the files are, byte for
# byte, what was committed, and so are the trees that are computed from them; LFS fetches nothing.
# A merge is Git's own: a branch's attributes choose no merge driver of this user's.
_AS_COMMITTED = "* -filter -text -ident -working-tree-encoding merge\n"


def file_at(checkout: Checkout, commit: str, path: Path) -> bytes | None:
    """What a commit has at a path, relative to the top of the work tree; None without such a file.

    Of a link it is where that leads to: nothing outside the commit is read.
    """
    reply = checkout.git.ask("cat-file", "blob", f"{commit}:{path.as_posix()}")
    return None if reply.status else reply.out


def write_revision(checkout: Checkout, commit: str, folder: Path, onto: str = "") -> None:
    """Write a commit's files into `folder`, which exists and is empty, as a repository of its own.

    With `onto`, another commit, they are those that a merge into it would have. It borrows the
    objects of `checkout`, which is not changed in any way. Raises SourceError when Git cannot, as
    when the two conflict, or Git is older than 2.38.
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
    tree = git.run("merge-tree", "--write-tree", onto, commit).decode().strip() if onto else commit
    git.run("read-tree", tree)
    git.run("checkout-index", "--all", "--quiet", "--index")
