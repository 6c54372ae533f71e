"""What the generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make reference`. Correct it in the code. -->"


def document(title: str, *parts: str) -> str:
    """A page: its parts, with a blank line between them."""
    return "\n\n".join((f"# {title}", GENERATED, *(part.strip("\n") for part in parts))) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def code(text: str, language: str = "text") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
