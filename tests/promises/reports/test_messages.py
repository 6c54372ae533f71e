"""Messages whose cure did not lead anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitrain.plan.reasons import sides
from tests.promises.reports.cases_of import case, cures, told


def test_a_backslash_in_a_path_is_named(tmp_path: Path) -> None:
    project = case("windows-paths", tmp_path)

    missing = [cure for _, cure in cures(project, "missing-path")]
    assert missing[0].startswith("write `/` instead of the backslash")
    assert missing[1] == "did you mean `../training`?"
    [(_, tab)] = cures(project, "control-character")
    assert tab.startswith("in double quotes `\\t` is a tab")


def test_the_dockerfile_is_relative_to_the_folder_of_the_build(tmp_path: Path) -> None:
    [(_, cure)] = cures(case("dockerfile-path-twice", tmp_path), "missing-path")

    assert cure == "`dockerfile_path` is relative to `build.path`, such as `Dockerfile`"


def test_an_inline_dockerfile_that_copies_is_told_of_build(tmp_path: Path) -> None:
    project = case("dockerfile-real", tmp_path)

    assert told(project) == ["jobs/job.yaml:5:3 nothing-to-copy"]
    [(message, cure)] = cures(project, "nothing-to-copy")
    assert message.startswith("`COPY requirements.txt /tmp/`")
    assert "build: {path:" in cure


@pytest.mark.parametrize(
    "line",
    ["COPY --from=build /a /b", "ADD https://example.com/a /b", "COPY <<EOF /a", "RUN COPY a b"],
)
def test_what_needs_no_folder_is_not_blamed(line: str, tmp_path: Path) -> None:
    project = case("dockerfile-real", tmp_path)
    job = project.root / "jobs" / "job.yaml"
    job.write_text(job.read_text().replace("COPY requirements.txt /tmp/", line))

    assert told(project) == []


def test_optional_parts_of_a_command_are_refused(tmp_path: Path) -> None:
    project = case("optional-input", tmp_path)
    assert "remove it: every input of a job has a value" in str(cures(project, "unknown-field"))
    job = project.root / "jobs" / "train.yml"
    text = job.read_text().replace("{type: uri_file, optional: true}", "none")
    job.write_text(text.replace("{type: number, default: 0.001}", "0.001"))

    assert told(project) == ["jobs/train.yml:4:1 not-supported"]
    [(message, cure)] = cures(project, "not-supported")
    assert message.startswith("`$[[--ckpt")
    assert "remove the `$[[` and `]]`" in cure


def test_both_sides_of_a_reason_differ(tmp_path: Path) -> None:
    project = case("removed-input", tmp_path)
    project.settle()
    job = project.root / "jobs" / "job.yaml"
    job.write_text(job.read_text().replace("python3 train.py $(", "python3 train.py  $("))

    reason = project.row("train")["reason"]
    old, _, new = reason.removeprefix("command ").partition(" → ")
    assert "··" in new
    assert old != new


def test_a_difference_far_behind_is_shown() -> None:
    old, new = sides("x" * 200 + "a", "x" * 200 + "b")

    assert old.endswith("a")
    assert new.endswith("b")
