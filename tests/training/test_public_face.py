"""What a user sees first: the README, --help, two scripts that work from any folder."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from . import flag_table
from .forks import TRAINING

README = (TRAINING / "README.md").read_text(encoding="utf-8")
SOURCES = sorted(TRAINING.rglob("*.py"))


def printed(script: str, *arguments: str, folder: Path, code: int = 0) -> str:
    """What a script prints when it is called in another folder, with nothing on the Python path."""
    done = subprocess.run(
        [sys.executable, os.path.relpath(TRAINING / script, folder), *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_the_table_of_flags_is_current():
    assert flag_table.committed() == flag_table.table(), (
        "run: python -m tests.training.flag_table --write"
    )


def test_the_table_has_the_flags_that_help_has(tmp_path: Path):
    listed = set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| `.+?` \|", README, re.M))))
    shown = printed("train.py", "--help", folder=tmp_path)
    offered = set(re.findall(r"(?m)^  (?:-h, )?(--[a-z-]+)(?:, (--[a-z-]+))?", shown))

    assert listed == {flag for pair in offered for flag in pair} - {"", "--help"}


@pytest.mark.parametrize(
    "line", re.findall(r"^python train\.py .*|^\$ python train\.py .*", README, re.M)
)
def test_the_commands_of_the_readme_can_be_typed(line: str):
    import shlex

    from fastparts.flags import parse_flags

    words = shlex.split(line.removeprefix("$ "), comments=True)[2:]

    assert parse_flags("", words).epochs > 0


def test_help_and_a_wrong_flag_need_no_fastai(tmp_path: Path):
    """They take no time, and work where the requirements are not installed."""
    (tmp_path / "torch.py").write_text("raise ImportError('torch was imported')")
    script = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(TRAINING)!r}]; import train; "

    for arguments, code in ((["--help"], 0), (["--epochs", "none"], 2)):
        call = f"{script}train.run({arguments!r})"
        done = subprocess.run([sys.executable, "-c", call], capture_output=True, check=False)
        assert done.returncode == code, done.stderr


def test_predict_says_what_is_not_a_model(tmp_path: Path):
    said = printed("predict.py", "--model", "empty", "picture.png", folder=tmp_path, code=1)

    assert said.startswith("predict.py: --model empty is not the --out of a finished training: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(TRAINING).as_posix())
def test_the_trainer_knows_neither_gitrain_nor_azure(source: Path):
    imported = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")

    assert not {name.partition(".")[0] for name in imported} & {"gitrain", "azureml", "azure"}


def test_the_readme_names_every_part():
    parts = {path.name for path in (TRAINING / "fastparts").glob("*.py")} - {"__init__.py"}
    named = set(re.findall(r"`(\w+\.py)`", README.partition("## Where to change it")[2]))

    # What the others stand on, and nobody has a reason to change.
    assert parts - named == {"console.py", "freed_memory.py", "whole_files.py"}
    assert named - parts == {"train.py"}


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)\s]+)\)", README):
        assert "://" in target or (TRAINING / target).exists(), target
