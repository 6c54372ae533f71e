"""The cache of parsed files: never needed, never wrong, never large."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import gitrain
from gitrain.load.manifests import Loaded, load
from gitrain.yaml.cache import CODE, MOST_FILES, Cache
from gitrain.yaml.parse import parse
from tests.unit.conftest import Project, job

EDGES = b"""\
a: [1, 1.0, 1e-3, -0.0, true, null, ~, "1", 017, 0x1f, 9223372036854775807, 2026-01-01, yes]
b: &anchor {x: "\\u00e9\\U0001F600", y: [], z: {}}
c: *anchor
d: |
  two
  lines
---
- second
---
"""
DAMAGES = {
    "nothing left": lambda content: b"",
    "half written": lambda content: content[: len(content) // 2],
    "one byte missing": lambda content: content[:-1],
    "one bit wrong": lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
    "another's file": lambda content: b"SQLite format 3\0" * 100,
    "more behind it": lambda content: content + b"\0",
}


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch) -> Path:
    """A cache folder of one's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    return home


def cached(project: Project, misses: int, save: bool = True) -> Loaded:
    """What is loaded through the cache, with this many files that it did not know."""
    cache = Cache(project.root)
    loaded = load(project.root, parser=cache.parse)
    assert cache.misses == misses
    if save:
        cache.save()
    return loaded


def told(loaded: Loaded) -> tuple[object, ...]:
    """All that a load comes to: documents, with the place of each field, and problems."""
    documents = loaded.manifests.all() if loaded.manifests else ()
    found = [(d.resource, d.file, d.azureml, dict(d.marks.places)) for d in documents]
    return found, loaded.problems, loaded.files


def test_what_was_parsed_once_is_not_parsed_again(project):
    project.write("jobs/a.yaml", job("a"))
    project.write("jobs/b.yaml", job("b"))

    first, second = cached(project, misses=3), cached(project, misses=0)

    assert told(first) == told(second) == told(project.loaded())


def test_values_come_back_as_they_were():
    first, again = Cache(Path("/")), Cache(Path("/"))
    told = parse(EDGES)

    assert first.parse(EDGES) == told
    first.save()

    assert again.parse(EDGES) == told
    assert repr(again.parse(EDGES)) == repr(told)
    assert again.misses == 0


def test_a_changed_file_is_parsed_and_the_others_are_not(project):
    for name in "abc":
        project.write(f"jobs/{name}.yaml", job(name))
    cached(project, misses=4)
    project.write("jobs/b.yaml", job("b", "{command: python other.py}"))

    loaded = cached(project, misses=1)

    assert told(loaded) == told(project.loaded())


def test_problems_are_the_same_with_and_without_a_cache(project):
    """Also those of a file that cannot be parsed: it is parsed each time."""
    project.write("jobs/syntax.yaml", "a: [1\n")
    project.write("jobs/field.yaml", job("a", "{command: x, comand: y}"))
    project.write("jobs/other.yaml", "- 1\n")
    project.write("jobs/vars.yaml", job("b", "{command: '${{vars.absent}}'}"))

    first, second = cached(project, misses=5), cached(project, misses=1)

    assert len(first.problems) >= 4
    assert told(first) == told(second) == told(project.loaded())


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_as_good_as_none(project, damage):
    project.write("jobs/a.yaml", job("a"))
    cached(project, misses=2)
    path = Cache(project.root).path
    path.write_bytes(damage(path.read_bytes()))

    assert told(cached(project, misses=2)) == told(project.loaded())
    cached(project, misses=0)


def test_a_cache_that_others_may_write_is_as_good_as_none(project):
    project.write("jobs/a.yaml", job("a"))
    cached(project, misses=2)
    Cache(project.root).path.chmod(0o666)

    cached(project, misses=2)


@pytest.mark.parametrize("what", ["a folder", "a pipe", "deleted"])
def test_a_cache_that_is_no_file_is_as_good_as_none(project, what):
    project.write("jobs/a.yaml", job("a"))
    cached(project, misses=2)
    path = Cache(project.root).path
    path.unlink()
    if what == "a folder":
        path.mkdir()
    elif what == "a pipe":
        os.mkfifo(path)

    assert told(cached(project, misses=2)) == told(project.loaded())


