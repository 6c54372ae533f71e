"""What a merge would make of two sides, resource by resource."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from gitrain.desired import Desired
from gitrain.errors import Location, UsageError
from gitrain.plan.merge import Sides, either
from tests.unit.plan.build import a_cluster, a_job, an_environment, desired


def test_a_circle_that_only_the_merge_would_make_is_refused() -> None:
    fork = desired(a_job("a"), a_job("b"))
    ours = desired(a_job("a", depends_on=["b"]), a_job("b"))
    theirs = desired(a_job("a"), a_job("b", depends_on=["a"]))

    with pytest.raises(UsageError, match="wait for each other: a, b"):
        _ = Sides(fork=fork, ours=ours, theirs=theirs).merged


def test_what_is_written_elsewhere_has_not_changed() -> None:
    fork = desired(a_job("a"), a_cluster("gpu"), an_environment("env"))
    moved = structs.replace(
        fork,
        resources={kind: tuple(map(elsewhere, fork.of(kind))) for kind in fork.resources},
    )
    changed = desired(a_job("a", "mine"), a_cluster("gpu"), an_environment("env"))

    sides = Sides(fork=fork, ours=moved, theirs=changed)

    assert (sides.moved, sides.both) == (("Job/a",), ())
    assert sides.merged.jobs[0].digest == changed.jobs[0].digest


def elsewhere(one: Any) -> Any:
    return structs.replace(one, location=Location("jobs/other.yaml", 7))


def test_what_is_new_gone_or_different_on_their_side_is_named() -> None:
    ours = fork = desired(a_job("gone"), a_cluster("gpu"), an_environment("env", image="one"))
    theirs = desired(a_job("new"), a_cluster("gpu"), an_environment("env", image="two"))

    sides = Sides(fork=fork, ours=ours, theirs=theirs)

    assert sides.moved == ("Environment/env", "Job/gone", "Job/new")


def test_both_versions_of_an_inline_environment_are_in_the_merge() -> None:
    def inline(*images: str) -> Desired:
        return desired(*(a_job(image, environment={"image": image}) for image in images))

    sides = Sides(fork=inline("one"), ours=inline("one", "two"), theirs=inline("one", "three"))

    versions = {one.version for side in (sides.ours, sides.theirs) for one in side.environments}
    assert {one.version for one in sides.merged.environments} == versions
    assert len(versions) == 3


def test_what_either_names_is_asked_for_and_ours_comes_first() -> None:
    one = desired(a_cluster("gpu"), an_environment("env"), a_job("same"), a_job("a", "one"))
    other = desired(
        a_cluster("gpu", max_instances=9),
        a_cluster("cpu"),
        an_environment("other"),
        a_job("same"),
        a_job("a", "two"),
    )

    found = either(one, other)

    assert {c.name: c.spec.max_instances for c in found.clusters} == {"gpu": 4, "cpu": 4}
    assert [e.name for e in found.environments] == ["env", "other"]
    assert [(j.name, j.spec.command) for j in found.jobs] == [
        *(("a", "one"), ("same", "true"), ("a", "two"))
    ]
