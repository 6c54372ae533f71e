"""Azure's published limits on texts, tags and properties; only what a client can exceed.

learn.microsoft.com: machine-learning/resource-limits-capacity, and the limits of ARM's tags.
"""

import re
from collections.abc import Mapping
from typing import Any

from .answers import Refused

MOST = 50
VALUE = 1000
DISPLAY_NAME = 256
DESCRIPTION = 5000
METRIC_NAMES = 50


def pairs(what: str, given: Mapping[str, Any], key: int = 100, value: int = VALUE) -> None:
    """Refuse tags or properties that are too many or too long."""
    if len(given) > MOST:
        raise Refused(400, f"The number of {what} is {len(given)}; at most {MOST} are allowed.")
    for name, text in given.items():
        if len(name) > key or len(str(text)) > value:
            raise Refused(400, f"'{name}' of {what} is too long: {key} and {value} are allowed.")


def texts(body: Mapping[str, Any]) -> None:
    """Refuse a display name or a description that is too long."""
    for name, most in (("displayName", DISPLAY_NAME), ("description", DESCRIPTION)):
        if len(body.get(name) or "") > most:
            raise Refused(400, f"{name} exceeds {most} characters.")


def resource_tags(given: Mapping[str, Any]) -> None:
    """Refuse what ARM takes as no tags of a resource."""
    pairs("tags", given, 512, 256)
    for name in given:
        if re.search(r"[<>%&\\?/]", name):
            raise Refused(400, f"The tag name '{name}' has reserved characters.")


def metric_names(names: Mapping[str, Any]) -> None:
    """Refuse one metric more than a run may have."""
    if len(names) > METRIC_NAMES:
        raise Refused(400, f"A run has at most {METRIC_NAMES} metric names.")
