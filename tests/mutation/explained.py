"""Mutants that may survive: what they change makes no difference that a caller could see.

A mutant that a caller could notice does not belong here: it needs a test, or simpler code.
"""

from __future__ import annotations

NOTHING = "no series and an empty one are alike to summarize"
ANY_PLACE = "all have the same place, and which one is not looked at"
NO_SLASH = "neither a kind nor a name has a second slash"
SUCCESSOR = "no size that was retired is without a successor today"

# Of each: the function, a text in what the mutant writes there, and why that changes nothing.
EXPLAINED = (
    ("gates.evaluate", "metrics.get(gate.metric, None)", NOTHING),
    ("gates.evaluate", "metrics.get(gate.metric, )", NOTHING),
    ("gates.evaluate", "(previous or {}).get(gate.metric, None)", NOTHING),
    ("gates.evaluate", "(previous or {}).get(gate.metric, )", NOTHING),
    ("plan.against.plan_against", "select=None", "None selects everything, as () does"),
    ("plan.answers.answer", 'merged_at: str = "XXXX"', "letters come after every date"),
    ("plan.guards.hours_bound", 'else "XXXX"', "neither is the name of a size"),
    ("plan.jobs.needs", 'compute or ":"', "no cluster is called nothing"),
    ("plan.jobs.needs", '"XX:XX" not in', "no cluster of a project has a colon in its name"),
    ("plan.merge._placeless", "location=None", ANY_PLACE),
    ("plan.merge._placeless", "Location(None)", ANY_PLACE),
    ("plan.merge._placeless", 'Location("XXXX")', ANY_PLACE),
    ("rules.resources._size", "(size.successor) or True", SUCCESSOR),
    ("rules.resources._size", 'size.successor else "XXXX"', SUCCESSOR),
    ("plan.select._matches", 'pattern.rpartition("/")', NO_SLASH),
)


def reason(function: str, added: str) -> str:
    """Why a mutant of this function, which writes this, may survive; "" when it may not."""
    return next((why for name, text, why in EXPLAINED if name == function and text in added), "")
