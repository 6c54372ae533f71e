"""Adds the digests of what is new in the corpus to digests.json; those that are there stay."""

from __future__ import annotations

import json

from tests.promises.corpus.corpus import GOLDEN, digests


def main() -> None:
    frozen = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    merged = {name: new | frozen.get(name, {}) for name, new in digests().items()}
    GOLDEN.write_text(json.dumps(merged, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
