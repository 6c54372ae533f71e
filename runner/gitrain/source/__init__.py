"""Where the code of a job comes from: its identity as a Git tree, and exactly that tree shipped."""

from gitrain.source.content import content
from gitrain.source.errors import SourceError
from gitrain.source.repository import Repository
from gitrain.source.sources import Sources

__all__ = ["Repository", "SourceError", "Sources", "content"]
