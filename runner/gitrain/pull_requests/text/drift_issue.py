"""The issue that is open while a workspace differs from its manifests."""

from __future__ import annotations

from gitrain.plan.actions import Action, Plan, Verb
from gitrain.pull_requests.text.marker import Marker
from gitrain.report.markdown.links import Links, footer
from gitrain.report.markdown.reports import LIMIT, plan_markdown
from gitrain.report.safe import plain
from gitrain.report.sentences import tally


def differs(plan: Plan) -> bool:
    """Whether a reconcile would do something, is refused, or would leave something unmanaged. A job
    that waits for a live run makes no difference: it is on its way."""
    return bool(plan.writes or plan.problems or plan.unmanaged or _blocked(plan))


def drift_title(plan: Plan) -> str:
    """The title, as a list of issues shows it."""
    rows = [*plan.writes, *_blocked(plan)]
    told = [tally(rows)] if rows else []
    told += [f"{len(plan.unmanaged)} no longer in the manifests"] if plan.unmanaged else []
    told += ["refused"] if plan.problems else []
    return f"{plain(plan.workspace)} differs from the manifests: {', '.join(told)}"


def drift_marker(plan: Plan, links: Links) -> Marker:
    return Marker(kind="drift", workspace=plan.workspace, folder=links.folder)


def drift_issue(plan: Plan, links: Links) -> str:
    """The plan and its commit; the same for the same differences."""
    start = (
        f"{drift_marker(plan, links)}\n"
        "This workspace differs from the manifests. A reconcile of this commit would make the "
        "changes below. This issue closes itself once they match again.\n\n"
    )
    # Without the workflow's run: an issue that says the same every night should not change.
    end = footer([f"Commit {links.to(links.commit or plan.commit)}"], Links())
    room = LIMIT - len(f"{start}{end}".encode())
    return f"{start}{plan_markdown(plan, limit=room, blob=links.blob)}{end}"


def matches_again(plan: Plan, links: Links) -> str:
    """The last comment."""
    return f"The workspace matches the manifests again, at {links.to(links.commit or plan.commit)}."


def _blocked(plan: Plan) -> list[Action]:
    return [row for row in plan.actions if row.verb is Verb.BLOCKED]
