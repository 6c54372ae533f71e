"""Ignore files and attributes that are made to take for ever, as those of a code folder."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from gitrain.source import SourceError, Sources, index, lfs

LIMIT = 1.0  # CPU seconds, those of git included
LONG = "a" * 200

PATTERNS = {
    "26 blanks and a backslash": " " * 26 + "\\",
    "28 blanks and a backslash": " " * 28 + "\\",
    "10,000 blanks and a letter": " " * 10_000 + "x",
    "six times *a, six times *b": "*a" * 6 + "*b" * 6,
    "six times *a, then *b": "*a" * 6 + "*b",
    "50 times *a, then b": "*a" * 50 + "b",
    "30 times **/a": "**/a/" * 30 + "b",
    "30 times **/": "**/" * 30 + "b",
    "stars and a bracket": "[x]" + "*a" * 20,
    "stars and blanks": "* " * 20 + "x",
    "7 stars": "*" * 7 + "b",
    "1,000 stars": "*" * 1000 + "b",
    "100 times *?": "*?" * 100 + "b",
    "100 brackets": "*[a-z]" * 100 + "b",
    "a bracket that never closes": "[" * 10_000,
    "classes that do not exist": "[[:nope:]]" * 1000,
    "10,000 lines": "*a*b\n" * 10_000,
    "a million letters": "a" * 1_000_000,
    "10,000 backslashes": "\\" * 10_000,
    "NULs": "\0" * 1000,
    "three times **/*a*": "**/*a*/" * 3 + "b",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    code = tmp_path / "code"
    for name in (f"{LONG}c", "train.py", "a/" * 20 + "c"):
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text("x\n")
    return code


def put_into_git(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder.parent, check=True)


# In a repository .gitignore and .gitattributes take as long as they take `git status`.
@pytest.mark.parametrize(
    ("file", "in_git"),
    [(".amlignore", True), (".amlignore", False), (".gitignore", False), (".gitattributes", False)],
)
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_matched_or_refused_in_no_time(folder, file, in_git, name):
    if in_git:
        put_into_git(folder)
    ending = " -text\n" if file == ".gitattributes" else "\n"
    (folder / file).write_text(PATTERNS[name] + ending)

    before = sum(os.times()[:4])
    refused = ""
    try:
        Sources(folder.parent).tree_id("code")
    except SourceError as error:
        refused = str(error)

    assert sum(os.times()[:4]) - before < LIMIT
    assert not refused or refused.startswith(f"line 1 of {folder / file} has so many `*`")


@pytest.mark.parametrize("file", [".gitignore", ".gitattributes"])
def test_a_pattern_that_git_status_does_not_end_with_is_an_error(folder, file, monkeypatch):
    put_into_git(folder)
    for module in (index, lfs):
        monkeypatch.setattr(module, "MATCHING", 1.0)
    monkeypatch.setattr(index, "HASHING", 1.0)
    (folder / ("a/" * 60)).mkdir(parents=True)
    (folder / ("a/" * 60) / "c").write_text("x\n")
    (folder / file).write_text("**/*a*/" * 30 + "b -text\n")

    begun = time.monotonic()
    with pytest.raises(SourceError) as caught:
        Sources(folder.parent).tree_id("code")

    assert caught.value.code == "git-slow"
    assert "several `**` in .gitignore" in caught.value.suggestion
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    "pattern",
    [
        "*a*b*c*d*e*",
        "*a*a*a*a*a*",
        "!*a*b*c*d*e*f",
        "/*a*b*c*d*/e*f",
        "\\*a*b*c*d*e*f",
        "*a*b*c*d*e ",
    ],
)
def test_a_pattern_of_many_stars_means_what_it_means_to_git(folder, pattern):
    for name in ("abcdef", "aaaaaa", "xaxbxcxdxex", "*abcdef", "abcde", "fabcde ", "abcd/ef", "x"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x\n")
    text = f"*\n!*/\n{pattern}\n" if pattern.startswith("!") else f"{pattern}\n"
    (folder / ".amlignore").write_text(text)
    ignore = folder.parent / "ignore"
    ignore.write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    settings = ("-c", f"core.excludesFile={ignore}", "-c", "core.autocrlf=input")
    subprocess.run(["git", *settings, "add", "-A"], cwd=folder, check=True)
    done = subprocess.run(["git", "write-tree"], cwd=folder, check=True, capture_output=True)

    (folder / ".git").rename(folder.parent / "away")

    assert Sources(folder.parent).tree_id("code") == done.stdout.decode().strip()
