"""gitrain github"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from gitrain.commands.options import common, plan_options
from gitrain.terminal.invocation import Invocation

_repository = click.option(
    "--repo",
    metavar="OWNER/NAME",
    envvar="GITHUB_REPOSITORY",
    help="The repository on GitHub; default: GITHUB_REPOSITORY.",
)


def _pull_request(command: Callable[..., Any]) -> Any:
    number = click.option(
        "--pr", type=click.IntRange(1), metavar="N", help="Pull request; default: the event's."
    )
    return number(command)


@click.group("github")
def command() -> None:
    """The pull request's side: the plan before the merge, the metrics after it.

    For workflows of GitHub Actions, which know the repository, the event and the address of the
    API; GITHUB_TOKEN must be passed on. By hand: set GITHUB_TOKEN, and give --repo and --pr.
    """


@command.command("comment")
@plan_options
@click.option("--base", metavar="REF", help="Git revision; default: the pull request's base.")
@click.option("--offline", is_flag=True, help="Ask no workspace, and write no comment.")
@_pull_request
@_repository
@common()
def comment(
    invocation: Invocation,
    base: str | None,
    offline: bool,
    pr: int | None,
    repo: str | None,
    **flags: Any,
) -> int:
    """Plan, and show the plan where the change is reviewed.

    Prints the plan as `plan -o github` does, adds it to the job's summary, makes or edits the pull
    request's one comment of this workspace, and sets the commit status `gitrain/results
    (WORKSPACE)`. For a fork or a bot the plan is offline, and goes to the summary alone.

    \b
    Examples:
      gitrain github comment -w azure
      gitrain github comment -w azure --repo octo/pets --pr 12

    Exits as plan does: 3 when the manifests are invalid, 4 when a policy refuses the plan. What
    GitHub does not let us say is a warning.
    """
    from gitrain.pull_requests.plan import Commenting

    return Commenting(invocation, repo, pr, offline=offline).run(flags, base)


@command.command("results")
@click.option(
    "--since",
    type=click.FloatRange(0),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="How far to look back.",
)
@_repository
@common()
def results(invocation: Invocation, since: float, repo: str | None) -> int:
    """Say on each pull request what became of the runs that its plan named.

    One new comment, once, when they are over or the first has failed: verdict, metrics with their
    change, gates, curves; and the commit status `gitrain/results (WORKSPACE)`.

    \b
    Example:
      gitrain github results -w azure
    """
    from gitrain.pull_requests.results import say_results

    return say_results(invocation, repo, since)


@command.command("drift")
@_repository
@common()
def drift(invocation: Invocation, repo: str | None) -> int:
    """Keep one issue open while the workspace differs from the manifests.

    Opens it, keeps it current, and closes it when they match again.

    \b
    Example:
      gitrain github drift -w azure
    """
    from gitrain.pull_requests.drift import say_drift

    return say_drift(invocation, repo)
