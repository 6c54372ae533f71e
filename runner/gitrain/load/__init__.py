"""YAML files → documents with positions → schema gate → types. Every problem has its place."""
