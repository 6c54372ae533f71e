"""What each rule says, and where: through the real loader, on real files."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from gitrain import rules
from gitrain.errors import Severity
from gitrain.load.manifests import load
from gitrain.rules.check import check
from tests.unit.rules.cases import ALLOWED, CASES, FINE, POLICY, job
from tests.unit.rules.golden import FILE, messages
from tests.unit.rules.place import AROUND, a_job, a_resource, problems, told

WARNINGS = {
    *("more-processes-than-gpus", "stale-image", "unused-input", "unused-output"),
    *("unknown-size", "retired-size", "own-environment", "nothing-to-copy"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_says_what_is_wrong_and_where(name: str, tmp_path: Path) -> None:
    manifest, place, code, suggestion = CASES[name]

    found = [p for p in problems(tmp_path, manifest) if p.location.file == "jobs/m0.yaml"]

    assert [f"{p.location.line}:{p.location.column} {p.code}" for p in found] == [f"{place} {code}"]
    assert suggestion in found[0].suggestion
    assert found[0].severity == (Severity.WARNING if code in WARNINGS else Severity.ERROR)


@pytest.mark.parametrize("name", FINE)
def test_what_looks_like_it_and_is_right_is_not_blamed(name: str, tmp_path: Path) -> None:
    assert told(problems(tmp_path, FINE[name])) == []


@pytest.mark.parametrize("name", POLICY)
def test_the_policy_forbids_it(name: str, tmp_path: Path) -> None:
    policy, manifest, place, message = POLICY[name]

    [found] = problems(tmp_path, manifest, policy=policy, around=False)

    assert (f"{found.location.line}:{found.location.column}", found.code) == (place, "policy")
    assert message in found.message


@pytest.mark.parametrize("name", ALLOWED)
def test_the_policy_allows_it(name: str, tmp_path: Path) -> None:
    policy, manifest = ALLOWED[name]

    assert told(problems(tmp_path, manifest, policy=policy, around=False)) == []


def test_every_message_reads_as_it_was_agreed() -> None:
    assert messages() == FILE.read_text("utf-8"), "python -m tests.unit.rules.golden --write"


def test_every_rule_has_a_case() -> None:
    folder = Path(next(iter(rules.__path__)))
    source = "".join(path.read_text() for path in sorted(folder.glob("*.py")))
    codes = set(re.findall(r'^\s+"([a-z]+(?:-[a-z]+)*)",$', source, re.M))

    # No workspace that comes with gitrain refuses a field: the invented one in tests/promises does.
    assert codes - {code for _, _, code, _ in CASES.values()} == {"refused-field"}


def test_two_resources_of_one_name_point_at_each_other(tmp_path: Path) -> None:
    same = a_resource("Cluster", "size: Standard_D2s_v3\nmax_instances: 1", "twin")

    [found] = problems(tmp_path, same, same, around=False)

    assert str(found.location) == "jobs/m1.yaml:3:12"
    assert found.message == "Cluster twin is also defined at jobs/m0.yaml:1:1"


def test_names_that_differ_only_in_case_are_one_name_to_azure(tmp_path: Path) -> None:
    spec = "size: Standard_D2s_v3\nmax_instances: 1"
    manifests = (a_resource("Cluster", spec, "Twin"), a_resource("Cluster", spec, "twin"))

    [found] = problems(tmp_path, *manifests, around=False)

    assert (found.code, found.message.endswith("jobs/m0.yaml:1:1, as Twin")) == (
        *("duplicate-name", True),
    )


def test_the_same_name_in_two_workspaces_is_no_clash(tmp_path: Path) -> None:
    one = a_job("command: x", "local")
    other = a_job("command: x\ncompute: gpu\nenvironment: env", "azure")

    assert told(problems(tmp_path, one, other)) == []


def test_a_reference_must_exist_in_every_workspace_of_what_refers_to_it(tmp_path: Path) -> None:
    only_local = a_job("command: x", "local", "one")
    both = a_job("command: y\ncompute: gpu\nenvironment: env\ndepends_on: [one]", "local, azure")

    [found] = problems(tmp_path, only_local, both)

    assert found.message == "no job named one in workspace azure"


def test_what_is_wrong_in_two_workspaces_is_said_once(tmp_path: Path) -> None:
    both = a_job("command: ${{inputs.x}}\ncompute: gpu\nenvironment: env", "local, azure")

    assert told(problems(tmp_path, both)) == [
        "m0.yaml:5:3 unknown-expression: declare it under spec.inputs"
    ]


def test_a_cycle_is_shown_once_for_each_job_on_it(tmp_path: Path) -> None:
    a = a_job("command: x\ndepends_on: [b]", "local", "a")
    b = a_job("command: x\ndepends_on: [a]", "local", "b")
    outside = a_job("command: x\ndepends_on: [a]", "local", "c")

    found = problems(tmp_path, a, b, outside)

    assert [p.message for p in found] == [
        "jobs wait for each other: a → b → a",
        "jobs wait for each other: b → a → b",
    ]


@pytest.mark.parametrize(
    ("length", "way"),
    [
        (10, "a → j → i → h → g → f → e → d → c → b → a"),
        (11, "a → k → j → i → h → g → f → e → d → … (11 jobs) → a"),
    ],
)
def test_a_cycle_of_more_than_ten_is_shown_in_part(length: int, way: str, tmp_path: Path) -> None:
    names = "abcdefghijk"[:length]
    follows = zip(names, names[1:] + names[0], strict=True)
    jobs = [a_job(f"command: x\ndepends_on: [{after}]", "local", name) for name, after in follows]

    found = problems(tmp_path, *jobs)

    assert len(found) == length
    assert found[0].message == f"jobs wait for each other: {way}"


def test_a_secret_is_never_quoted(tmp_path: Path) -> None:
    canary = "ghp_CANARY6789012345678901234567890123"
    manifest = a_job(f"command: 'curl -u {canary}'\nenvironment_variables: {{A_TOKEN: {canary}}}",
                     "local")  # fmt: skip

    found = problems(tmp_path, manifest)

    assert [p.code for p in found] == ["literal-secret", "literal-secret"]
    assert [p.excerpt for p in found] == ["", ""]
    assert "CANARY" not in repr(found)


def test_what_refers_to_a_broken_manifest_is_not_to_blame(tmp_path: Path) -> None:
    uses = "command: ${{inputs.m}}\ninputs: {m: '${{jobs.fine.outputs.m}}'}\ndepends_on: [fine]"
    assert told(problems(tmp_path, job(uses))) == []
    for name, text in AROUND.items():
        broken = text.replace("spec: {", "spec: {nonsense: 1, ")
        (tmp_path / "jobs" / f"{name}.yaml").write_text(broken)

    loaded = load(tmp_path)

    assert [p.code for p in loaded.problems] == ["unknown-field"] * len(AROUND)
    assert loaded.manifests is not None
    assert check(loaded.manifests) == ()


def test_a_file_is_looked_at_until_it_has_a_hundred_errors_and_the_next_one_still_is(
    tmp_path: Path,
) -> None:
    def wrong(name: str, count: int) -> str:
        variables = ", ".join(f"A{n}: '${{{{inputs.x}}}}'" for n in range(count))
        return a_job(f"command: x\nenvironment_variables: {{{variables}}}", "local", name)

    found = problems(tmp_path, wrong("a", 101) + "---\n" + wrong("b", 1), wrong("c", 1))

    counts = Counter((p.location.file, p.code) for p in found if p.location)
    assert counts == {
        ("jobs/m0.yaml", "unknown-expression"): 100,
        ("jobs/m0.yaml", "too-many-problems"): 1,
        ("jobs/m1.yaml", "unknown-expression"): 1,
    }
