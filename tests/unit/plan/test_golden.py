"""What a plan says, whole."""

from tests.unit.plan.golden import FILE, plans


def test_every_plan_reads_as_it_was_agreed() -> None:
    assert plans() == FILE.read_text("utf-8"), "python -m tests.unit.plan.golden --write"
