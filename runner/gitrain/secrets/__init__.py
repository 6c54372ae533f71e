"""How a secret is kept out of plans, logs, comments, errors and files.

A literal that is or is called a secret is refused (`forms`); a manifest names variables (`needed`),
whose values are read when they are needed and hidden in errors (`values`); source lines and
addresses are shown without theirs (`lines`, `addresses`).
"""
