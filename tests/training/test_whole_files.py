"""Two trainings on one machine may write the same files at the same time."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from .forks import TRAINING

WRITES = 500
WRITE_OFTEN = f"""
import sys
from pathlib import Path
from fastparts.whole_files import write_json
for number in range({WRITES}):
    write_json(Path("result.json"), {{"by": sys.argv[1], "numbers": [number] * 2000}})
"""
SAVE_OFTEN = """
import sys
from pathlib import Path
from fastparts.checkpoints import Checkpoints
for number in range(100):
    Checkpoints(Path("kept"), {"seed": 1}, writes=True).save(1, 0, {"number": number})
"""
CACHE_OFTEN = """
import os
from fastparts.array_cache import cached
os.environ["TRAINING_CACHE_DIR"] = "cache"
for number in range(100):
    cached(str(number), (1000,), "uint8", lambda array: array.fill(number))
"""
DIE_WHILE_WRITING = """
import sys
from pathlib import Path
from fastparts.whole_files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of i")
    print("writing", flush=True)
    sys.stdin.read()
"""


def start(script: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TRAINING)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error


def test_two_processes_that_write_one_file_lose_and_tear_nothing(tmp_path: Path):
    writers = [start(WRITE_OFTEN, tmp_path, name) for name in ("a", "b")]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "result.json").exists():
            found = json.loads((tmp_path / "result.json").read_text())
            assert found["numbers"] == found["numbers"][:1] * 2000
            seen.add(found["by"])
    finish(*writers)

    assert seen == {"a", "b"}
    last = json.loads((tmp_path / "result.json").read_text())["numbers"]
    assert last == [WRITES - 1] * 2000
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_two_processes_that_keep_checkpoints_in_one_folder_tear_nothing(tmp_path: Path):
    finish(*(start(SAVE_OFTEN, tmp_path) for _ in range(2)))

    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".ckpt"]


def test_what_a_killed_writer_left_is_removed_and_a_live_ones_is_not(tmp_path: Path):
    writers = [start(DIE_WHILE_WRITING, tmp_path, "result.json") for _ in range(2)]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "writing\n"
    killed, alive = writers
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    assert len(list(tmp_path.iterdir())) == 2

    finish(start(WRITE_OFTEN, tmp_path, "c"))

    assert len(list(tmp_path.glob(".*.tmp"))) == 1
    finish(alive)
    assert (tmp_path / "result.json").read_text() == "half of i"
    assert len(list(tmp_path.iterdir())) == 1


def test_two_processes_that_fill_one_cache_both_keep_it(tmp_path: Path):
    processes = [start(CACHE_OFTEN, tmp_path) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in processes]

    assert said == [("", "")] * 2
    cache = tmp_path / "cache"
    assert sorted(path.suffix for path in cache.iterdir()) == [".array"] * 100 + [".json"] * 100
    for seal in cache.glob("*.json"):
        content = seal.with_suffix(".array").read_bytes()
        assert json.loads(seal.read_text())["sha256"] == hashlib.sha256(content).hexdigest()


def test_files_are_readable_as_the_umask_says(tmp_path: Path):
    finish(start("import os\nos.umask(0o027)" + WRITE_OFTEN, tmp_path, "a"))

    assert (tmp_path / "result.json").stat().st_mode & 0o777 == 0o640
