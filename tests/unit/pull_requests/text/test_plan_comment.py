"""The comments on a pull request: well-formed and small enough for any manifests."""

from __future__ import annotations

import re

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gitrain.errors import Location, Problem
from gitrain.identity import RunId
from gitrain.observed import Point
from gitrain.plan.actions import Health, Plan, Reused
from gitrain.pull_requests.text.marker import ROOM, Marker, read_marker
from gitrain.pull_requests.text.plan_comment import (
    Links,
    failure_comment,
    plan_comment,
    problems_comment,
    results_state,
    run_ids,
)
from gitrain.pull_requests.text.results_comment import JobResult, Results, results_comment
from gitrain.report.compare import metrics_of
from gitrain.report.markdown.charts import chart
from tests.unit.report.samples import Place, a_cluster, a_job, a_plan_beside_its_base, desired, row

LINKS = Links(
    web="https://github.com/octo/pets",
    commit="1a2b3c4d5e6f7a8b9c0d",
    folder="ml",
    run="https://github.com/octo/pets/actions/runs/1",
)
LIMIT = 60_000
GITHUB = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parsed(text: str) -> list[Token]:
    """The document's tokens. Every fence is closed, and every <details> too."""
    tokens = GITHUB.parse(text)
    for token in tokens:
        if token.type == "fence":
            lines = text.splitlines()[token.map[0] : token.map[1]] if token.map else []
            assert lines[-1].strip() == token.markup, "a fence that is never closed"
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>")
    assert (
        re.sub(r"</?(details|summary|code|sub)>|<!--.*?-->", "", html, flags=re.S).count("<") == 0
    )
    return tokens


def table_rows(tokens: list[Token]) -> int:
    return sum(token.type == "tr_open" for token in tokens)


def many(amount: int) -> Plan:
    """A plan that submits so many jobs, each with a diff."""
    place = Place()
    before = desired(a_cluster(), *(_numbered(n, "8") for n in range(amount)))
    place.reconcile(before, max_submits=amount)
    for number in range(amount):
        place.end(f"job-{number:03}")
    after = desired(a_cluster(), *(_numbered(n, "9", "b") for n in range(amount)))
    return place.plan(after, max_submits=amount)


def _numbered(number: int, epochs: str, letter: str = "a"):
    name = f"job-{number:03}"
    inputs = {"epochs": epochs, "seed": epochs, "text": "x" * 60}
    return a_job(name, f"{letter}{number:011x}", inputs=inputs)


def test_five_hundred_changes_fit_and_are_well_formed() -> None:
    body = plan_comment(many(500), "azure", LINKS, LIMIT)

    assert len(body.encode()) < LIMIT
    tokens = parsed(body)
    marker = read_marker(body)
    assert marker
    assert len(marker.runs) == 500
    shown = table_rows(tokens) - 1
    assert shown > 100
    assert f"and {500 - shown} more changes" in body
    assert "500 to submit" in body
    assert "```diff" not in body, "diffs go before rows"
    assert body.rstrip().endswith("</sub>")


def test_diffs_go_one_by_one_before_any_row() -> None:
    body = plan_comment(many(230), "azure", LINKS, LIMIT)

    assert len(body.encode()) < LIMIT
    tokens = parsed(body)
    assert table_rows(tokens) == 231
    diffs = [token for token in tokens if token.type == "fence" and token.info == "diff"]
    assert 0 < len(diffs) < 230
    assert f"and {230 - len(diffs)} more diffs" in body


@settings(max_examples=30, deadline=None)
@given(limit=st.integers(2_000, 20_000))
def test_at_any_size_it_is_well_formed(limit: int) -> None:
    body = plan_comment(MANY, "azure", LINKS, limit)

    assert len(body.encode()) <= limit
    parsed(body)


MANY = many(40)


HOSTILE = (
    *("@octocat", "#1", "<script>", "</details>", "<!-- gitrain:plan -->", "```", "~~~", "|", "`"),
    *("[x](http://evil)", "![x](y)", "https://evil.example", "www.evil.example", "\n", "\r\n"),
    *("::error::x", "##[error]", "GH-1", "octo/pets#1", "*", "_", "\\", "&lt;", "$x$", "\u202e"),
    *("-->", "- [ ] x", "\x1b[31m"),
)
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8)), max_size=8).map("".join)


