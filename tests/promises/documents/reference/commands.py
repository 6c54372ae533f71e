"""docs/reference/commands.md: what `--help` of every command says."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gitrain.commands.group import COMMANDS, group
from tests.promises.documents.reference.markdown import code, document, table

INTRODUCTION = """\
Options such as `-w WORKSPACE`, `-o json`, `-C DIR` and `--color never` go after the command.
Results are printed on stdout, progress on stderr. [Exit codes](exit-codes.md) are the same for
all commands; the output of [`-o json`](json.md) has schemas.

In a pipeline, `gitrain validate -o github` annotates the files, and `gitrain plan -o markdown`
is a comment for a pull request."""


def page() -> str:
    sections = (
        part for context in _contexts() for part in (f"## {context.command_path}", _help(context))
    )
    overview = table(
        ("command", "what it does"),
        ((f"[`gitrain {name}`](#{_first(name)})", text) for name, (_, text) in COMMANDS.items()),
    )
    return document("Commands", INTRODUCTION, overview, *sections)


def _first(name: str) -> str:
    """The anchor of a command's first section."""
    found = next(c for c in _contexts() if c.command_path.split()[1] == name)
    return found.command_path.replace(" ", "-")


def _contexts() -> Iterator[click.Context]:
    """A context for each command, those of a group one by one."""
    top = _context(group, "gitrain", None)
    for name in COMMANDS:
        command = group.get_command(top, name)
        assert command
        context = _context(command, name, top)
        if not isinstance(command, click.Group):
            yield context
            continue
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found
            yield _context(found, inner, context)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = command.context_settings
    return click.Context(command, parent, info_name=name, terminal_width=100, **settings)


def _help(context: click.Context) -> str:
    return code(context.command.get_help(context))
