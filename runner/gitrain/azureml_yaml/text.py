"""Values → YAML text that reads the same under YAML 1.1 (Azure ML's CLI) and YAML 1.2 (gitrain)."""

from __future__ import annotations

import io
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

# Unquoted, one of the two versions would read these as numbers, times, booleans or null.
_AMBIGUOUS = re.compile(r"[-+.]*\d.*|y|n|yes|no|on|off|true|false|null|~|=|<<|", re.IGNORECASE)


class _Representer(RoundTripRepresenter):
    def float_with_point(self, data: float) -> ScalarNode:
        """YAML 1.1 reads `1e-05` as a string, and `1.0e-05` as a number."""
        node: ScalarNode = self.represent_float(data)
        if "." not in node.value:
            node.value = node.value.replace("e", ".0e", 1)
        return node


_Representer.add_representer(float, _Representer.float_with_point)


def as_yaml(value: Any) -> str:
    """Block style, keys in the given order, `|` for strings of several lines."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 2**16  # a folded command is hard to copy
    stream = io.StringIO()
    yaml.dump(_styled(value), stream)
    return stream.getvalue()


def _styled(value: Any) -> Any:
    if isinstance(value, dict):
        return {_quoted(key): _styled(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_styled(item) for item in value]
    if isinstance(value, str) and _fits_a_block(value):
        return LiteralScalarString(value)
    return _quoted(value)


def _quoted(value: Any) -> Any:
    if isinstance(value, str) and (_AMBIGUOUS.fullmatch(value) or not value.isprintable()):
        return DoubleQuotedScalarString(value)
    return value


def _fits_a_block(text: str) -> bool:
    """Whether `|` keeps a string as it is: no leading space, no line with trailing spaces."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and lines[0] == lines[0].strip() != ""
        and all(line == line.rstrip() and line.replace("\t", " ").isprintable() for line in lines)
    )