@settings(max_examples=150, deadline=None)
@given(text=texts)
@example(text="@``GH-1")
def test_nothing_from_a_manifest_does_anything(text: str) -> None:
    made = a_plan_beside_its_base()
    [first, *others] = made.writes
    change = msgspec.structs.replace(first.changes[0] if first.changes else CHANGE, new=text)
    hostile = msgspec.structs.replace(
        first,
        reason=text,
        location=Location(text.replace("\0", "") or "x", 3, 1),
        changes=(change,),
    )
    problem = Problem(code="x", message=text, suggestion=text)
    assert made.base
    base = msgspec.structs.replace(made.base, problems=(problem,))
    made = msgspec.structs.replace(
        made, actions=(hostile, *others), problems=(problem,), notes=(text,), base=base
    )

    assert_harmless(plan_comment(made, "azure", LINKS))
    assert_harmless(problems_comment([problem], "azure", LINKS))
    assert_harmless(failure_comment(text, "azure", LINKS))


CHANGE = a_plan_beside_its_base().writes[1].changes[0]


def assert_harmless(body: str) -> None:
    """It parses, links go to our own repository alone, and nobody is mentioned."""
    tokens = parsed(body)
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert html.count("<!--") == 1
    for token in tokens:
        for child in token.children or ():
            assert child.type not in ("html_inline", "image") or child.content in SMALL, child
            if child.type == "link_open":
                assert str(child.attrs["href"]).startswith(LINKS.web)
            if child.type == "text":
                assert not ALIVE.search(child.content), child.content


ALIVE = re.compile(r"@\w|https?://\w|\bwww\.\w|#\d|\bGH-\d")
SMALL = ("<sub>", "</sub>", "<br>")


def test_the_run_ids_of_all_jobs_that_answer_to_the_plan_are_in_the_marker() -> None:
    made = a_plan_beside_its_base()

    marker = read_marker(plan_comment(made, "azure", LINKS))

    assert marker
    assert marker.runs == run_ids(made)
    named = [RunId.parse("pets", run) for run in marker.runs]
    assert {one.job for one in named if one} == {"both", "fastai-digits", "tried"}
    assert marker.facts == {"commit": LINKS.commit}
    assert marker.folder == "ml"


def test_a_marker_with_too_many_runs_counts_the_rest() -> None:
    runs = tuple(f"pets-{'x' * 50}{n}-0123456789ab-1" for n in range(500))
    marker = Marker(kind="plan", workspace="azure", runs=runs)

    found = read_marker(f"{marker}\ntext")

    assert len(str(marker)) < ROOM + 200
    assert found
    assert found.runs == runs[: len(found.runs)]
    assert len(found.runs) + found.more == 500


@given(workspace=st.text(), folder=st.text(), fact=st.text(), runs=st.lists(st.text(min_size=1)))
def test_a_marker_comes_back_as_it_was(
    workspace: str, folder: str, fact: str, runs: list[str]
) -> None:
    facts = {"commit": fact} if fact else {}
    marker = Marker(kind="plan", workspace=workspace, folder=folder, runs=tuple(runs), facts=facts)

    assert "\n" not in str(marker)
    assert str(marker).count("-->") == 1
    assert read_marker(f"{marker}\n") == marker


def test_a_marker_counts_only_at_the_very_beginning() -> None:
    assert read_marker("> <!-- gitrain:plan workspace=azure -->") is None
    assert read_marker("<!-- other -->") is None


def test_files_are_linked_at_the_commit_below_the_projects_folder() -> None:
    body = plan_comment(a_plan_beside_its_base(), "azure", LINKS)

    assert f"({LINKS.web}/blob/{LINKS.commit}/ml/jobs/fastai-digits.yaml#L1)" in body
    assert f"[`1a2b3c4`]({LINKS.web}/commit/{LINKS.commit})" in body
    assert "3 commits behind `origin/main`" in body
    assert f"[workflow run]({LINKS.run})" in body


