"""A cache of parsed files, kept from one command to the next.

Parsing YAML is most of the cost of loading, and depends only on a file's bytes. Only its result is
cached, under the hash of those bytes; schemas, types and rules run every time, so that no verdict
is ever stale. The cache file may be deleted at any time. A file that is damaged, belongs to another
user or comes from another version is ignored, and so is a folder that cannot be written to.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import msgspec

from gitrain.yaml.documents import Body, Parsed
from gitrain.yaml.parse import parse

# The code that decides how bytes are read: when it or the YAML parser changes, no entry matches.
CODE = (
    "decode.py",
    "documents.py",
    "errors.py",
    "events.py",
    "parse.py",
    "scalars.py",
    "values.py",
    "yaml_1_1.py",
)
# The folder has one file for each project; a file of this size holds some 200,000 manifests.
MOST_FILES = 32
MOST_BYTES = 256 << 20
# A project's file, also one that was being written by a command that was killed.
_OURS = re.compile(r"[0-9a-f]{24}\.parsed(?:\.[a-z0-9_]{8})?")

Entries = dict[bytes, msgspec.Raw]
_decode_entries = msgspec.msgpack.Decoder(Entries).decode
_decode_documents = msgspec.msgpack.Decoder(tuple[Body, ...]).decode
_encode = msgspec.msgpack.Encoder().encode


class Cache:
    """The parsed documents of one project's files; `parse` takes the place of `yaml.parse.parse`.

    `misses` counts the files that had to be parsed.
    """

    def __init__(self, root: Path) -> None:
        """`root` is the project's folder. Nothing is read until it is needed."""
        name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:24]
        self.path = _folder() / f"{name}.parsed"
        self._known: Entries | None = None
        self._used: Entries = {}
        self._new: Entries = {}
        self._parser = b""
        self.misses = 0

    def parse(self, data: bytes) -> Parsed:
        """The content of a file with these bytes."""
        if self._known is None:
            self._parser = _parser()
            self._known = self._read() if self._parser else {}
        key = hashlib.sha256(self._parser + data).digest()
        if (raw := self._known.get(key)) is not None:
            with suppress(msgspec.MsgspecError):
                found = Parsed(_decode_documents(raw))
                self._used[key] = raw
                return found
        parsed = parse(data)
        self.misses += 1
        if not parsed.flaws:
            self._new[key] = msgspec.Raw(_encode(parsed.documents))
        return parsed

    def save(self) -> None:
        """Keep what was parsed. For use when all manifests are valid: others may hold a secret."""
        known, needed = self._known or {}, self._used | self._new
        if not self._parser or (not self._new and len(known) <= 2 * len(needed)):
            return
        # Unused entries may belong to another branch, but the file must not grow forever.
        idle = [key for key in known if key not in needed][: len(needed)]
        content = _encode({key: known[key] for key in idle} | needed)
        if len(content) <= MOST_BYTES:
            with suppress(OSError):
                self._write(content)

    def _read(self) -> Entries:
        with suppress(OSError, msgspec.MsgspecError):
            status = self.path.stat()
            foreign = status.st_uid != os.geteuid() or status.st_mode & (
                stat.S_IWGRP | stat.S_IWOTH
            )
            content = b"" if foreign or not stat.S_ISREG(status.st_mode) else self.path.read_bytes()
            if content[:32] == hashlib.sha256(content[32:]).digest():
                return _decode_entries(memoryview(content)[32:])
        return {}

    def _write(self, content: bytes) -> None:
        """Write atomically: other commands may read and write at the same time."""
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=folder, prefix=f"{self.path.name}.", delete=False
        ) as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)
        Path(file.name).replace(self.path)
        # Other files in there are not ours to delete.
        ours = [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]
        by_age = sorted(ours, key=lambda path: path.lstat().st_mtime, reverse=True)
        for path in by_age[MOST_FILES:]:
            path.unlink()


def _folder() -> Path:
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (given if given.is_absolute() else Path("~/.cache").expanduser()) / "gitrain"
    except RuntimeError:  # a user without a home folder, as in some containers: no cache
        return Path(os.devnull) / "gitrain"


def _parser() -> bytes:
    """Identifies the code that parses: ours by its text, ruamel.yaml's by its version.

    Empty when it cannot be determined.
    """
    digest = hashlib.sha256()
    files = [Path(__file__).with_name(name) for name in CODE]
    found = map(find_spec, ("ruamel.yaml", "_ruamel_yaml"))  # its version; its parser in C
    files += [Path(spec.origin) for spec in found if spec and spec.origin]
    try:
        for file in files:
            text = file.read_bytes() if file.suffix == ".py" else b"%d" % file.stat().st_size
            digest.update(b"%d\0" % len(text) + text)
    except OSError:
        return b""
    return digest.digest()
