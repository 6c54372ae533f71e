"""The opened project, and what every command asks of it."""
