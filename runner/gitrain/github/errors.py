"""What can go wrong with GitHub."""

from __future__ import annotations

from gitrain.errors import GitrainError


class GitHubError(GitrainError):
    """GitHub cannot be asked, or says no: one line, with what to do about it."""
