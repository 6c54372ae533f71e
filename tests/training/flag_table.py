"""The table of flags in training/README.md, from the parser that --help prints.

python -m tests.training.flag_table --write
"""

from __future__ import annotations

import argparse
import sys

from .forks import TRAINING

README = TRAINING / "README.md"
BEGIN = "<!-- flags: python -m tests.training.flag_table --write -->"
END = "<!-- /flags -->"


def table() -> str:
    """The table, in Markdown: a row for each flag, below the name of its group."""
    from fastparts.flags import make_parser

    lines = ["| flag | meaning |", "|---|---|"]
    for group in make_parser("")._action_groups:
        flags = [action for action in group._group_actions if action.dest != "help"]
        if flags:
            lines.append(f"| **{group.title}** | |")
        lines += [f"| {_written(action)} | {action.help} |" for action in flags]
    return "\n".join(lines) + "\n"


def _written(action: argparse.Action) -> str:
    value = action.metavar or "|".join(action.choices or ())
    return ", ".join(f"`{f'{name} {value}'.strip()}`" for name in action.option_strings).replace(
        "|", "\\|"
    )


def committed() -> str:
    """The table that stands in the README."""
    return README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip() + "\n"


def _write() -> None:
    head, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text(f"{head}{BEGIN}\n{table()}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(TRAINING))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put it into the README")
    if parser.parse_args().write:
        _write()
    else:
        print(table(), end="")  # noqa: T201
