"""The position of each field, computed only on demand: most manifests have no errors to report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from gitrain.document import Path
from gitrain.errors import Location
from gitrain.secrets.lines import shown_line


class Places(Mapping[Path, Location]):
    """The position of each path of a document; `find` is called at most once, and not for `()`."""

    def __init__(self, start: Location, find: Callable[[], Mapping[Path, Location]]) -> None:
        self._start = start
        self._find = find

    @cached_property
    def _found(self) -> Mapping[Path, Location]:
        return {**self._find(), (): self._start}

    def __getitem__(self, path: Path) -> Location:
        return self._found[path] if path else self._start

    def __iter__(self) -> Iterator[Path]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Source:
    """The text of a file of valid YAML, and the positions in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _places(self) -> list[dict[Path, Location]]:
        from gitrain.yaml.events import feed  # imports ruamel.yaml, which is slow
        from gitrain.yaml.values import Composer

        composer, _ = feed(self.text, lambda: Composer(self.file))
        return composer.places

    def places(self, index: int) -> dict[Path, Location]:
        """The positions in the document with this index."""
        return self._places[index]


class Lines(Mapping[tuple[str, int], str]):
    """The lines that a message may show, without what looks like the value of a secret."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources

    def __getitem__(self, key: tuple[str, int]) -> str:
        file, line = key
        for source in self._sources:
            if source.file == file and 1 <= line <= len(source.lines):
                return shown_line(source.lines, line - 1)
        raise KeyError(key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        for source in self._sources:
            yield from ((source.file, line + 1) for line in range(len(source.lines)))

    def __len__(self) -> int:
        return sum(len(source.lines) for source in self._sources)
