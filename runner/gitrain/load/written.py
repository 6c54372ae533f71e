"""What a reader would take a document for, and what its values are: warnings where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gitrain.document import Path
from gitrain.errors import Severity
from gitrain.expressions import Scalar, literal
from gitrain.schema.finding import Finding
from gitrain.secrets.lines import secretive
from gitrain.yaml.documents import Body, Remark
from gitrain.yaml.yaml_1_1 import read

# What these mappings contain reaches a command as text.
_TEXTS = ("inputs", "environment_variables", "vars")
# What the shell takes for a line that continues on the next one.
_CONTINUED = ("\\", "&&", "||", "|", ";", "(", "{", "then", "do", "else")


def written(body: Body, lines: Sequence[str], *, yaml_1_1: bool = False) -> Iterator[Finding]:
    """The warnings about a document; `lines` are those of its file.

    `yaml_1_1` says that others read it so: it is in Azure ML's own language.
    """
    for remark in body.remarks:
        if remark.folded:
            yield from _folded(remark, body.value, lines)
        elif not secretive(remark.path[-1]):
            yield from _number(remark, _at(body.value, remark.path), yaml_1_1)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _number(remark: Remark, value: Scalar, yaml_1_1: bool) -> Iterator[Finding]:
    as_text = len(remark.path) > 1 and remark.path[-2] in _TEXTS
    if yaml_1_1 and (other := _as_yaml_1_1(remark.text, value, as_text)):
        message = (
            f"the Azure ML CLI reads `{remark.text}` as {other}, because it uses YAML 1.1; "
            f"gitrain reads {_shown(literal(value) if as_text else value)}"
        )
        quoted = f'"{remark.text}"'
        cure = f"write {other}" if other == quoted or not as_text else f"write {quoted} or {other}"
        yield Finding(remark.path, "yaml-version", message, cure, Severity.WARNING)
    elif as_text and not isinstance(value, str) and not _only_a_number(remark.text):
        message = f"`{remark.text}` becomes the text `{literal(value)}`"
        if literal(value) != remark.text:
            cure = f'write "{remark.text}" in quotes to keep it as it is'
            yield Finding(remark.path, "changed-text", message, cure, Severity.WARNING)


def _as_yaml_1_1(text: str, value: Scalar, as_text: bool) -> str:
    """What the Azure ML CLI makes of a scalar, if that differs."""
    other = read(text, value)
    assert other is not None  # only what is null in both versions is, and that has no remark
    if as_text and isinstance(other, bool):  # it inserts a boolean as Python writes it
        return f'"{other}"'
    if as_text and isinstance(other, str):
        return _shown(other) if other != literal(value) else ""
    return _shown(other) if (type(other), other) != (type(value), value) else ""


def _shown(value: Scalar) -> str:
    return f'"{value}"' if isinstance(value, str) else literal(value)


def _only_a_number(text: str) -> bool:
    """Whether nobody can mean anything but the number: `1e-4`, `.5`, `5.`."""
    return "e-" in text.lower() or text.lstrip("+-").startswith(".") or text.endswith(".")


def _folded(remark: Remark, value: Any, lines: Sequence[str]) -> Iterator[Finding]:
    if remark.path[-1] != "command":
        return
    before = ""
    for line in _at(value, remark.path).split("\n"):
        if line[:1] in (" ", "\t") and line.strip() and not before.rstrip().endswith(_CONTINUED):
            number = _line(line.strip(), lines, remark.folded)
            message = f"line {number} is indented further, so it stays a line, and a command, "
            yield Finding(
                remark.path,
                "line-not-folded",
                f"{message}of its own: `{line.strip()[:60]}`",
                "indent it like the line above, or end that one with a `\\`",
                Severity.WARNING,
            )
            return
        before = line


def _line(text: str, lines: Sequence[str], after: int) -> int:
    """The number of the line with this text below another one."""
    found = (n for n, line in enumerate(lines[after:], after + 1) if line.strip() == text)
    return next(found, after)
