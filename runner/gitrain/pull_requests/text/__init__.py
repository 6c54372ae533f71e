"""The texts on a pull request: comments, statuses, an issue, and their hidden markers. Pure."""
