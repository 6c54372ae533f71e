"""A run gets the listed variables of the shell and what its manifest names, no more."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrain.workspaces.local.process import shell
from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import Project
from tests.root import ROOT

CANARY = "canary-1c9f"
SECRETS = {
    "GITHUB_TOKEN": CANARY,
    "OTHER_JOBS_KEY": CANARY,
    "AZURE_CLIENT_SECRET": CANARY,
    "PIP_INDEX_URL": f"https://user:{CANARY}@index.example/simple",
    "ANYTHING": CANARY,
}
SAYS = "env > outputs/env; cat /proc/$PPID/environ | tr '\\0' '\\n' > outputs/above"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


def told(project: Project, job: str, what: str = "env") -> dict[str, str]:
    (folder,) = (project.root / ".gitrain/runs").glob(f"demo-{job}-*")
    lines = (folder / "code/outputs" / what).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def settle(project: Project, **variables: str) -> str:
    arguments = ("reconcile", "--wait", "--timeout", "60")
    return project.gitrain(*arguments, variables={**SECRETS, **variables}).out


def test_no_secret_of_the_shell_or_of_another_job_reaches_a_run(project: Project) -> None:
    project.job("one", SAYS)
    project.job("other", SAYS, environment_variables={"KEY": {"env": "OTHER_JOBS_KEY"}})

    settle(project, CUDA_VISIBLE_DEVICES="3", LC_ALL="C.UTF-8", https_proxy="http://proxy:3128")

    got = told(project, "one")
    assert CANARY not in str(got)
    assert (got["CUDA_VISIBLE_DEVICES"], got["LC_ALL"]) == ("3", "C.UTF-8")
    assert (got["https_proxy"], got["HOME"]) == ("http://proxy:3128", str(project.root.parent))
    assert told(project, "other")["KEY"] == CANARY
    assert "OTHER_JOBS_KEY" not in told(project, "other")


def test_nor_can_it_read_them_from_its_supervisor(project: Project) -> None:
    project.job("one", SAYS)

    settle(project)

    above = told(project, "one", "above")
    assert "PATH" in above
    assert CANARY not in str(above)


def test_the_build_of_an_environment_gets_pips_settings_and_no_secrets(project: Project) -> None:
    # What a package runs while pip looks at it: a backend of its own, which needs nothing else.
    backend = (
        f"import json, os\nopen({str(project.marks)!r}, 'w').write(json.dumps(dict(os.environ)))\n"
        "raise SystemExit(1)\n"
    )
    with tarfile.open(project.root / "told-1.0.tar.gz", "w:gz") as package:
        for name, text in (
            ("PKG-INFO", "Metadata-Version: 2.1\nName: told\nVersion: 1.0\n"),
            (
                "pyproject.toml",
                '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n',
            ),
            ("b.py", backend),
        ):
            member = tarfile.TarInfo(f"told-1.0/{name}")
            member.size = len(text)
            package.addfile(member, io.BytesIO(text.encode()))
    requirements = f"--no-index\n--find-links {project.root.as_uri()}\ntold==1.0\n"
    project.write("jobs/requirements.txt", requirements)
    project.manifest(
        "jobs/built.yaml", "Environment", "built", {"requirements_file": "requirements.txt"}
    )
    project.job("one", environment="built")

    project.gitrain(
        *("reconcile", "--wait", "--timeout", "60"),
        code=7,
        variables={**SECRETS, "PIP_TIMEOUT": "7"},
    )

    got = json.loads(project.marks.read_text())
    assert got["PIP_TIMEOUT"] == "7"
    assert not {"GITHUB_TOKEN", "OTHER_JOBS_KEY"} & got.keys()


def test_gitrain_yaml_may_name_more_and_the_plan_says_so(project: Project) -> None:
    more = ["ANYTHING", "OTHER_*", "GITHUB_TOKEN"]
    project.describe(workspaces={"local": {"type": "local", "environment": more}})
    project.job("one", SAYS)
    plan = project.gitrain("plan").out

    settle(project, OTHER_PLACE="here")

    got = told(project, "one")
    assert (got["ANYTHING"], got["OTHER_PLACE"]) == (CANARY, "here")
    assert not {"GITHUB_TOKEN", "OTHER_JOBS_KEY"} & got.keys()
    text = " ".join(plan.split())
    assert "every run gets these variables of the shell: ANYTHING, OTHER_*" in text
    assert "passes no secret on, so not GITHUB_TOKEN" in text


def test_what_is_passed_on_is_in_no_digest(project: Project) -> None:
    project.job("one")
    project.settle()

    project.describe(workspaces={"local": {"type": "local", "environment": ["ANYTHING"]}})

    project.assert_settled()


@pytest.mark.parametrize("name", ["gitrain", "msgspec", "os"])
def test_a_supervisor_imports_nothing_from_the_folder_that_runs_write_to(
    project: Project, name: str
) -> None:
    home = project.root / ".gitrain"
    (project.root.parent / "module.py").write_text(f"open({str(project.marks)!r}, 'a')\n")
    project.job("first", f"cp {project.root.parent}/module.py {home}/{name}.py")
    project.settle()
    assert (home / f"{name}.py").exists()

    project.job("second")
    project.settle()

    assert not project.marks.exists()


def test_the_document_lists_what_is_passed_on() -> None:
    page = (ROOT / "docs/explanation/workspaces.md").read_text(encoding="utf-8")
    for names in (shell.RUNS, shell.BUILDS):
        assert ", ".join(f"`{name}`" for name in names) in page
