"""What is in the wheel, and what is not."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from gitrain.schema import generate
from tests.promises.packaging.conftest import ROOT

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def archive(wheel: Path) -> dict[str, bytes]:
    """The files of the wheel, by name."""
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("part", ["schemas", "training", "jobs"])
def test_the_wheel_has_every_file_of_a_folder_that_ships(part, archive):
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", part]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    files = [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]

    assert files
    assert {f"gitrain/_data/{name}" for name in files} <= set(archive)


def test_the_wheel_has_the_template_and_the_project(archive):
    templates = ROOT / "runner" / "gitrain" / "templates"
    for name in (
        *("repository/gitignore", "basic/gitrain.yaml"),
        *("basic/jobs/digits.yaml", "basic/training/train.py"),
    ):
        assert archive[f"gitrain/templates/{name}"] == (templates / name).read_bytes()
    assert archive["gitrain/_data/gitrain.yaml"] == (ROOT / "gitrain.yaml").read_bytes()


def test_the_wheel_has_the_package_and_nothing_else(archive):
    tops = {name.partition("/")[0] for name in archive}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"gitrain"}
    assert not [name for name in archive if "__pycache__" in name or "/tests/" in name]


def test_the_wheel_has_its_license_and_its_command(archive):
    named = {
        name.partition(".dist-info/")[2]: text.decode()
        for name, text in archive.items()
        if ".dist-info/" in name
    }

    assert named["licenses/LICENSE"] == (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "gitrain = gitrain.__main__:main" in named["entry_points.txt"]


def test_no_file_names_a_place_of_the_machine_it_was_built_on(archive):
    places = [f"{place}/".encode() for place in (ROOT, Path.home()) if place != Path("/")]

    for name, text in archive.items():
        assert not [place for place in places if place in text], name


@pytest.mark.parametrize(
    "part", ["schemas/v1/job.json", "training/train.py", "jobs", "gitrain.yaml"]
)
def test_a_checkout_ships_its_own_files(part):
    assert generate.data(part) == ROOT / part
    assert generate.data(part).exists()
