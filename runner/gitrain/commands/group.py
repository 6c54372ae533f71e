"""The group of all commands, and the one place where an error becomes an exit code."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Iterable
from typing import Any

import click

from gitrain import __version__
from gitrain.errors import Exit, GitrainError
from gitrain.terminal.invocation import close_output

# verb: (section, what it does). The help lists them without importing any.
COMMANDS = {
    "init": ("Start", "Scaffold a repository: manifests, a training script, ignore files."),
    "new": ("Start", "Write a manifest from arguments."),
    "validate": ("Change", "Check all manifests offline and report every problem."),
    "plan": ("Change", "Show what reconcile would do, without changing anything."),
    "reconcile": ("Change", "Make a plan and carry it out."),
    "run": ("Change", "Run a job now with other values (a variant)."),
    "status": ("Look", "Show what exists, whether it is up to date, and its health."),
    "wait": ("Look", "Wait for the runs of jobs to finish."),
    "logs": ("Look", "Print the log of a job's run."),
    "metrics": ("Look", "Compare a run's metrics with those of the previous run."),
    "outputs": ("Look", "List or download the files that a run wrote."),
    "cancel": ("By hand", "Cancel a job's live runs."),
    "rerun": ("By hand", "Submit a job again, even though it has not changed."),
    "adopt": ("By hand", "Record an existing completed run as this job's run."),
    "github": ("Pull requests", "Show plans and results on pull requests."),
    "show": ("Explain", "Print a manifest with everything merged in, and its digest."),
    "schema": ("Explain", "Print the JSON Schema of a kind of manifest."),
    "explain": ("Explain", "Explain a manifest field or a problem code."),
    "doctor": ("Explain", "Check this setup and say what is wrong."),
    "completion": ("Explain", "Print a completion script for your shell."),
}

EXIT_CODES = {
    Exit.OK: "Success.",
    Exit.ERROR: "An error: wrong usage, a failed action, --timeout, or a job without a run (wait).",
    Exit.CHANGES: "The plan would change something (plan --detailed-exitcode).",
    Exit.INVALID: "The manifests are invalid.",
    Exit.REFUSED: "Refused by a policy or a guard.",
    Exit.BLOCKED: "Something is blocked (reconcile, run, rerun) or the job must wait (run, rerun).",
    Exit.RUN_FAILED: "A run failed or missed a gate (--wait, wait).",
    Exit.INTERRUPTED: "Interrupted.",
}


# What kubectl, Terraform and Azure ML call the same thing.
_ELSEWHERE = {
    "apply": "reconcile",
    "create": "reconcile",
    "submit": "reconcile",
    "delete": "reconcile --prune",
    "destroy": "reconcile --prune",
    "get": "status",
    "describe": "show",
    "stream": "logs -f",
}

_CURES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, then try again"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "make it writable, then try again"),
}


class Commands(click.Group):
    """Imports the module of a command when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"gitrain.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1)
            meant = _ELSEWHERE.get(name) or "".join(near)
            hint = f"; did you mean {meant}?" if meant else ""
            ctx.fail(f"there is no command {name}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        for section in dict.fromkeys(section for section, _ in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl([(n, text) for n, (s, text) in COMMANDS.items() if s == section])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Exit codes"):
            formatter.write_dl([(f"{int(code)}", text) for code, text in EXIT_CODES.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", prog_name="gitrain")
def group() -> None:
    """A declarative GitOps runner for training jobs.

    Jobs, environments and GPU clusters are manifests in Git: plan shows what a change would do,
    reconcile does it, and a job that has not changed never runs twice.
    """


def main() -> None:
    """Run the command line; exits the process."""
    # Thousands of manifests make millions of objects that all live to the end: scanning them
    # again and again took a quarter of the time.
    gc.set_threshold(200_000, 50, 100)
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line, print, and return the exit code."""
    try:
        code: Any = group.main(arguments, prog_name="gitrain", standalone_mode=False)
        return int(code or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return _say_of_click(error)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", Exit.INTERRUPTED)
    except GitrainError as error:
        first, *notes = error.lines
        code = f"[{error.code}]" if error.code else ""
        return _say(f"error{code}: {first}", error.exit_code, notes)
    except OSError as error:
        if error.errno not in _CURES:
            return _say(f"error: this is a bug in gitrain; {_log()}", Exit.ERROR)
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"error: {where}{error.strerror}: {_CURES[error.errno]}", Exit.ERROR)
    except Exception:  # a bug of ours: the user gets one line, and we get the traceback
        return _say(f"error: this is a bug in gitrain; {_log()}", Exit.ERROR)


def _say_of_click(error: click.ClickException) -> int:
    """Print a mistake that click found as we print our own, with the command that helps."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return Exit.ERROR
    said = error.format_message().removesuffix(".").replace(". (Did", " (did")
    context = error.ctx if isinstance(error, click.UsageError) else None
    notes = [f"help: {context.command_path} --help"] if context else []
    return _say(f"error: {said[:1].lower()}{said[1:]}", Exit.ERROR, notes)


def _say(line: str, code: Exit, notes: Iterable[str] = ()) -> int:
    """Print lines on stderr, each escaped so that it stays one line; drop what stdout refuses."""
    from gitrain.report.safe import plain

    try:
        sys.stdout.flush()
    except OSError:
        close_output()
    for text in (line, *notes):
        click.echo(plain(text), err=True)
    return code


def _log() -> str:
    """Where the traceback is, or its last line when there is no room to write it."""
    import tempfile  # slow, and only when something is wrong

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="gitrain-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"gitrain {__version__} {' '.join(sys.argv[1:])}\n{traceback.format_exc()}")
    except OSError:
        return traceback.format_exc().splitlines()[-1]
    return f"the traceback is in {log.name}"
