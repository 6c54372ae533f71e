"""Virtual environments, built without a network from a wheel made here."""

from __future__ import annotations

import os
import signal
import zipfile
from pathlib import Path

import pytest

from gitrain.desired import Definition, EnvironmentUse
from gitrain.observed import Cause, Phase
from tests.unit.workspaces.local.place import Place, until

IMPORT = "python -c 'import tinywheel; print(tinywheel.__file__)'"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip installs from, and from nowhere else; one package is in it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tinywheel-1.0-py3-none-any.whl", "w") as wheel:
        info = "tinywheel-1.0.dist-info"
        wheel.writestr("tinywheel.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinywheel\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def use(requirements: str = "tinywheel\n", version: str = "v1") -> EnvironmentUse:
    definition = Definition(requirements=requirements)
    return EnvironmentUse(name="tiny", version=version, definition=definition)


@pytest.mark.usefixtures("wheels")
def test_two_runs_at_once_build_their_environment_once(place: Place) -> None:
    runs = [place.submit(IMPORT, job=f"job-{n}", environment=use()) for n in range(2)]
    place.wait(runs[0], Phase.PREPARING)
    for run in runs:
        assert place.wait(run).phase is Phase.COMPLETED

    folder = place.workspace.home.environment("v1")
    logs = [place.log(run) for run in runs]
    assert all(log.splitlines()[-1].startswith(str(folder)) for log in logs)
    assert sum("Successfully installed tinywheel-1.0" in log for log in logs) == 1


@pytest.mark.usefixtures("wheels")
def test_an_environment_that_cannot_be_built_fails_the_run_with_what_pip_said(
    place: Place,
) -> None:
    run = place.wait(place.submit(environment=use("no-such-package\n")))

    assert run.phase is Phase.FAILED
    assert run.reason.startswith("environment tiny could not be built: ERROR: No matching dist")
    assert (run.exit_code, run.started_at) == (None, "")


@pytest.mark.usefixtures("wheels")
def test_a_half_built_environment_is_built_again(place: Place) -> None:
    run = place.submit(IMPORT, environment=use())
    place.wait(run, Phase.PREPARING)
    until(lambda: place.workspace.home.environment("v1").joinpath("bin").exists())
    os.kill(place.supervisor(run), signal.SIGKILL)
    place.kill_command(run)
    place.wait_preempted(run)
    place.submit(IMPORT, environment=use())

    assert place.wait(run).phase is Phase.COMPLETED


@pytest.mark.usefixtures("wheels")
def test_a_run_canceled_while_its_environment_is_built_stops(place: Place) -> None:
    run = place.submit(IMPORT, environment=use())
    place.wait(run, Phase.PREPARING)
    until(lambda: place.workspace.home.environment("v1").exists())
    place.workspace.cancel(run.id, Cause.PERSON)

    assert place.wait(run).phase is Phase.CANCELED
    assert not place.workspace.home.environment("v1").joinpath("complete").exists()
