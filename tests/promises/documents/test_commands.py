"""Every command that a document mentions exists, with its flags and arguments."""

from __future__ import annotations

import shlex

import click
import pytest

from gitrain.commands.group import COMMANDS, group
from tests.promises.documents.pages import DOCS, PAGES, commands

# The pages that are written from the code quote the help, which the others are held against.
WRITTEN = [page for page in PAGES if page != DOCS / "reference" / "commands.md"]
MENTIONED = sorted({line for page in WRITTEN for line in commands(page)})


def parsed(line: str) -> click.Context:
    """The context of the last command of a line; raises click's errors, and runs nothing."""
    words = shlex.split(line)[1:]
    context = click.Context(group, info_name="gitrain", **group.context_settings)
    command: click.Command = group
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found, f"there is no command {words[0]}"
        command, words = found, words[1:]
        name = command.name or ""
        if isinstance(command, click.Group):
            context = click.Context(command, context, info_name=name)
    return command.make_context(name, words, parent=context)


@pytest.mark.parametrize("line", MENTIONED)
def test_a_mentioned_command_can_be_typed(line: str):
    try:
        parsed(line)
    except click.MissingParameter:
        assert len(line.split()) <= 3, "an example has all its arguments"


def test_every_command_is_mentioned_in_a_page_for_reading():
    """The reference has them all; this is about the others."""
    pages = [page for page in WRITTEN if page.parent != DOCS / "reference"]
    mentioned = {line.split()[1] for page in pages for line in commands(page)}

    assert set(COMMANDS) - mentioned == set()
