"""Line ends as Git stores them with `core.autocrlf=input`: the rules of its convert.c."""

from __future__ import annotations

# Control characters but backspace, tab, line feed, form feed, carriage return and escape.
_UNPRINTABLE = bytes({*range(32), 127} - {8, 9, 10, 12, 13, 27})


def normalised(content: bytes) -> bytes:
    """The content with CRLF as LF, unless it looks binary to Git; then as it is."""
    pairs = content.count(b"\r\n")
    if not pairs or content.count(b"\r") != pairs or b"\0" in content:
        return content
    printable = len(content.translate(None, _UNPRINTABLE + b"\r\n"))
    unprintable = len(content) - len(content.translate(None, _UNPRINTABLE))
    if content.endswith(b"\x1a"):  # the end-of-file mark of MS-DOS
        unprintable -= 1
    if printable >> 7 < unprintable:
        return content
    return content.replace(b"\r\n", b"\n")
