"""The bytes of a file → text that can be parsed as YAML, or the reason why not."""

from __future__ import annotations

import re

import msgspec

MAX_BYTES = 1 << 20

# C0 and C1 controls, line ends other than LF and CRLF, direction overrides (a reviewer would read
# something else than the shell does), byte order marks, surrogates and noncharacters.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)"
)


class Flaw(msgspec.Struct, frozen=True):
    """Why a file cannot be read, or not to its end. Lines and columns count from 1."""

    code: str
    message: str
    line: int = 1
    column: int = 1
    suggestion: str = ""


class FlawError(Exception):
    """Reading cannot continue."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


def decode(data: bytes) -> str:
    """The text of a file. Raises FlawError if too large, not UTF-8, or with control characters."""
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; the limit is {MAX_BYTES:,}"
        raise FlawError(Flaw("too-large", message, suggestion="split it into several files"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2]:
        raise FlawError(Flaw("encoding", "the file is UTF-16", suggestion="save it as UTF-8"))
    if data[:3] == b"\xef\xbb\xbf":
        message = "the file begins with a byte order mark"
        raise FlawError(Flaw("encoding", message, suggestion="save it as UTF-8 without BOM"))
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        message = f"the byte 0x{data[error.start]:02x} is not valid UTF-8"
        line, column = place(before, len(before))
        flaw = Flaw("encoding", message, line, column, "save the file as UTF-8")
        raise FlawError(flaw) from None
    if found := CONTROL.search(text):
        line, column = place(text, found.start())
        message = f"{control(found[0])} is not allowed in a manifest"
        raise FlawError(Flaw("control-character", message, line, column, "remove it"))
    return text


def control(character: str) -> str:
    """A control character in words."""
    return f"the control character U+{ord(character[0]):04X}"


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
