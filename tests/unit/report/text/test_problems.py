"""Problems: where, what, the line with a caret, and what to do."""

import pytest

from gitrain.errors import Location, Problem, Severity
from gitrain.report.annotations import Where, annotations, plan_github
from gitrain.report.safe import plain
from gitrain.report.text.problems import problems_text
from tests.unit.report.samples import a_full_plan

UNKNOWN = Problem(
    code="unknown-field",
    message="unknown field `epoch`",
    location=Location("jobs/a.yaml", 12, 6),
    path="spec.inputs.epoch",
    suggestion="did you mean `epochs`?",
    excerpt="\t  模 epoch: 8",
)
UNUSED = Problem(
    code="unused-input",
    message="nothing uses the input `lr`",
    location=Location("jobs/b.yaml", 3, 1),
    severity=Severity.WARNING,
)


def test_a_problem_points_at_its_place_with_a_caret_below_wide_letters_and_tabs() -> None:
    assert problems_text([UNUSED, UNKNOWN], files=2) == (
        "jobs/a.yaml:12:6: error: unknown field `epoch`\n"
        "  12 |    模 epoch: 8\n"
        "     |       ^\n"
        "     = help: did you mean `epochs`?\n"
        "\n"
        "jobs/b.yaml:3:1: warning: nothing uses the input `lr`\n"
        "\n"
        "1 error, 1 warning in 2 files\n"
    )


@pytest.mark.parametrize(
    ("problems", "files", "last"),
    [
        ([], 20, "20 manifests are valid."),
        ([], 1, "1 manifest is valid."),
        ([], 0, "0 manifests are valid."),
        ([UNUSED], 20, "20 manifests are valid; 1 warning in 1 file."),
        ([UNKNOWN, UNKNOWN, UNKNOWN, UNUSED], 9, "3 errors, 1 warning in 2 files"),
        ([Problem(code="a", message="no")], 9, "1 error"),
    ],
)
def test_the_last_line_sums_up(problems: list[Problem], files: int, last: str) -> None:
    assert problems_text(problems, files).splitlines()[-1] == last


def test_nothing_in_a_file_can_forge_a_workflow_command() -> None:
    evil = Problem(
        code="x",
        message="::error::a\n::error::b\x1b[0m",
        location=Location("::error::.yaml", 1, 1),
        excerpt="  ::add-mask::a ##[command]b",
        suggestion="::stop-commands::x",
    )

    for line in problems_text([evil], 1).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("inputs.epochs 8 → 9", "inputs.epochs 8 → 9"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31m\x9b0m\x7f", "\\x1b[31m\\x9b0m\\x7f"),
        ("\u202eevil\u2028", "\\u202eevil\\u2028"),
        ("\udcff", "\\udcff"),
        ("###[error]", "##\\#[error]"),
        (" ::error::", "\\ ::error::"),
        ("a::b", "a::b"),
        ("日本語 🎉", "日本語 🎉"),
    ],
)
def test_what_users_wrote_is_plain(text: str, safe: str) -> None:
    assert plain(text) == safe


def test_an_annotation_is_escaped_as_github_asks() -> None:
    problem = Problem(
        code="a,b:c",
        message="50% of a\nb: c, d",
        location=Location("jobs/a,b.yaml", 2, 3),
        suggestion="try",
    )

    assert annotations([problem], Where(folder="sub")) == (
        "::error file=sub/jobs/a%2Cb.yaml,line=2,col=3,title=a%2Cb%3Ac"
        "::50%25 of a\\nb: c, d%0Atry\n"
    )


def test_a_problem_without_a_place_has_a_title_alone() -> None:
    assert annotations([Problem(code="x", message="no")]) == "::error title=x::no\n"


def test_at_most_ten_of_each_severity_and_the_last_says_how_many_more() -> None:
    errors = [Problem(code="e", message=str(number)) for number in range(25)]
    warnings = [
        Problem(code="w", message=str(number), severity=Severity.WARNING) for number in range(10)
    ]

    lines = annotations([*errors, *warnings]).splitlines()

    assert sum(line.startswith("::error") for line in lines) == 10
    assert sum(line.startswith("::warning") for line in lines) == 10
    assert lines[9] == "::error::and 16 more errors"


def test_a_degraded_job_is_a_warning_at_its_manifest_before_the_plan() -> None:
    first, second, *_ = plan_github(a_full_plan()).splitlines()

    assert first == (
        "::warning file=jobs/broken.yaml,line=1,col=1,title=Job/broken::failed: exit code 1"
    )
    assert second.startswith("pets → azure")
