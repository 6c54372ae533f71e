"""YAML: from bytes to values, and the position of each value."""