def test_what_reuse_saves_is_said_with_the_hours() -> None:
    body = plan_comment(a_plan_beside_its_base(), "azure", LINKS)

    assert "GPU-hours: up to 2 (1 run reused: saves up to 1)" in body
    assert "Job/tried: pets-tried-ffffffffffff-1, which saves up to 1 GPU-hours" in body


def test_an_error_is_shown_without_the_credentials_of_its_address() -> None:
    reason = "https://user:canary@host/path?sig=canary&x=1 cannot be reached"

    body = failure_comment(reason, "azure", LINKS)

    assert "cannot be reached" in body
    assert "canary" not in body


def test_the_state_before_the_merge() -> None:
    place = Place()
    main = desired(a_cluster(), a_job())
    assert results_state(place.plan(main)) == ("pending", "1 run will start after the merge")
    place.reconcile(main)
    made = place.plan(main)
    assert results_state(made) == ("success", "nothing to run")
    reused = msgspec.structs.replace(
        a_plan_beside_its_base().base,
        reused=(Reused(name="fastai-digits", run_id="r", gpu_hours=1),),
    )
    live = msgspec.structs.replace(made, base=reused)
    assert results_state(live) == ("pending", "1 run still in progress")
    place.end("fastai-digits")
    done = msgspec.structs.replace(place.plan(main), base=reused)
    assert results_state(done) == ("success", "1 run already completed")


def result(health: Health = Health.HEALTHY, **series: tuple[float, ...]) -> JobResult:
    place = Place()
    wanted = desired(a_cluster(), a_job())
    place.reconcile(wanted)
    place.end("fastai-digits")
    run = row(place.plan(wanted), "Job/fastai-digits").run
    assert run
    metrics = {
        name: tuple(Point(step, value) for step, value in enumerate(values, start=1))
        for name, values in series.items()
    }
    report = metrics_of(run.job, run, metrics, None, {})
    return JobResult(run=run, health=health, story="completed", metrics=report)


def results_body(*jobs: JobResult) -> str:
    marker = Marker(kind="results", workspace="azure")
    return results_comment(Results(jobs=jobs), marker, LINKS)


def test_results_have_their_metrics_and_folded_curves() -> None:
    body = results_body(result(accuracy=(0.5, 0.7, 0.9)))

    tokens = parsed(body)
    assert "| `accuracy` | 0.9 | – | – |" in body
    [fence] = [token for token in tokens if token.type == "fence"]
    assert fence.info == "mermaid"
    assert fence.content.splitlines() == [
        "xychart-beta",
        '  title "accuracy"',
        '  x-axis "step" 1 --> 3',
        "  y-axis 0.48 --> 0.92",
        "  line [0.5, 0.7, 0.9]",
    ]


def test_a_long_curve_keeps_its_ends_and_gives_up_some_points() -> None:
    series = tuple(Point(step, float(step)) for step in range(1, 1001))

    text = chart("loss", series)

    values = text[text.index("[") + 1 : text.index("]")].split(", ")
    assert (len(values), values[0], values[-1]) == (60, "1", "1000")
    assert 'x-axis "step" 1 --> 1000' in text


@given(
    name=st.text(),
    values=st.lists(st.floats(), min_size=0, max_size=6),
)
def test_a_chart_is_one_block_of_five_lines_or_nothing(name: str, values: list[float]) -> None:
    text = chart(name, tuple(Point(step, value) for step, value in enumerate(values)))

    if text:
        lines = text.splitlines()
        assert len(lines) == 7
        assert lines[2].count('"') == 2
        assert re.fullmatch(r'  x-axis "step" \d+ --> \d+', lines[3])
        axis = re.fullmatch(r"  y-axis (-?[\d.]+) --> (-?[\d.]+)", lines[4])
        assert axis
        assert float(axis[1]) < float(axis[2])
        assert re.fullmatch(r"  line \[-?[\d.]+(, -?[\d.]+)+\]", lines[5])


def test_many_results_fit_and_are_well_formed() -> None:
    curves = {f"metric_{n}": tuple(float(v) for v in range(60)) for n in range(40)}

    body = results_body(*(result(**curves) for _ in range(20)))

    assert len(body.encode()) < LIMIT
    parsed(body)
    assert "more" in body
