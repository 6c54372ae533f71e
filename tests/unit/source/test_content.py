"""Data is known by what is in it."""

from __future__ import annotations

import hashlib
import os

import pytest

from gitrain.source import SourceError, content


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"1,2\n")
    (folder / "sub/b.csv").write_bytes(b"3\r\n")
    return folder


def test_a_file_is_the_sha256_of_its_bytes(data):
    assert content(data / "a.csv") == hashlib.sha256(b"1,2\n").hexdigest()


def test_a_folder_is_the_same_wherever_and_whenever_it_is(data, tmp_path):
    before = content(data)
    os.utime(data / "a.csv", (1, 1))
    (data / "a.csv").chmod(0o600)
    (data / "empty").mkdir()
    data.rename(tmp_path / "moved")

    assert content(tmp_path / "moved") == before


@pytest.mark.parametrize("change", ["content", "name", "place", "new", "gone", "split"])
def test_every_change_counts(data, change):
    before = content(data)
    match change:
        case "content":
            (data / "sub/b.csv").write_bytes(b"3\n")
        case "name":
            (data / "a.csv").rename(data / "c.csv")
        case "place":
            (data / "sub/b.csv").rename(data / "b.csv")
        case "new":
            (data / "sub/c.csv").touch()
        case "gone":
            (data / "a.csv").unlink()
        case "split":
            (data / "a.csv").write_bytes(b"1,")
            (data / "a.csv2").write_bytes(b"2\n")

    assert content(data) != before


def test_a_link_inside_counts_and_one_that_leaves_is_refused(data):
    before = content(data)
    (data / "link").symlink_to("a.csv")
    assert content(data) != before

    (data / "out").symlink_to("../elsewhere")
    with pytest.raises(SourceError) as caught:
        content(data)
    assert caught.value.code == "link-leaves"


def test_a_link_to_the_data_is_the_data(data, tmp_path):
    (tmp_path / "link").symlink_to("data")

    assert content(tmp_path / "link") == content(data)


def test_what_is_missing_or_no_file_is_refused(data):
    with pytest.raises(SourceError, match="does not exist"):
        content(data / "absent")
    os.mkfifo(data / "pipe")
    for path in (data, data / "pipe"):
        with pytest.raises(SourceError, match="neither a file nor a folder"):
            content(path)


def test_odd_names_are_names(data):
    (data / "new\nline").touch()
    (data / os.fsdecode(b"\xff")).touch()

    assert len(content(data)) == 64
