"""The evaluator gives what GitHub documents, and refuses what it does not know."""

from __future__ import annotations

import pytest

from tests.doubles.actions.expressions import UnknownExpression, evaluate, filled, holds

CONTEXTS = {
    "github": {"ref": "refs/heads/main", "event": {"label": {"name": "Run"}, "empty": {}}},
    "vars": {"W": "azure"},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("vars.W", "azure"),
        ("vars.X", None),
        ("vars.X || 'other'", "other"),
        ("vars.X.Y.Z == ''", True),
        ("github.event.label.name == 'run'", True),
        ("github.event.empty && 'there'", "there"),
        ("!vars.X", True),
        ("vars.X != '' && 'set' || 'unset'", "unset"),
        ("(vars.W == 'azure' || false) && !(1 == 2)", True),
        ("format('{0}-{1}', vars.W, 7)", "azure-7"),
        ("'it''s'", "it's"),
        ("'1' == 1", True),
        ("null == ''", True),
        ("'x' == 1", False),
        ("true == 'true'", False),
    ],
)
def test_values(text: str, value: object) -> None:
    assert evaluate(text, CONTEXTS) == value


def test_a_text_is_filled() -> None:
    assert filled("a ${{ vars.W }} b ${{vars.X}}.", CONTEXTS) == "a azure b ."


@pytest.mark.parametrize(
    "text",
    [
        "secrets.X",
        "toJSON(github)",
        "vars['W']",
        "github.event.*.name",
        "1 <= 2",
        "vars.W vars.X",
        "(1",
        "'a",
        "",
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(UnknownExpression):
        evaluate(text, CONTEXTS)


@pytest.mark.parametrize(
    ("condition", "failed", "runs"),
    [
        (None, False, True),
        (None, True, False),
        ("vars.W == 'azure'", True, False),
        ("${{ !cancelled() }}", True, True),
        ("vars.W == 'azure' && !cancelled()", True, True),
        ("failure()", True, True),
        ("vars.X", False, False),
    ],
)
def test_conditions(condition: object, failed: bool, runs: bool) -> None:
    functions = {
        "success": lambda: not failed,
        "failure": lambda: failed,
        "cancelled": lambda: False,
    }

    assert holds(condition, CONTEXTS, functions) is runs
