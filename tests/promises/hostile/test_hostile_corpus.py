"""The corpus: each document alone, and all of them together through the installed command."""

from __future__ import annotations

import json
import re

import pytest

from tests.promises.command_line.project import Project
from tests.promises.hostile import corpus
from tests.promises.hostile.trial import SOUND, Trial, assert_harmless_text

LIMIT = 3.0  # CPU seconds, on a machine that is busy with the rest of the suite


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial"), LIMIT)


@pytest.mark.parametrize(
    ("place", "document"),
    [pytest.param(place, data, id=f"{place}: {name}") for name, place, data in corpus.small()],
)
def test_a_document_of_the_corpus_is_refused_or_read(trial, place, document):
    trial.examine(document, place, ("github",))


SLOWEST = (
    "a tag of a million letters",
    "300,000 open, one closed",
    "2,000 slips in names",
    "a ring of 2,000 jobs",
    "a Dockerfile of 100,000 blank lines",
    "20,000 unused inputs",
)


@pytest.mark.parametrize("name", SLOWEST)
def test_a_document_at_the_limits_of_size_takes_no_time(trial, name):
    trial.examine(corpus.LARGE[name]().encode(), formats=("text",))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with the whole corpus, under file names that mean harm too."""
    project = Project(tmp_path_factory.mktemp("whole") / "demo")
    for name, text in SOUND.items():
        project.write(name, text)
    project.commit()
    for number, (_, place, document) in enumerate(corpus.small()):
        if place == "manifest":
            (project.root / f"jobs/{number:03}.yaml").write_bytes(document)
    for name in ("a\x1b[31mred.yaml", "a\n::error::x.yaml", "::error::x.yaml", "a\u202eb.yaml"):
        project.write(f"jobs/{name}", "a: [\n")
    (project.root / "jobs/link.yaml").symlink_to("/etc/passwd")
    (project.root / "jobs/loop.yaml").symlink_to("loop.yaml")
    (project.root / "jobs/folder").symlink_to("/etc")
    return project


@pytest.mark.parametrize("output", ["text", "json", "markdown", "github"])
@pytest.mark.parametrize("command", [("validate",), ("plan", "--offline", "--base", "HEAD")])
def test_all_of_it_at_once_is_refused_and_forges_nothing(whole, command, output):
    ended = whole.gitrain(*command, "-o", output, code=3)

    assert_harmless_text(ended.out, output)
    assert_harmless_text(ended.err, "")


def test_every_problem_has_its_place(whole):
    problems = whole.gitrain("validate", "-o", "json", code=3).json["problems"]

    assert all(p["file"] and p["line"] >= 1 and p["column"] >= 1 for p in problems)
    assert len({p["file"] for p in problems}) > 90
    for line in whole.gitrain("validate", code=3).lines:
        if re.search(r"\b(error|warning): ", line) and not line.startswith(" "):
            assert re.match(r".+:[0-9]+:[0-9]+: (error|warning): ", line), line


def test_a_link_out_of_the_project_is_not_read(whole):
    out = whole.gitrain("validate", "-o", "json", code=3).out

    assert "root:" not in out
    found = [p for p in json.loads(out)["problems"] if p["code"] == "outside-project"]
    named = {re.findall("`(.*?)`", problem["message"])[0] for problem in found}
    assert {"jobs/link.yaml", "jobs/folder"} <= named
