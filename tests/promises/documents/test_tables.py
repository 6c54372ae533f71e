"""What documents repeat: the frozen sentences, links, paths, and the size of the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitrain.plan.actions import Action, Plan, Verb
from gitrain.report.sentences import NO_CHANGES, reconciled_line, summary_line
from tests.promises.documents.pages import (
    ALL,
    PAGES,
    README,
    ROOT,
    anchors,
    blocks,
    links,
    read,
    rows,
)

WAITING = Action(verb=Verb.WAITING, kind="Job", name="tune", reason="pretrain is to be completed")
IDENTITY = ROOT / "docs/explanation/identity.md"
QUOTES = [
    line
    for page in PAGES
    for block in blocks("console", "text", page=page)
    for line in block.text.splitlines()
]


@pytest.mark.parametrize(
    "sentence",
    [
        summary_line(Plan(project="pets", workspace="local", actions=(WAITING,))),
        reconciled_line(()),
    ],
)
def test_a_quoted_sentence_is_the_one_that_is_printed(sentence):
    pattern = re.sub(r"\d+", r"\\d+", re.escape(sentence))
    first = sentence.split()[0]
    quoted = [line for line in QUOTES if line.startswith(f"{first} ")]

    assert quoted
    assert all(re.fullmatch(pattern, line) for line in quoted)


def test_no_changes_is_said_as_it_is_printed():
    quoted = [line for line in QUOTES if line.startswith("No changes")]

    assert set(quoted) == {NO_CHANGES}


def test_the_readme_repeats_rows_of_the_table_that_is_tried():
    header = "| you change | what happens |"
    whole = rows(IDENTITY, header)

    assert all(row in whole for row in rows(README, header))


def test_the_readme_is_short():
    assert len(read(README).splitlines()) <= 160


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    for target in links(page):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_a_mentioned_test_or_target_exists(page: Path):
    text = read(page)
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    for path in re.findall(r"\btests/[\w/.-]*[\w]", text):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"python -m (tests[\w.]+)", text):
        file = ROOT / module.replace(".", "/")
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE):
        assert target in targets, target
