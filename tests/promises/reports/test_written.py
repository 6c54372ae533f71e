"""What people write in YAML, and what YAML makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitrain.yaml import yaml_1_1
from gitrain.yaml.scalars import plain
from tests.promises.reports.cases_of import case, cures, told


def test_a_number_that_loses_its_text_is_told_with_the_quoted_cure(tmp_path: Path) -> None:
    project = case("numbers-that-lose-their-text", tmp_path)

    found = cures(project, "changed-text")
    changed = {message.split("`")[1]: cure.split(" in ")[0] for message, cure in found}
    lost = ("3.10", "6063e25", "0351500", "01067", "1e3", "0o755", "True", "1_000")
    assert changed == {text: f'write "{text}"' for text in lost}
    assert told(project, "warning")[0] == "jobs/job.yaml:10:5 changed-text"
    job = project.root / "jobs" / "job.yaml"
    text = job.read_text()
    for number in lost:
        text = text.replace(f": {number}\n", f': "{number}"\n')
    job.write_text(text)
    assert told(project) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("gitrain.yaml", "local: {type: local}", "local: {type: local, vars: {python: 3.10}}"),
        (
            "gitrain.yaml",
            "spec:\n",
            "spec:\n  defaults: {Job: {environment_variables: {PYTHON: 3.10}}}\n",
        ),
        ("jobs/job.yaml", "spec:\n", "overrides: {local: {inputs: {python: 3.10}}}\nspec:\n"),
    ],
)
def test_wherever_a_text_comes_from_it_is_told(
    file: str, old: str, new: str, tmp_path: Path
) -> None:
    project = case("literal-first-line-fails", tmp_path)
    manifest = project.root / file
    manifest.write_text(manifest.read_text().replace(old, new, 1))

    assert [m for m, _ in cures(project, "changed-text")] == ["`3.10` becomes the text `3.1`"]


def test_the_secret_in_a_number_is_not_shown(tmp_path: Path) -> None:
    project = case("literal-first-line-fails", tmp_path)
    job = project.root / "jobs" / "job.yaml"
    job.write_text(f"{job.read_text()}  environment_variables: {{API_TOKEN: 0123456}}\n")

    ended = project.gitrain("validate", code=3)
    assert "literal-secret" in ended.out
    assert "123456" not in ended.out


def test_a_line_that_is_not_folded_is_told(tmp_path: Path) -> None:
    project = case("folded-more-indented", tmp_path)

    [(message, cure)] = cures(project, "line-not-folded")
    assert message.startswith("line 8 ")
    assert "`--output-dir" in message
    assert cure.startswith("indent it like the line above")


@pytest.mark.parametrize("end", ["\\\\", " &&", " |", ";"])
def test_a_line_that_the_shell_continues_is_right(end: str, tmp_path: Path) -> None:
    project = case("folded-more-indented", tmp_path)
    job = project.root / "jobs" / "job.yaml"
    job.write_text(job.read_text().replace("--seed 42", f"--seed 42{end}"))

    assert cures(project, "line-not-folded") == []


def test_what_the_azure_ml_cli_reads_differently_is_told(tmp_path: Path) -> None:
    project = case("azureml-yaml-1.1-values", tmp_path)

    cured = [cure for _, cure in cures(project, "yaml-version")]
    assert cured == [
        'write "yes" or "True"',
        'write "True"',
        'write "12:30:00" or 45000',
        'write "1e-4"',
        'write "010" or 8',
        'write "on" or "True"',
        'write "true" or "True"',
    ]


def test_outside_texts_only_a_different_value_is_told(tmp_path: Path) -> None:
    project = case("azureml-yaml-1.1-values", tmp_path)
    job = project.root / "jobs" / "train.yml"
    start = job.read_text().partition("command:")[0]
    rest = "compute: azureml:c\nenvironment: azureml:e:1\nresources: {instance_count: 010}\n"
    job.write_text(f"{start}command: ls\n{rest}")

    assert [cure for _, cure in cures(project, "yaml-version")] == ["write 8"]


SCALARS = (
    *("yes", "Yes", "YES", "no", "on", "Off", "y", "n", "true", "True", "~", "yEs"),
    *("010", "0o10", "0x1F", "0b11", "08", "019", "+1", "-010", "1_000", "0", "00", "-1"),
    *(
        "1e3",
        "1e-4",
        "1.0e-4",
        "1.0e4",
        "1.0e+4",
        ".5",
        "5.",
        "-.5",
        "+.5",
        ".5e3",
        "3.10",
        "1_0.5",
    ),
    *("12:30:00", "1:30", "190:20:30.15", "1:60", "01:30", "-1:30", "0:30", "0.1:30"),
)


@pytest.mark.parametrize("text", SCALARS)
def test_the_dialect_is_that_of_the_library_that_az_ml_uses(text: str) -> None:
    expected = yaml.safe_load(text)
    value = plain(text)

    assert yaml_1_1.read(text, value) == expected
    assert type(yaml_1_1.read(text, value)) is type(expected)
    assert not isinstance(value, str) or value == expected or yaml_1_1.may_differ(text)
