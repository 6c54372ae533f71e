"""The site is built without a warning, loads nothing from elsewhere, and has no broken link."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises.documents.pages import DOCS, ROOT
from tests.promises.documents.site import faults


def page(site: Path, body: str, name: str = "index.html") -> Path:
    site.joinpath(name).write_text(f"<!doctype html><p id='here'>{body}</p>", encoding="utf-8")
    return site


@pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is None, reason="Sphinx is not installed: run make docs"
)
def test_the_documents_make_a_site_without_a_fault(tmp_path):
    strict = ["--quiet", "--fail-on-warning", "--keep-going", "--nitpicky"]
    command = [sys.executable, "-m", "sphinx", *strict, str(DOCS), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=240)

    assert (done.returncode, done.stderr) == (0, "")
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<img src="//cdn.example/x.png">',
        '<img srcset="a.png 1x, https://cdn.example/x.png 2x">',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link rel="preconnect" href="https://fonts.example">',
        "<style>@import 'https://fonts.example/css';</style>",
        '<p style="background: url(https://cdn.example/x.png)">',
        '<script>fetch("https://count.example/hit")</script>',
        '<svg><use href="https://cdn.example/x.svg#a"/></svg>',
        '<iframe src="http://example.org"></iframe>',
    ],
)
def test_what_a_browser_would_load_is_a_fault(tmp_path, body):
    page(tmp_path, body)
    (tmp_path / "a.png").touch()

    assert [line.split()[1] for line in faults(tmp_path)] == ["loads"]


def test_a_style_sheet_that_loads_a_font_is_a_fault(tmp_path):
    page(tmp_path, "")
    (tmp_path / "x.css").write_text("@font-face {src: url('https://fonts.example/x.woff2')}")

    assert faults(tmp_path) == ["x.css loads https://fonts.example/x.woff2"]


def test_a_link_to_another_site_is_none(tmp_path):
    assert faults(page(tmp_path, '<a href="https://example.org">there</a>')) == []


@pytest.mark.parametrize("address", ["gone.html", "#gone", "other.html#gone", "gone.png"])
def test_a_link_that_leads_nowhere_is_a_fault(tmp_path, address):
    page(tmp_path, "", "other.html")
    page(tmp_path, f'<a href="{address}">there</a>')

    assert faults(tmp_path) == [f"index.html links {address}"]


def test_a_link_to_a_place_is_none(tmp_path):
    page(tmp_path, "", "other.html")

    assert faults(page(tmp_path, '<a href="other.html#here">there</a><a href="#here">x</a>')) == []


def test_no_page_at_all_is_a_fault(tmp_path):
    assert faults(tmp_path) != []
