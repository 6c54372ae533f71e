"""gitrain completion"""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script with which your shell completes commands, options, jobs and problem codes.

    \b
    Examples:
      gitrain completion bash >> ~/.bashrc
      gitrain completion fish > ~/.config/fish/completions/gitrain.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    complete = found(ctx.find_root().command, {}, "gitrain", "_GITRAIN_COMPLETE")
    click.echo(complete.source())
