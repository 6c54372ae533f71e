"""Plans, reconciles, status, metrics and problems as text, Markdown, JSON and annotations. Pure."""
