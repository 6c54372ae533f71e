"""The cases: projects as people wrote them, put into a repository of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.promises.command_line.project import Project

CASES = Path(__file__).with_name("cases")


def case(name: str, folder: Path) -> Project:
    """The project of a case, committed, in `folder`."""
    project = Project(folder / "project")
    shutil.copytree(CASES / name, project.root, dirs_exist_ok=True)
    project.commit()
    return project


def told(project: Project, severity: str = "") -> list[str]:
    """What `validate` says, as `file:line:column code`, in order; of a `severity` if given."""
    ended = project.gitrain("validate", "-o", "json", code=None)
    return [
        f"{p['file']}:{p['line']}:{p['column']} {p['code']}"
        for p in ended.json["problems"]
        if severity in ("", p["severity"])
    ]


def cures(project: Project, code: str) -> list[tuple[str, str]]:
    """The message and the suggestion of each problem with this code."""
    ended = project.gitrain("validate", "-o", "json", code=None)
    return [(p["message"], p["suggestion"]) for p in ended.json["problems"] if p["code"] == code]


def desired(project: Project, kind: str, name: str, workspace: str) -> dict[str, object]:
    """What `show` says of a resource."""
    shown: dict[str, object] = project.gitrain(
        "show", kind, name, "-w", workspace, "-o", "json"
    ).json
    return shown
