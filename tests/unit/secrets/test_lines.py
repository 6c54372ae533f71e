"""A message shows a line of a file without the secret on it, wherever the secret began."""

from __future__ import annotations

import pytest

from gitrain.secrets.lines import masked, shown_line

TOKEN = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    "above",
    [
        "password: |",
        "  WANDB_API_KEY: >-",
        "API_TOKEN: |2+  # a comment",
        "db_password: 'begins here",
        'token: "begins here',
        "token: begins here",
        "token:",
        "token: !!str |",
    ],
)
def test_the_rest_of_a_secret_is_hidden(above: str) -> None:
    lines = [above, "     hunter2\x01", "", "       more hunter2"]

    assert "hunter2" not in "".join(shown_line(lines, index) for index in range(4))
    assert above.split(":")[0] in shown_line(lines, 0)


@pytest.mark.parametrize(
    "lines",
    [
        ["token:", "  env: TOKEN"],
        ["password: {", "  env: PASSWORD }"],
        ["command: |", "  echo token"],
        ["password: x", "command: y"],
    ],
)
def test_what_is_no_secret_is_shown(lines: list[str]) -> None:
    assert shown_line(lines, 1) == lines[1]


@pytest.mark.parametrize("before", range(940, 1010, 7))
def test_a_token_is_hidden_before_the_line_is_cut(before: int) -> None:
    shown = masked(f"command: {'x' * before} {TOKEN}")

    assert "ghp_" not in shown
    assert len(shown) <= 1000
