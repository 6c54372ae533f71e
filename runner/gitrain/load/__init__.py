"""YAML files → documents with positions → schema → types. Every problem has a position."""
