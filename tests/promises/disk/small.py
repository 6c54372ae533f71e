"""A disk of a few hundred kilobytes, in a mount namespace of its own: needs no rights."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.promises.command_line.project import BIN, LIMIT, Ended


class SmallDisk:
    """A tmpfs mounted on `root`, seen only by what `run` starts and its children."""

    def __init__(self, root: Path, size: str) -> None:
        self.root = root
        mount = f"mount -t tmpfs -o size={size} none {root} && echo && exec sleep 600"
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._holder.stdout is not None
        self.mounted = self._holder.stdout.readline() == b"\n"

    def run(self, *command: str, variables: dict[str, str]) -> Ended:
        """Run a command that sees the disk, to its end."""
        enter = ["nsenter", f"--target={self._holder.pid}", "--user", "--mount"]
        # The folder is entered from within: seen from here it is the one below the disk.
        inside = ["sh", "-c", 'cd "$0" && exec "$@"', str(self.root)]
        done = subprocess.run(
            [*enter, "--preserve-credentials", "--", *inside, *command],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def gitrain(self, *arguments: str, code: int, variables: dict[str, str]) -> Ended:
        ended = self.run(str(BIN / "gitrain"), *arguments, variables=variables)
        assert ended.code == code, ended
        assert "bug in gitrain" not in ended.err, ended
        assert "Traceback" not in ended.out + ended.err, ended
        return ended

    def close(self) -> None:
        self._holder.kill()
        if self._holder.stdout:
            self._holder.stdout.close()
        self._holder.wait()
