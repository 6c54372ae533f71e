"""The command line: `gitrain COMMAND [OPTIONS]`."""

from __future__ import annotations

import sys

from gitrain.errors import Exit


def main() -> None:
    """Run the command line; exits the process. ^C while it still starts is no traceback either."""
    try:
        from gitrain.commands.group import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)


if __name__ == "__main__":
    main()
