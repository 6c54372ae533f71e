"""Coverage-guided fuzzing of what reads manifests: `make fuzz`, or
`python -m tests.promises.hostile.fuzz`.

A traceback, a problem without a place, output that forges, or a second of CPU time is a crash: the
document is written to `tests/promises/hostile/found/`, where the suite tries it from then on.
FUZZ_SECONDS (300) is how long it takes.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.promises.hostile import corpus
from tests.promises.hostile.documents import SOUND
from tests.promises.hostile.trial import FORMATS, Trial

PLACES = ("manifest", "project", "conda")
_GRACE = 120  # seconds beyond those asked for, to start and to end


def main() -> int:
    """Fuzz in a process of its own, which a crash of the interpreter itself would end; report."""
    seconds = int(os.environ.get("FUZZ_SECONDS", "300"))
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        for number, text in enumerate(_seeds()):
            (seeds / f"{number}").write_bytes(text)
        command = [sys.executable, "-m", "tests.promises.hostile.fuzz", "--target", folder]
        command += [f"-max_total_time={seconds}", "-max_len=65536", "-timeout=30", str(seeds)]
        artifacts = Path(folder, "artifacts")
        artifacts.mkdir()
        command.append(f"-artifact_prefix={artifacts}/")
        log = Path(folder, "log")
        with log.open("wb") as stream:
            code = subprocess.run(
                command, stderr=stream, stdout=stream, timeout=seconds + _GRACE, check=False
            ).returncode
        count = Path(folder, "count")
        executions = int(count.read_text()) if count.exists() else 0
        crashed = code != 0
        for artifact in artifacts.iterdir():
            _keep(artifact.read_bytes())
        if crashed:
            sys.stdout.write(log.read_text(errors="replace")[-6000:])
    sys.stdout.write(f"{executions:,} executions, {int(crashed)} crashes in {seconds} s\n")
    return int(crashed or not executions)


def _seeds() -> list[bytes]:
    """Each document of the corpus; the first byte says what it is taken for."""
    known = [b"\0" + text for text in SOUND]
    small = corpus.small()
    return known + [
        bytes([PLACES.index(place)]) + text for _, place, text in small if place in PLACES
    ]


def target(folder: Path, arguments: list[str]) -> None:
    """Run libFuzzer with these arguments; never returns."""
    import atheris

    with atheris.instrument_imports(include=["gitrain", "ruamel"]):
        import gitrain.commands.group
        import gitrain.commands.plan
        import gitrain.commands.validate
        import gitrain.schema.wording  # noqa: F401

    trial = Trial(folder / "project")
    count = folder / "count"
    written = time.monotonic()

    def one(data: bytes) -> None:
        nonlocal written
        place, document = _split(data)
        output = FORMATS[len(data) % len(FORMATS)]
        if time.monotonic() - written > 1:
            count.write_text(f"{trial.documents}")
            written = time.monotonic()
        trial.examine(document, place, (output,))

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


def _split(data: bytes) -> tuple[str, bytes]:
    """What an input is taken for, and the document."""
    return (PLACES[data[0] % len(PLACES)] if data else PLACES[0]), data[1:]


def _keep(data: bytes) -> None:
    """Add what crashed it to the corpus."""
    place, document = _split(data)
    path = corpus.FOUND / place / hashlib.sha256(document).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document)
    sys.stdout.write(f"found: {path}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--target"]:
        target(Path(sys.argv[2]), sys.argv[3:])
    else:
        sys.exit(main())
