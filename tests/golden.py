"""Golden texts: what the product says, in a file of its own, to be read as prose."""

from __future__ import annotations

import argparse
from pathlib import Path


def print_or_write(text: str, file: Path) -> None:
    """What `python -m` of a golden text does: print it, or with --write agree to it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        file.write_text(text, encoding="utf-8")
    else:
        print(text, end="")  # noqa: T201 - its result
