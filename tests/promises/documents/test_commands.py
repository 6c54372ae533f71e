"""Every command the README mentions exists, with its flags and arguments."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from gitrain.commands.group import COMMANDS, group
from tests.promises.documents.readme import commands, rows

MENTIONED = sorted(set(commands()))


def parsed(line: str) -> click.Context:
    """The context of the last command of a line; raises click's errors, and runs nothing."""
    words = shlex.split(line)[1:]
    context = click.Context(group, info_name="gitrain")
    command: click.Command = group
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found, f"there is no command {words[0]}"
        command, words = found, words[1:]
        name = command.name or ""
        if isinstance(command, click.Group):
            context = click.Context(command, context, info_name=name)
    return command.make_context(name, words, parent=context)


@pytest.mark.parametrize("line", MENTIONED)
def test_a_mentioned_command_can_be_typed(line):
    if line == "gitrain COMMAND --help":
        return
    try:
        parsed(line)
    except click.MissingParameter:
        assert len(line.split()) <= 3, "an example has all its arguments"


@pytest.mark.parametrize("row", rows("| command | does |"), ids=lambda row: row[0].strip("`"))
def test_the_flags_in_the_table_are_those_of_the_command(row):
    words = row[0].strip("`").split()[1:]
    command: click.Command = group
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(group), word)
        assert found
        command = found
    known = {option for parameter in command.params for option in parameter.opts}

    assert set(re.findall(r"`(--[\w-]+)", row[1])) - {"--flags"} <= known


def test_the_table_has_every_command():
    first = [row[0].strip("`").split()[1] for row in rows("| command | does |")]

    assert sorted(first) == sorted(COMMANDS)
