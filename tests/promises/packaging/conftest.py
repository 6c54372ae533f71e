"""The wheel, built from this checkout, and installed where no checkout is."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.root import ROOT

WHEELS = ROOT / ".venv" / "wheels"


@dataclass(frozen=True)
class Place:
    """Python with gitrain installed in it; `variables` are all that its commands see."""

    bin: Path
    variables: Mapping[str, str]

    def run(self, *command: str | Path, cwd: Path, code: int = 0) -> str:
        """Run a command of its `bin`, or of the system; returns stdout."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=self.variables,
            capture_output=True,
            encoding="utf-8",
            timeout=240,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def gitrain(self, *arguments: str | Path, cwd: Path, code: int = 0) -> str:
        return self.run(self.bin / "gitrain", *arguments, cwd=cwd, code=code)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working tree, without what Git ignores."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The wheel and its dependencies in a new environment, installed without a network."""
    if not WHEELS.joinpath(".ready").exists():
        pytest.skip("no wheels to install from: run make .venv/wheels/.ready")
    home = tmp_path_factory.mktemp("home")
    venv.create(home / "venv", with_pip=True, symlinks=True)
    variables = {
        "PATH": f"{home / 'venv' / 'bin'}:{os.defpath}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    place = Place(home / "venv" / "bin", variables)
    place.run(place.bin / "python", "-m", "pip", "install", "--quiet", wheel, cwd=home)
    return place
