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

# verb: (section, what it does). The help lists them without importing one.
COMMANDS = {
    "init": ("Start", "Scaffold a repository: manifests, a training script, ignore files."),
    "new": ("Start", "Write a manifest from arguments."),
    "validate": ("Change", "Check all manifests, offline; report each problem with its place."),
    "plan": ("Change", "Show what reconcile would do. Changes nothing."),
    "reconcile": ("Change", "Plan, and carry it out."),
    "run": ("Change", "Run a job now, with other values: a variant."),
    "status": ("Look", "Show what exists, whether it is as desired, and whether it works."),
    "wait": ("Look", "Wait until the runs of jobs are over."),
    "logs": ("Look", "Print the log of a job's run."),
    "metrics": ("Look", "Show a run's metrics beside those of the run before."),
    "outputs": ("Look", "List or download what a run left behind."),
    "cancel": ("By hand", "Cancel a job's live run."),
    "rerun": ("By hand", "Submit a job again, although it did not change."),
    "adopt": ("By hand", "Record that an existing completed run is this job's."),
    "github": ("Pull requests", "Show plans and results where a change is reviewed."),
    "show": ("Explain", "Print one effective manifest, with its digest."),
    "schema": ("Explain", "Print the JSON Schema of a kind."),
    "explain": ("Explain", "Explain a field, and what each workspace does with it."),
    "doctor": ("Explain", "Say what is wrong with this set-up."),
    "completion": ("Explain", "Print the script that completes commands in a shell."),
}

EXIT_CODES = {
    Exit.OK: "Fine.",
    Exit.ERROR: "An error: of usage, of an action; --timeout has passed; a job has no run (wait).",
    Exit.CHANGES: "The plan changes something (plan --detailed-exitcode).",
    Exit.INVALID: "The manifests are invalid.",
    Exit.REFUSED: "Refused by a policy or a guard.",
    Exit.BLOCKED: "Something is blocked (reconcile, run, rerun), or the job waits (run, rerun).",
    Exit.RUN_FAILED: "A run failed or missed a gate (--wait, wait).",
    Exit.INTERRUPTED: "Interrupted.",
}


# What the same is called in kubectl, Terraform and Azure ML.
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
    """Finds a command in its module when it is called."""

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
            hint = f"Did you mean {meant}?" if meant else "gitrain --help lists the commands."
            ctx.fail(f"There is no command {name}. {hint}")
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
    reconcile does it, and a job that did not change never runs twice.
    """


def main() -> None:
    """Run the command line; exits the process."""
    # Thousands of manifests make millions of objects that all live to the end: looking through
    # them again and again took a quarter of the time.
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
        error.show()
        return Exit.ERROR
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", Exit.INTERRUPTED)
    except GitrainError as error:
        first, *notes = error.lines
        return _say(f"error: {first}", error.exit_code, notes)
    except OSError as error:
        if error.errno not in _CURES:
            return _say(f"error: this is a bug in gitrain; {_log()}", Exit.ERROR)
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"error: {where}{error.strerror}: {_CURES[error.errno]}", Exit.ERROR)
    except Exception:  # a bug of ours: the user gets one line, and we get the traceback
        return _say(f"error: this is a bug in gitrain; {_log()}", Exit.ERROR)


def _say(line: str, code: Exit, notes: Iterable[str] = ()) -> int:
    """Print lines on stderr, which forge no other, and give up what stdout cannot take."""
    from gitrain.report.safe import plain

    try:
        sys.stdout.flush()
    except OSError:
        close_output()
    for text in (line, *notes):
        click.echo(plain(text), err=True)
    return code


def _log() -> str:
    """Where the traceback is, or what was the matter when there is no room for one."""
    import tempfile  # slow, and only when something is wrong

    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="gitrain-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(f"gitrain {__version__} {' '.join(sys.argv[1:])}\n{traceback.format_exc()}")
    except OSError:
        return traceback.format_exc().splitlines()[-1]
    return f"its traceback is in {log.name}"
