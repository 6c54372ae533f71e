"""A run's identity: its id there and back, and that nothing in it can be changed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrain.diff import diff
from gitrain.identity import DIGITS, Identity, RunId, flat, unflat
from gitrain.workspace import Submission
from tests.runs import a_submission, an_identity

OLD = "a" * DIGITS
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
DIGESTS = st.text("0123456789abcdef", min_size=DIGITS, max_size=DIGITS)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"pets-train-{OLD}-1", ("train", OLD, 1)),
        (f"pets-a-b-{OLD}-12", ("a-b", OLD, 12)),
        (f"pets-pets-{OLD}-2", ("pets", OLD, 2)),
        (f"pets-{OLD}-1-{OLD}-3", (f"{OLD}-1", OLD, 3)),
        (f"pets-train-{OLD}-0", None),
        (f"pets-train-{OLD}-01", None),
        (f"pets-train-{OLD}-1234567", None),
        (f"cats-train-{OLD}-1", None),
        (f"train-{OLD}-1", None),
        (f"pets-train-{OLD[:-1]}-1", None),
        (f"pets-train-{OLD[:-1]}G-1", None),
        (f"pets-train-{OLD}-", None),
        (f"pets-{OLD}-1", None),
        (f"pets-train-{OLD}-1 and more", None),
        (f"pets-train-{OLD}-1\n", None),
        (f"pets-train-{OLD}-\N{ARABIC-INDIC DIGIT ONE}", None),
        ("", None),
    ],
)
def test_a_run_id_is_taken_apart_or_not_ours(text: str, parts: tuple[Any, ...] | None) -> None:
    assert RunId.parse("pets", text) == (RunId("pets", *parts) if parts else None)


@given(NAMES, NAMES, DIGESTS, st.integers(1, 999_999))
def test_every_run_id_comes_back(project: str, job: str, digest: str, attempt: int) -> None:
    identity = an_identity(job, digest, attempt, project)

    assert RunId.parse(project, identity.run_id) == RunId(project, job, digest, attempt)
    assert identity.run_id == f"{project}-{job}-{identity.name}"


def test_an_identity_is_frozen_to_the_leaves() -> None:
    given = {"inputs": {"x": "8"}, "lists": [{"a": 1}]}
    identity = an_identity(canonical=given)
    canonical: Any = identity.canonical

    given["inputs"]["x"] = "9"
    with pytest.raises(AttributeError):
        identity.attempt = 2  # type: ignore[misc]
    for leaf in (canonical, canonical["inputs"], canonical["lists"][0]):
        with pytest.raises(TypeError):
            leaf["x"] = "9"
    with pytest.raises(AttributeError):
        canonical["lists"].append(1)
    assert identity == an_identity(canonical={"inputs": {"x": "8"}, "lists": [{"a": 1}]})


def test_lists_of_an_identity_are_compared_and_shown_as_a_manifests() -> None:
    frozen = an_identity(placement={"docker": ["--ipc", "host"], "none": {}}).placement

    assert diff(frozen, {"docker": ["--ipc", "host"], "none": {}}) == ()
    [args, none] = diff(frozen, {"docker": ["--rm"]})
    assert (args.old, args.new, none.old) == (["--ipc", "host"], ["--rm"], {})
    assert msgspec.json.encode([args, none])


def test_a_record_is_stored_flat_and_read_again() -> None:
    submission = a_submission(placement={"a": [1, {"b": None}]}, commit="c0ffee")
    stored = flat(submission)

    assert list(stored)[:7] == list(Identity.__struct_fields__)
    assert (
        unflat(msgspec.json.encode({**stored, "of a newer gitrain": 1}), Submission) == submission
    )


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"{}", b'{"project": 1}', b"{"])
def test_what_is_no_record_is_refused(text: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        unflat(text, Submission)


@pytest.mark.parametrize("depth", [500, 5_000, 500_000])
def test_a_record_that_is_nested_too_deeply_is_refused_like_any_other(depth: int) -> None:
    """It comes from outside: nothing may fall over it."""
    deep = b'{"x":' * depth + b"1" + b"}" * depth
    whose = b'{"project":"p","job":"j","digest":"d","attempt":1,"spec":{"command":"x"},'

    with pytest.raises(msgspec.MsgspecError):
        unflat(whose + b'"canonical":' + deep + b"}", Submission)
