"""JSON Schema: generated from the types, and checked with errors in plain words."""
