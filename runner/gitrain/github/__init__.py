"""The client for GitHub: comments, statuses and issues."""
