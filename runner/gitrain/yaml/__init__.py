"""YAML: bytes to values, and where each of them stands."""
