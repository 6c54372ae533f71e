"""`python -m tests.doubles.azure`: the emulator as a process of its own, until SIGTERM or ^C."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from .emulator import Emulator, environment


def main() -> None:
    """Serve; the first line on stdout is JSON with the variables that a client needs."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.azure", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--mode", choices=("http", "proxy"), default="http")
    parser.add_argument("--state", type=Path, help="a folder; default: a temporary one")
    parser.add_argument(
        "--execution", choices=("processes", "manual", "instant"), default="processes"
    )
    parser.add_argument("--python", default=sys.executable, help="the interpreter that jobs find")
    parser.add_argument("--config", type=Path, help="write the workspace's config.json there")
    given = parser.parse_args()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    emulator = Emulator(
        given.mode, given.state, given.port, execution=given.execution, python=given.python
    )
    with emulator:
        if given.config:
            emulator.write_config(given.config)
        first = {"url": emulator.url, "environment": environment(emulator)}
        sys.stdout.write(json.dumps(first) + "\n")
        sys.stdout.flush()
        over.wait()


if __name__ == "__main__":
    main()
