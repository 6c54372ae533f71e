"""The pull request's side: comments, statuses and an issue on GitHub."""
