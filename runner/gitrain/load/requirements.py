"""Requirements that name other files: they are not where an environment is built. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gitrain.yaml.decode import Flaw

# An option with a file of this machine, or a path in the place of a package; addresses are fine.
_LOCAL = re.compile(
    r"(?:(?P<option>-r|--requirement|-c|--constraint|-e|--editable)(?:\s+|=|(?<=-[rce])))?"
    r"(?P<path>(?![\w+]+://)(?(option)\S+|(?:\.{0,2}/\S*|\.(?=\s|$|\[))))"
)


def local_requirements(text: str) -> Iterator[Flaw]:
    """A flaw for each line of a requirements file that names another file or a folder."""
    for number, line in enumerate(text.splitlines(), 1):
        if named := _LOCAL.match(line.strip()):
            yield _flaw(named, number)


def local_in_conda(conda: Mapping[str, Any], text: str) -> Iterator[Flaw]:
    """The same for the pip section of a conda file; `text` is that file's."""
    lines = text.splitlines()
    given = conda.get("dependencies")
    entries = given if isinstance(given, list) else []
    sections = [e.get("pip") for e in entries if isinstance(e, Mapping)]
    for entry in (e for section in sections if isinstance(section, list) for e in section):
        if isinstance(entry, str) and (named := _LOCAL.match(entry.strip())):
            found = (n for n, line in enumerate(lines, 1) if entry.strip() in line)
            yield _flaw(named, next(found, 1))


def _flaw(named: re.Match[str], line: int) -> Flaw:
    cure = "write its lines here instead"
    if named["option"] not in ("-r", "--requirement", "-c", "--constraint"):
        cure = "put the package into the job's `code`, or into a folder that `build` names"
    shown = named[0].strip()[:80]
    message = f"`{shown}` names a file that is not there when the environment is built"
    return Flaw("local-requirement", message, line, 1, cure)
