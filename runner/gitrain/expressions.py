"""`${{ … }}` in manifests: what stands there, and what it is replaced by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_OPEN = re.compile(r"\$\{\{(?!.*?\}\})", re.DOTALL)
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_LOCAL = re.compile(rf"(inputs|outputs|vars)\.({_NAME})")
_UPSTREAM = re.compile(rf"jobs\.([A-Za-z0-9][A-Za-z0-9_-]*)\.outputs\.({_NAME})")

Scalar = str | int | float | bool


class Expression(msgspec.Struct, frozen=True):
    """One `${{ … }}`: its `scope` is inputs, outputs, vars or jobs, or empty for none of them.

    `name` is what follows the scope; for `jobs.J.outputs.X`, `name` is J and `output` is X. Not
    `closed`: its `}}` is missing.
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
    if "${{" not in text:
        return
    for match in _EXPRESSION.finditer(text):
        yield parse(match[1])
    if unclosed := _OPEN.search(text):
        yield Expression(text[unclosed.start() + 3 :].strip()[:40], closed=False)


def whole(value: object) -> Expression | None:
    """The expression that a text consists of, and nothing else."""
    if not isinstance(value, str) or "${{" not in value:
        return None
    match = _EXPRESSION.fullmatch(value.strip())
    return parse(match[1]) if match else None


def literal(value: Scalar) -> str:
    """A literal's text, as it is inserted and as it enters the digest.

    Numbers and booleans as canonical JSON writes them (`0.001`, `8`, `true`), strings as they are:
    so `8` and "8" are the same.
    """
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def substitute(text: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """Replace `${{inputs.X}}` and `${{outputs.X}}`, once: what is inserted is not looked at again.

    Raises KeyError for a name that is in neither; the rules refuse such a manifest.
    """
    scopes = {"inputs": inputs, "outputs": outputs}

    def replacement(match: re.Match[str]) -> str:
        expression = parse(match[1])
        return scopes[expression.scope][expression.name]

    return _EXPRESSION.sub(replacement, text)
