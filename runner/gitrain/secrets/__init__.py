"""Keeps secrets out of plans, logs, comments, errors and files.

A literal that looks like a secret, or is named like one, is refused (`forms`). A manifest names
variables instead (`needed`), whose values are read only when needed and hidden in errors
(`values`). Source lines and addresses are shown without secrets (`lines`, `addresses`).
"""
