"""The lines that a branch changes, as Git tells them."""

from __future__ import annotations

from pathlib import Path

from gitrain.source.changed_lines import changed_lines
from gitrain.source.checkout import find_checkout
from tests.promises.command_line.project import Project


def test_lines_are_those_of_the_branch_since_it_parted(tmp_path: Path) -> None:
    project = Project(tmp_path / "demo")
    project.write("a.yaml", "1\n2\n3\n4\n5\n")
    project.write("b.yaml", "1\n2\n")
    project.commit()
    project.git("checkout", "-q", "-b", "change")
    project.write("a.yaml", "1\nchanged\n3\n4\n5\n6\n7\n")
    project.write("sub/new file.yaml", "1\n2\n3\n")
    project.write("b.yaml", "2\n")
    project.commit()
    project.git("checkout", "-q", "main")
    project.write("c.yaml", "theirs\n")
    project.commit()
    project.git("checkout", "-q", "change")
    checkout = find_checkout(project.root)
    assert checkout

    found = changed_lines(checkout, "main")

    assert found["a.yaml"] == ((2, 2), (6, 7))
    assert found["sub/new file.yaml"] == ((1, 3),)
    assert set(found) == {"a.yaml", "sub/new file.yaml", "b.yaml"}
    assert changed_lines(checkout, "nowhere") == {}
