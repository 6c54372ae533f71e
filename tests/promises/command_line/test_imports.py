"""What a command imports is what it costs: the light ones leave the heavy packages alone."""

from __future__ import annotations

from tests.promises.command_line.project import Project

LISTING = """
import atexit, sys
atexit.register(lambda: sys.stderr.write("MODULES " + " ".join(sys.modules) + "\\n"))
"""


def modules(project: Project, *arguments: str) -> set[str]:
    """The modules that a command has imported by its end."""
    folder = project.write("listing/sitecustomize.py", LISTING).parent
    ended = project.gitrain(*arguments, variables={"PYTHONPATH": str(folder)})
    line = next(line for line in ended.err.splitlines() if line.startswith("MODULES "))
    return set(line.split()[1:])


def imported(project: Project, *arguments: str) -> set[str]:
    """Their top-level packages."""
    return {name.partition(".")[0] for name in modules(project, *arguments)}


def test_help_imports_nothing_heavy(project: Project) -> None:
    heavy = {"ruamel", "jsonschema", "git", "rich", "azureml", "azure", "torch", "sqlite3"}
    heavy |= {"github", "requests"}

    for arguments in (["--help"], ["plan", "--help"], ["github", "comment", "--help"]):
        assert not heavy & imported(project, *arguments)


def test_validate_asks_no_workspace_and_no_git(project: Project) -> None:
    project.job("train")

    found = imported(project, "validate", "jobs/train.yaml")

    assert not {"git", "rich", "azureml", "azure", "torch", "sqlite3", "jsonschema"} & found


def test_plan_imports_no_sdk_and_no_renderer_it_does_not_use(project: Project) -> None:
    project.job("train")

    heavy = {"rich", "azureml", "azure", "torch", "github", "requests"}
    assert not heavy & imported(project, "plan")


def test_what_did_not_change_is_not_parsed_again(project: Project) -> None:
    project.job("train")
    project.gitrain("plan")

    for command in ("validate", "plan", "status"):
        assert "ruamel.yaml" not in modules(project, command)