@pytest.mark.parametrize("place", ["file/below", "relative", ""])
def test_without_a_place_to_keep_it_all_works(project, place, home, monkeypatch):
    (home / "file").write_text("no folder")
    monkeypatch.setenv("HOME", str(home / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / place) if "/" in place else place)
    project.write("jobs/a.yaml", job("a"))

    cached(project, misses=2)

    assert told(cached(project, misses=2)) == told(project.loaded())
    assert not any(project.root.glob("**/*.parsed"))


def test_it_is_private_and_outside_of_the_project(project, home):
    project.write("jobs/a.yaml", job("a"))
    cached(project, misses=2)

    (path,) = home.rglob("*.parsed")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert sorted(p.name for p in project.root.iterdir()) == ["gitrain.yaml", "jobs"]


def test_it_does_not_grow_with_every_edit(project):
    sizes = []
    for edit in range(12):
        project.write("jobs/a.yaml", job("a", f"{{command: python {edit:03}.py}}"))
        cached(project, misses=2 if edit == 0 else 1)
        sizes.append(Cache(project.root).path.stat().st_size)

    assert max(sizes) <= 3 * sizes[0]


def test_a_removed_branch_leaves_it(project):
    for number in range(20):
        project.write(f"jobs/{number}.yaml", job(f"job-{number}"))
    cached(project, misses=21)
    before = Cache(project.root).path.stat().st_size
    for number in range(1, 20):
        (project.root / f"jobs/{number}.yaml").unlink()

    cached(project, misses=0)

    assert Cache(project.root).path.stat().st_size < before / 3


def test_going_back_and_forth_between_two_branches_parses_nothing(project):
    versions = [job("a", "{command: one}"), job("a", "{command: two}")]
    for number, misses in enumerate([2, 1, 0, 0, 0]):
        project.write("jobs/a.yaml", versions[number % 2])
        cached(project, misses=misses)


def test_the_folder_holds_so_many_projects_and_no_more(project, tmp_path_factory, home):
    for _ in range(MOST_FILES + 8):
        cached(Project(tmp_path_factory.mktemp("other")), misses=1)
    cached(project, misses=1)

    assert len(list(home.rglob("*"))) - 1 == MOST_FILES
    cached(project, misses=0)


def test_many_at_once_read_and_write(project):
    """Every reader sees one whole cache, or none."""
    for number in range(30):
        project.write(f"jobs/{number}.yaml", job(f"job-{number}"))
    right = told(project.loaded())
    wrong = []

    def work(thread: int) -> None:
        for turn in range(5):
            cache = Cache(project.root)
            loaded = load(project.root, parser=cache.parse)
            if told(loaded) != right or cache.misses not in (0, 31):
                wrong.append(cache.misses)
            cache.parse(f"a branch: {thread} {turn}".encode())  # there is something to write
            cache.save()

    threads = [threading.Thread(target=work, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not wrong


def test_two_versions_share_a_project_and_no_entry(project, tmp_path_factory):
    project.write("jobs/a.yaml", job("a"))
    cached(project, misses=2)
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(Path(gitrain.__file__).parent, other / "gitrain")
    with (other / "gitrain/yaml/scalars.py").open("a") as file:
        file.write("# another version\n")
    script = """
import sys
from pathlib import Path
from gitrain.yaml.cache import Cache
from gitrain.load.manifests import load
cache = Cache(Path(sys.argv[1]))
load(Path(sys.argv[1]), parser=cache.parse)
cache.save()
print(cache.misses)
"""

    def misses() -> int:
        words = [sys.executable, "-c", script, str(project.root)]
        said = subprocess.run(words, cwd=other, capture_output=True, check=True)
        return int(said.stdout)

    assert misses() == 2
    assert misses() == 0
    cached(project, misses=0)


def test_the_code_that_parses_is_part_of_every_key():
    """All of `gitrain.yaml` that parsing imports, so that a new version finds no old entry."""
    listing = "import sys; from gitrain.yaml import events, parse, values; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", listing], capture_output=True, check=True)
    names = [name for name in said.stdout.decode().split() if name.startswith("gitrain.yaml.")]

    assert sorted(f"{name.rpartition('.')[2]}.py" for name in names) == sorted(CODE)
