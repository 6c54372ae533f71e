"""Writing files so that a reader, or a restart, never sees half of one."""

import json
import os
from pathlib import Path


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` in one step; after a crash it holds the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    write_bytes(path, f"{text}\n".encode())
