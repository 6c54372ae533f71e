"""Without Git a folder has the tree id that Git would give it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitrain.source import SourceError, Sources


def git_tree_of(folder: Path) -> str:
    """What git itself makes of a folder, in a repository that is gone afterwards."""
    place = folder / ".git"
    try:
        run = ("git", "-c", "core.autocrlf=input", "-c", "core.safecrlf=false")
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        subprocess.run([*run, "add", "-A"], cwd=folder, check=True, capture_output=True)
        done = subprocess.run(["git", "write-tree"], cwd=folder, check=True, capture_output=True)
        return done.stdout.decode().strip()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def tree_id(folder: Path) -> str:
    return Sources(folder).tree_id(".")


EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
names = st.one_of(
    st.sampled_from(
        ["a", "b", "a.b", "a-", "a0", "ab", "lib", "data", "x.log", "x.py", "#x", "!x", "x ", " x"]
    ),
    st.text(
        st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]),
        min_size=1,
        max_size=5,
    ),
).filter(
    lambda name: (
        name not in (".", "..", ".gitignore", ".amlignore", ".gitattributes")
        and ".git" not in name.lower()
    )
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
texts = st.one_of(
    st.binary(max_size=40),
    st.lists(
        st.sampled_from(
            [b"a" * 200, b"line", b"\r\n", b"\n", b"\r", b"\0", b"\x1a", b"\x7f", b"\x01"]
        )
    ).map(b"".join),
)
patterns = st.one_of(
    st.sampled_from(
        [
            "*",
            "*.log",
            "/a",
            "a/",
            "!a",
            "!*/",
            "!*.py",
            "lib/",
            "/lib/*",
            "!/lib/x.py",
            "**/a",
            "a/**",
            "a/**/b",
            "# no",
            "\\#x",
            "\\!x",
            "x\\ ",
            "x ",
            "[ab]",
            "[!a]",
            "[a-z]*",
            "?",
            "a?b",
            "/*",
            "!/a/",
            "a/b",
            "*/b",
            "data",
            "!data/x.py",
            "",
            "/",
        ]
    ),
    st.lists(
        st.sampled_from(["a", "b", "*", "**", "/", "?", ".", "x"]), min_size=1, max_size=5
    ).map("".join),
)


@st.composite
def folders(draw) -> dict[str, bytes]:
    """Files by path: no file is also a folder; some are .gitignore."""
    files: dict[str, bytes] = {}
    for path in draw(st.lists(paths, min_size=1, max_size=8)):
        parts = path.split("/")
        above = {"/".join(parts[:n]) for n in range(1, len(parts))}
        if (
            path not in files
            and not above & set(files)
            and not any(f.startswith(path + "/") for f in files)
        ):
            files[path] = draw(texts)
    for path in draw(st.lists(st.sampled_from(["", *sorted(files)]), max_size=2)):
        lines = draw(st.lists(patterns, min_size=1, max_size=4))
        parent = path.rpartition("/")[0]
        files[f"{parent}/.gitignore".lstrip("/")] = "\n".join(lines).encode()
    return files


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(folders(), st.sets(st.integers(0, 7)))
def test_any_tree_has_the_id_that_git_gives_it(tmp_path_factory, files, programs):
    folder = tmp_path_factory.mktemp("tree")
    for number, (name, content) in enumerate(sorted(files.items())):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if number in programs else 0o644)

    expected = git_tree_of(folder)

    if expected == EMPTY_TREE:
        with pytest.raises(SourceError):
            tree_id(folder)
    else:
        assert tree_id(folder) == expected


def write(folder: Path, name: str, content: bytes = b"x\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_links_are_their_text(tmp_path):
    write(tmp_path, "lib/a.py")
    (tmp_path / "link").symlink_to("lib/a.py")
    (tmp_path / "folder").symlink_to("lib")
    (tmp_path / "dangling").symlink_to("nowhere")

    assert tree_id(tmp_path) == git_tree_of(tmp_path)


def test_a_link_that_leaves_is_refused(tmp_path):
    write(tmp_path, "code/a.py")
    (tmp_path / "code/out").symlink_to("../other")

    with pytest.raises(SourceError) as caught:
        tree_id(tmp_path / "code")
    assert caught.value.code == "link-leaves"


@pytest.mark.parametrize(
    "attributes",
    ["* -text", "*.txt text", "* text=auto", "*.txt eol=crlf", "*.txt binary", "* ident"],
)
def test_attributes_decide_about_line_ends_as_they_do_in_git(tmp_path, attributes):
    write(tmp_path, ".gitattributes", attributes.encode() + b"\n")
    write(tmp_path, "deep/a.txt", b"one\r\ntwo $Id: x $\r\n")
    write(tmp_path, "deep/b", b"one\r\ntwo\n\0")

    tree = tree_id(tmp_path)

    assert tree == git_tree_of(tmp_path)
    Sources(tmp_path).stage(".", tree, tmp_path.parent / f"{tmp_path.name}-staged")
    assert tree_id(tmp_path.parent / f"{tmp_path.name}-staged") == tree


def test_what_only_this_user_ignores_or_filters_counts(tmp_path):
    home = Path(os.environ["HOME"])
    (home / "ignore").write_text("*.log\n")
    (home / "attributes").write_text("* filter=x\n")
    write(tmp_path, "a.log")
    write(tmp_path, ".gitattributes", b"* filter=x\n")
    expected = git_tree_of(tmp_path)
    with (home / ".gitconfig").open("a") as config:
        config.write(
            f"[core]\n excludesFile = {home}/ignore\n attributesFile = {home}/attributes\n"
        )
        config.write('[filter "x"]\n clean = tr a-z A-Z\n')

    assert tree_id(tmp_path) == expected


def test_pipes_are_no_files(tmp_path):
    write(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe")

    assert tree_id(tmp_path) == git_tree_of(tmp_path)


def test_names_need_not_be_utf8(tmp_path):
    write(tmp_path, os.fsdecode(b"caf\xe9/\xff.py"))

    assert tree_id(tmp_path) == git_tree_of(tmp_path)


def test_amlignore_and_paths_to_leave_out_hold_without_git_too(repository, tmp_path):
    repository.write("training/.amlignore", "*.bin\nscratch/\n")
    repository.write("training/scratch/a.bin")
    repository.write("training/b.bin")
    inside = Sources(repository.root, leave_out=["jobs"])
    expected = inside.tree_id("training"), inside.tree_id(".")

    (repository.root / ".git").rename(tmp_path / "away")

    outside = Sources(repository.root, leave_out=["jobs"])
    assert (outside.tree_id("training"), outside.tree_id(".")) == expected


def test_a_repository_inside_is_refused(tmp_path, new_repository):
    write(tmp_path, "code/a.py")
    new_repository("code/vendor").write("x")

    with pytest.raises(SourceError) as caught:
        tree_id(tmp_path / "code")
    assert caught.value.code == "nested-repository"


def test_without_a_repository_every_fact_is_empty(tmp_path):
    facts = Sources(tmp_path).repository

    assert (facts.root, facts.commit, facts.branch, facts.default_branch, facts.remote_url) == (
        None,
        "",
        "",
        "",
        "",
    )
    assert facts.dirty


@pytest.mark.parametrize(
    "pattern",
    [
        "[[:alpha:]]",
        "[[:digit:]x]",
        "[!a-c]",
        "[]a]",
        "[a",
        "a\\",
        "[[:nope:]]",
        "[b-]",
        "[^/]",
        "a**/b",
        "**a/b",
        "/**/b",
        "a/**",
        "*/",
        "[[:al",
        "[a-\\c]",
    ],
)
def test_odd_patterns_mean_what_they_mean_to_git(tmp_path, pattern):
    for name in (
        "a",
        "b",
        "c",
        "x",
        "1",
        "]",
        "-",
        "[a",
        "a\\",
        "ab",
        "aa/b",
        "d/a/b",
        "d/b",
        "e/c/f/b",
        "\xe4",
    ):
        write(tmp_path, f"{name}.d/{name}/file" if "/" not in name else name)
        write(tmp_path, f"flat/{name}.txt") if "/" not in name else write(tmp_path, f"flat/{name}")
        write(tmp_path, f"plain/{name}")
    write(tmp_path, ".gitignore", pattern.encode() + b"\n")

    assert tree_id(tmp_path) == git_tree_of(tmp_path)
