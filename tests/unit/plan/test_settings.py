"""What a branch changes in gitrain.yaml, which of it weakens a guard, and what it says of that."""

from __future__ import annotations

from typing import Any

import pytest

from gitrain.manifest import Policy, Project, ProjectMetadata, ProjectSpec, Protect
from gitrain.plan.actions import Base, Plan
from gitrain.plan.settings import Setting, changed, raised_timeouts, settings_of, weakens
from gitrain.report.annotations import plan_github
from gitrain.report.json.encode import plan_json
from gitrain.report.markdown.reports import plan_markdown
from gitrain.report.sentences import NO_CHANGES, setting_line
from gitrain.report.text.plan import plan_text
from gitrain.workspace_types import TYPES
from tests.unit.plan.build import a_job, desired

LOCAL = TYPES["local"].spec
AZURE = TYPES["azureml"].spec


def project(*, name: str = "pets", own: Any = None, policy: Policy | None = None) -> Project:
    spec = ProjectSpec(workspaces={"w": own or LOCAL(), "prod": AZURE()}, policy=policy or Policy())
    return Project(apiVersion="gitrain/v1", metadata=ProjectMetadata(name=name), spec=spec)


def told(before: Project, after: Project, fork: Project | None = None) -> list[str]:
    """The lines; a weakened guard has a `!`."""
    sides = (settings_of(one, "w") for one in (fork or before, before, after))
    return [f"{'!' if one.weakens else ' '} {setting_line(one)}" for one in changed(*sides)]


def test_nothing_changed_is_nothing_told() -> None:
    assert told(project(), project()) == []


def test_every_setting_that_differs_is_told_as_it_stands_in_the_file() -> None:
    guarded = project(
        own=LOCAL(protect=Protect(branch="main", clean=True)),
        policy=Policy(max_gpu_hours=10, allowed_sizes=("Standard_NC*",), required_labels=("team",)),
    )

    assert told(guarded, project(own=LOCAL(prune=True, slots=8, path="runs", vars={"x": 1}))) == [
        "! path .gitrain → runs",
        "! policy.allowed_sizes Standard_NC* → none",
        "! policy.max_gpu_hours 10 → none",
        "! policy.required_labels team → none",
        "! protect.branch main → none",
        "! protect.clean on → off",
        "! prune off → on",
        "! slots 1 → 8",
        "  vars.x none → 1",
    ]


def test_a_workspace_that_is_not_at_hand_is_guarded_too() -> None:
    before = project()
    after = Project(
        apiVersion="gitrain/v1",
        metadata=before.metadata,
        spec=ProjectSpec(workspaces={"w": LOCAL(), "prod": AZURE(protect=Protect(clean=False))}),
    )

    assert told(before, after) == ["! workspaces.prod.protect.clean on → off"]


def test_of_a_workspace_that_is_new_there_is_only_the_name_to_tell() -> None:
    before = project()
    after = Project(
        apiVersion="gitrain/v1",
        metadata=before.metadata,
        spec=ProjectSpec(workspaces={**before.spec.workspaces, "new": LOCAL(slots=8)}),
    )

    sides = (settings_of(one, "new") for one in (before, before, after))
    assert [setting_line(one) for one in changed(*sides)] == [
        "workspaces.names prod, w → new, prod, w"
    ]


def test_what_only_the_base_has_changed_is_no_change_of_the_branch() -> None:
    old, tightened = project(), project(policy=Policy(max_submits=5))

    assert told(tightened, old, fork=old) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("policy.max_instances", 8, None),
        ("policy.max_instances", 8, 9),
        ("policy.max_timeout", 60, 99999999),
        ("policy.max_submits", 20, 500),
        ("policy.require_timeout", True, False),
        ("policy.allowed_sizes", ["a"], []),
        ("policy.allowed_sizes", ["a"], ["a", "b"]),
        ("policy.required_labels", ["team", "cost"], ["team"]),
        ("defaults.Job.limits.timeout", 60, 61),
        ("protect.branch", "main", "anything"),
        ("workspaces.prod.prune", False, True),
        ("workspaces.prod.slots", 1, "auto"),
        ("workspaces.names", ["a", "b"], ["b"]),
        ("resource_group", "rg", "other"),
        ("name", "pets", "dogs"),
        ("type", "azureml", "local"),
    ],
)
def test_a_guard_is_weakened_one_way_and_not_the_other(path: str, old: Any, new: Any) -> None:
    assert weakens(path, old, new)
    moves = path in ("protect.branch", "resource_group", "name", "type") or new == "auto"
    assert weakens(path, new, old) == moves, "what is moved guards no longer, either way"


def test_what_guards_nothing_is_weakened_by_nothing() -> None:
    assert not weakens("vars.data", "a", "b")
    assert not weakens("manifests", ["jobs"], ["work"])
    assert not weakens("workspaces.prod", None, {})


def test_a_timeout_that_is_raised_is_told_with_all_its_jobs() -> None:
    def jobs(**timeouts: int | None) -> Any:
        limits = {job: {"timeout": t} if t else {} for job, t in timeouts.items()}
        return desired(*(a_job(job, limits=limit) for job, limit in limits.items())).jobs

    before = jobs(a=60, b=60, c=60, d=None)

    found = [
        setting_line(one) for one in raised_timeouts(before, jobs(a=90, b=90, c=None, d=9, e=9))
    ]

    assert found == ["limits.timeout of a, b 60 → 90", "limits.timeout of c 60 → none"]
    assert list(raised_timeouts(before, jobs(a=30, b=60, c=60, d=None))) == []


GUARD = Setting(path="prune", old=False, new=True, weakens=True, effect="cancels pets-a-1")
OTHER = Setting(path="vars.x", old=None, new="<b>")


def made(*settings: Setting) -> Plan:
    base = Base(ref="main", commit="b", fork="f")
    return Plan(project="pets", workspace="w", base=base, actions=(), settings=settings)


def test_every_form_of_a_plan_tells_it() -> None:
    plan = made(GUARD, OTHER)

    text = plan_text(plan)
    assert "Weakens a guard:\n  prune off → on: cancels pets-a-1\n" in text
    assert "Changes in gitrain.yaml:\n  vars.x none → <b>\n" in text
    assert text.endswith(f"{NO_CHANGES}\n"), "of the workspace, which is what the line is about"
    assert '"weakens a guard: prune off → on: cancels pets-a-1"' in plan_json(plan)
    assert '"changes a setting: vars.x none → <b>"' in plan_json(plan)
    assert "::warning title=weakens a guard::prune off → on" in plan_github(plan)
    markdown = plan_markdown(plan)
    assert "**⚠️ 1 guard weakened**" in markdown
    assert "- ⚠️ prune off → on: cancels pets-a-1" in markdown
    assert "vars.x none → &lt;b&gt;" in markdown


def test_it_is_never_called_nothing_to_do() -> None:
    assert "**⚙️ 1 setting changed**" in plan_markdown(made(OTHER))
    assert "Nothing to do" not in plan_markdown(made(GUARD)) + plan_markdown(made(OTHER))
    assert "✅ Nothing to do" in plan_markdown(made())
