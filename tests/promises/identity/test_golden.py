"""The frozen digests: what a release may never change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.promises.identity.cases import ENVIRONMENTS, JOBS, LOCAL_JOBS, UPSTREAM
from tests.promises.identity.pipeline import a_job, a_version
from tests.root import ROOT

FROZEN: Mapping[str, Mapping[str, str]] = json.loads((ROOT / "tests/digests-v1.json").read_text())
MEANING = """
The digest of {name!r} was {old} and is now {new}.

A digest is the identity of what a job computes. With this change every job of every user that is
like this one would be taken for another: after the next release, `reconcile` would submit it again,
at their cost, although nobody changed a manifest. Within gitrain/v1 no digest may change. If the
change is meant, it needs a new apiVersion; if a case is new, add the new digest to
tests/digests-v1.json.
"""


def hold(section: str, name: str, new: str) -> None:
    old = FROZEN[section].get(name, "not frozen")
    assert new == old, MEANING.format(name=name, old=old, new=new)


@pytest.mark.parametrize("name", JOBS)
def test_the_digest_of_a_job_is_frozen(name: str, tmp_path: Path) -> None:
    hold("jobs", name, a_job(tmp_path, JOBS[name], UPSTREAM).digest)


@pytest.mark.parametrize("name", LOCAL_JOBS)
def test_the_digest_of_a_job_with_files_is_frozen(name: str, tmp_path: Path) -> None:
    spec: dict[str, Any] = {"environment": "", **LOCAL_JOBS[name]}

    hold("local jobs", name, a_job(tmp_path, spec, workspace="local").digest)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_version_of_an_environment_is_frozen(name: str, tmp_path: Path) -> None:
    hold("environments", name, a_version(tmp_path, ENVIRONMENTS[name]))


def test_there_are_at_least_forty_frozen_digests_and_all_differ() -> None:
    every = [digest for section in FROZEN.values() for digest in section.values()]

    assert len(every) >= 40
    assert len(set(every)) == len(every)


def test_every_frozen_digest_is_of_a_case() -> None:
    assert {section: set(names) for section, names in FROZEN.items()} == {
        "jobs": set(JOBS),
        "local jobs": set(LOCAL_JOBS),
        "environments": set(ENVIRONMENTS),
    }
