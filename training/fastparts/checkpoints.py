"""Checkpoints as files: written whole or not at all, checked when read, the last two kept.

A file is one line of JSON (identity, sha256 of the rest) and then what torch.save writes.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import torch

from fastparts.console import TrainingError, say
from fastparts.whole_files import remove_torn, write_bytes

KEEP = 2
FORMAT = 3  # Raise it when a checkpoint's content changes its meaning.

State = dict[str, Any]


class Checkpoints:
    """The checkpoints in `folder` of one configuration.

    `identity` is all that shapes the training; a checkpoint with a different one is left alone.
    Only one of several processes `writes`.

    Raises TrainingError when the folder cannot be made.
    """

    def __init__(self, folder: Path, identity: dict[str, object], writes: bool) -> None:
        self.folder = folder
        self.identity = {"format": FORMAT, **identity}
        canonical = json.dumps(self.identity, sort_keys=True).encode()
        self._prefix = hashlib.sha256(canonical).hexdigest()[:12]
        if not writes:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(f"cannot keep checkpoints in {folder}: {error.strerror}") from error
        remove_torn(folder, f"{self._prefix}-")

    def save(self, epoch: int, batch: int, state: State) -> None:
        """Keep the state after `epoch` whole epochs and `batch` batches of the next."""
        buffer = io.BytesIO()
        torch.save(state, buffer)
        content = buffer.getvalue()
        header = {"identity": self.identity, "sha256": hashlib.sha256(content).hexdigest()}
        path = self.folder / f"{self._prefix}-epoch-{epoch:05}-batch-{batch:07}.ckpt"
        write_bytes(path, json.dumps(header).encode() + b"\n" + content)
        for old in self._own()[:-KEEP]:
            old.unlink(missing_ok=True)

    def newest(self) -> State | None:
        """The newest state that is whole; says which files it skips, and why."""
        self._report_others()
        for path in reversed(self._own()):
            header, content = _split(path.read_bytes())
            if header.get("sha256") == hashlib.sha256(content).hexdigest():
                state: State = torch.load(io.BytesIO(content), "cpu", weights_only=True)
                return state
            say(f"skipping {path}: damaged")
        return None

    def _own(self) -> list[Path]:
        return sorted(self.folder.glob(f"{self._prefix}-*.ckpt"))

    def _report_others(self) -> None:
        for path in sorted(set(self.folder.glob("*.ckpt")) - set(self._own())):
            with path.open("rb") as file:
                theirs = _split(file.readline())[0].get("identity")
            if theirs is None:
                say(f"skipping {path}: damaged")
                continue
            names = sorted(theirs.keys() | self.identity.keys())
            different = [n for n in names if theirs.get(n) != self.identity.get(n)]
            say(f"ignoring {path}: made with a different {', '.join(different)}")


def _split(content: bytes) -> tuple[dict[str, Any], bytes]:
    first, _, rest = content.partition(b"\n")
    try:
        header = json.loads(first)
    except ValueError:
        return {}, rest
    return header if isinstance(header, dict) else {}, rest
