"""`${{ … }}` in manifests: how expressions are parsed and replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

_BEGIN, _END = "${{", "}}"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_LOCAL = re.compile(rf"(inputs|outputs|vars)\.({_NAME})")
_UPSTREAM = re.compile(rf"jobs\.([A-Za-z0-9][A-Za-z0-9_-]*)\.outputs\.({_NAME})")

Scalar = str | int | float | bool


class Expression(msgspec.Struct, frozen=True):
    """One `${{ … }}`: its `scope` is inputs, outputs, vars or jobs, or empty for anything else.

    `name` is what follows the scope; for `jobs.J.outputs.X`, `name` is J and `output` is X.
    `closed` is false if the `}}` is missing.
    """

    text: str
    scope: str = ""
    name: str = ""
    output: str = ""
    closed: bool = True


def parse(body: str) -> Expression:
    """The expression between `${{` and `}}`."""
    if match := _LOCAL.fullmatch(body):
        return Expression(body, match[1], match[2])
    if match := _UPSTREAM.fullmatch(body):
        return Expression(body, "jobs", match[1], match[2])
    return Expression(body)


def find(text: str) -> Iterator[Expression]:
    """Every expression in a text, in order; an unclosed `${{` comes last, without a scope."""
    for piece in _pieces(text):
        if isinstance(piece, Expression):
            yield piece


def whole(value: object) -> Expression | None:
    """The expression, if a string consists of just one expression and nothing else."""
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith(_BEGIN) and text.endswith(_END) and len(text) >= len(_BEGIN + _END):
        return parse(text[len(_BEGIN) : -len(_END)].strip())
    return None


def literal(value: Scalar) -> str:
    """A literal's text, as it is inserted and as it counts in the digest.

    Numbers and booleans as in canonical JSON (`0.001`, `8`, `true`), strings as they are: so `8`
    and "8" are the same.
    """
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def substitute(text: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """Replace `${{inputs.X}}` and `${{outputs.X}}`, once: expressions in inserted text stay.

    Raises KeyError for an unknown name; the rules refuse such a manifest.
    """
    scopes = {"inputs": inputs, "outputs": outputs}
    return "".join(
        piece if isinstance(piece, str) else scopes[piece.scope][piece.name]
        for piece in _pieces(text)
    )


def _pieces(text: str) -> Iterator[str | Expression]:
    """Split a text into expressions and the text between them, in one pass even if hostile."""
    end = 0
    while (begin := text.find(_BEGIN, end)) >= 0:
        yield text[end:begin]
        inside = begin + len(_BEGIN)
        close = text.find(_END, inside)
        if close < 0:
            yield Expression(text[inside:].strip()[:40], closed=False)
            return
        yield parse(text[inside:close].strip())
        end = close + len(_END)
    yield text[end:]
