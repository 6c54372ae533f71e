"""The source of a job's code: its identity is a Git tree, and exactly that tree is shipped."""

from gitrain.source.content import content
from gitrain.source.errors import SourceError
from gitrain.source.repository import Repository
from gitrain.source.sources import Sources

__all__ = ["Repository", "SourceError", "Sources", "content"]
