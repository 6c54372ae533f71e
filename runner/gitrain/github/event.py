"""Where a command runs on GitHub: what the `GITHUB_*` variables and the event's file say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

API = "https://api.github.com"
SERVER = "https://github.com"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Outside GitHub Actions everything but the addresses is empty.

    `repository` is OWNER/NAME, `web` its address, `api` that of the API, `run` that of the workflow
    run. `number` is the pull request, 0 for none; `head` the commit under review (of a pull request
    not the merge that is checked out), and `base` the branch it will be merged into. `outside` says
    why the run must not be trusted with credentials: the pull request is from "a fork" or by "a
    bot".
    """

    repository: str = ""
    web: str = ""
    api: str = API
    run: str = ""
    number: int = 0
    head: str = ""
    base: str = ""
    outside: str = ""


def read_event(variables: Mapping[str, str], repository: str = "", number: int = 0) -> Event:
    """The event of this process; `repository` and `number` are what the command line says."""
    repository = repository or variables.get("GITHUB_REPOSITORY", "")
    server = variables.get("GITHUB_SERVER_URL") or SERVER
    web = f"{server.rstrip('/')}/{repository}" if repository else ""
    run = variables.get("GITHUB_RUN_ID", "")
    pull = _pull_request(variables)
    if number and number != pull.get("number"):
        pull = {"number": number}
    head, base = pull.get("head") or {}, pull.get("base") or {}
    return Event(
        repository=repository,
        web=web,
        api=variables.get("GITHUB_API_URL") or API,
        run=f"{web}/actions/runs/{run}" if web and run else "",
        number=pull.get("number") or 0,
        head=head.get("sha") or ("" if pull else variables.get("GITHUB_SHA", "")),
        base=base.get("ref") or "",
        outside=_outside(pull),
    )


def _pull_request(variables: Mapping[str, str]) -> dict[str, Any]:
    try:
        event = json.loads(Path(variables["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError):
        return {}
    pull = event.get("pull_request") if isinstance(event, dict) else None
    return pull if isinstance(pull, dict) else {}


def _outside(pull: Mapping[str, Any]) -> str:
    """Runs of forks and bots get no secrets, and a token that can only read."""
    head, base = pull.get("head"), pull.get("base")
    if not head or not base:
        return ""
    names = [((side.get("repo") or {}).get("full_name")) for side in (head, base)]
    if names[0] != names[1]:
        return "a fork"
    return "a bot" if (pull.get("user") or {}).get("type") == "Bot" else ""
