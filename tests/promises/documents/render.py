"""Markdown as GitHub shows it, as a picture:

    python -m tests.promises.documents.render FILE.md FILE.png

Needs headless Chromium, which nothing else here does; so no test runs this.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image, ImageChops

WIDTH = 860

_STYLE = """
body { margin: 0; padding: 16px; background: #fff; color: #1f2328; width: 828px;
  font: 14px/1.5 "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; }
.frame { border: 1px solid #d1d9e0; border-radius: 6px; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; }
.head b { color: #1f2328; }
.body { padding: 16px; overflow-wrap: break-word; }
.body > :first-child { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
h2, h3, h4 { margin: 24px 0 16px; line-height: 1.25; font-weight: 600; }
h2 { font-size: 1.5em; border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; }
h3 { font-size: 1.25em; } h4 { font-size: 1em; }
p, table, ul, ol, pre, blockquote, details { margin: 0 0 16px; }
a { color: #0969da; text-decoration: none; }
code, pre { font-family: "DejaVu Sans Mono", monospace; font-size: 85%; }
code { background: #818b981f; border-radius: 6px; padding: .2em .4em; }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: auto; line-height: 1.45; }
pre code { background: none; padding: 0; font-size: 100%; }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%;
  overflow: auto; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; }
tr:nth-child(2n) td { background: #f6f8fa; }
blockquote { border-left: .25em solid #d1d9e0; color: #59636e; padding: 0 1em; }
ul { padding-left: 2em; } summary { cursor: default; }
.add { background: #dafbe1; color: #116329; } .del { background: #ffebe9; color: #82071e; }
.add, .del { display: block; } sub { font-size: 85%; }
"""


def page(text: str, head: str = "") -> str:
    """The text as HTML in GitHub's looks; `head` is the line above a comment."""
    body = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    body = re.sub(r'<code class="language-diff">(.*?)</code>', _diff, body, flags=re.DOTALL)
    title = f'<div class="head">{head}</div>' if head else ""
    return (
        f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>'
        f'<div class="frame">{title}<div class="body">{body}</div></div>'
    )


def _diff(found: re.Match[str]) -> str:
    kinds = {"+": "add", "-": "del"}
    lines = [
        f'<span class="{kinds[line[0]]}">{line}</span>' if line[:1] in kinds else f"{line}\n"
        for line in html.unescape(found[1]).splitlines()
    ]
    return f"<code>{''.join(lines)}</code>"


def photograph(content: str, picture: Path) -> None:
    """The page as a PNG, as high as it is; twice as sharp as it is wide."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("this needs headless Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(content, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        size = [f"--window-size={WIDTH},6000", "--force-device-scale-factor=2"]
        command = [browser, *options, *size, f"--screenshot={picture}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    _cut(picture)


def _cut(picture: Path) -> None:
    """Without the empty rest of the window, and in few colours: a small file."""
    image = Image.open(picture).convert("RGB")
    blank = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    box = ImageChops.difference(image, blank).getbbox()
    bottom = box[3] + 32 if box else image.height
    image.crop((0, 0, image.width, bottom)).quantize(128).save(picture, optimize=True)


if __name__ == "__main__":
    photograph(page(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
