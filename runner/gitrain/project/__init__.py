"""The opened project, and what commands need from it."""
