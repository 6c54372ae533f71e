"""The command line: `gitrain COMMAND [OPTIONS]`."""

from __future__ import annotations

from gitrain.commands.group import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
