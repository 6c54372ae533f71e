"""All of it, through every format: `make hostile`, or
`python -m tests.promises.hostile [EXAMPLES]`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.promises.hostile import corpus
from tests.promises.hostile.documents import documents
from tests.promises.hostile.trial import PLACES, Trial


def main() -> None:
    """Examine generated documents; ends with the first that breaks a promise."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))

        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(documents, st.sampled_from([*["manifest"] * 4, *PLACES]))
        def examine(document: bytes, place: str) -> None:
            nonlocal slowest
            slowest = max(slowest, trial.examine(document, place))

        for _, place, document in (*corpus.small(), *corpus.large()):
            slowest = max(slowest, trial.examine(document, place))
        examine()
        sys.stdout.write(
            f"{trial.documents:,} documents, {trial.commands:,} commands, "
            f"{time.process_time():.0f} CPU-s; slowest command {slowest:.2f} CPU-s; "
            f"refused {trial.refused:,}; "
            "tracebacks 0, hangs 0, without a place 0, forged output 0\n"
        )


if __name__ == "__main__":
    main()
