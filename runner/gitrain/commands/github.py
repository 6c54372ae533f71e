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
    help="Repository on GitHub.  [default: $GITHUB_REPOSITORY]",
)


def _pull_request(command: Callable[..., Any]) -> Any:
    number = click.option(
        "--pr",
        type=click.IntRange(1),
        metavar="N",
        help="Pull request.  [default: the one of the event]",
    )
    return number(command)


@click.group("github")
def command() -> None:
    """Show plans and results on pull requests: the plan before the merge, the metrics after it.

    These commands are for GitHub Actions, which provides the repository, the event and the API's
    address; pass GITHUB_TOKEN to the step. To use them by hand, set GITHUB_TOKEN and give --repo
    and --pr.
    """


@command.command("comment", short_help="Show the plan on the pull request.")
@plan_options
@click.option("--base", metavar="REF", help="Git revision.  [default: the pull request's base]")
@click.option("--offline", is_flag=True, help="Do not contact a workspace or write a comment.")
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
    """Make a plan and show it on the pull request.

    Prints the plan as `plan -o github` does, adds it to the job's summary, creates or updates the
    pull request's comment for this workspace, and sets the commit status `gitrain/results
    (WORKSPACE)`. For a fork or a bot the plan is made offline and goes to the summary only.

    \b
    Examples:
      gitrain github comment -w azure
      gitrain github comment -w azure --repo octo/pets --pr 12

    Exits like plan: 3 if the manifests are invalid, 4 if a policy refuses the plan. Problems with
    GitHub are only warnings.
    """
    from gitrain.pull_requests.plan import Commenting

    return Commenting(invocation, repo, pr, offline=offline).run(flags, base)


@command.command("results", short_help="Report finished runs on their pull requests.")
@click.option(
    "--since",
    type=click.FloatRange(0),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="How many days to look back.",
)
@_repository
@common()
def results(invocation: Invocation, since: float, repo: str | None) -> int:
    """Report on each pull request what became of the runs in its plan.

    Writes one new comment when the runs have finished or the first has failed, with the verdict,
    the metrics and how they changed, gates and curves. Sets the commit status `gitrain/results
    (WORKSPACE)`.

    \b
    Example:
      gitrain github results -w azure
    """
    from gitrain.pull_requests.results import say_results

    return say_results(invocation, repo, since)


@command.command("drift", short_help="Keep an issue open while the workspace differs.")
@_repository
@common()
def drift(invocation: Invocation, repo: str | None) -> int:
    """Keep one issue open while the workspace differs from the manifests.

    Opens the issue, keeps it up to date, and closes it when they match again.

    \b
    Example:
      gitrain github drift -w azure
    """
    from gitrain.pull_requests.drift import say_drift

    return say_drift(invocation, repo)
