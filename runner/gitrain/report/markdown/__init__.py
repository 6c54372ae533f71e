"""Reports as Markdown. Pure."""
