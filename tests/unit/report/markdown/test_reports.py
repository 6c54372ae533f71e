"""Reports as Markdown: they show what is meant, do nothing, and never outgrow a comment."""

import msgspec
import pytest

from gitrain.errors import Location, Problem
from gitrain.manifest import Policy
from gitrain.observed import Phase
from gitrain.plan.actions import Plan
from gitrain.report.compare import metrics_of, variants_of
from gitrain.report.markdown.budget import Section, fitted
from gitrain.report.markdown.escape import code, fenced, html, prose
from gitrain.report.markdown.reports import (
    metrics_markdown,
    plan_markdown,
    problems_markdown,
    reconciled_markdown,
    status_markdown,
    variants_markdown,
)
from tests.unit.report.samples import Place, a_cluster, a_full_plan, a_job, desired

FULL = """\
### pets → azure (rg-ml/pets-prod) at 1a2b3c4 (uncommitted changes)

**▶️ 6 changes**

Plan: 2 to create, 1 to update, 0 to replace, 0 to delete; 2 to submit, 1 to cancel; \
1 unchanged, 1 waiting, 0 blocked.

GPU-hours: up to 2

|  | Resource | Why | Source |
|---|---|---|---|
| `~` | `Cluster/gpu-cluster` | max\\_instances 2 → 4 | `jobs/clusters/gpu-cluster.yaml:1` |
| `+` | `Cluster/new-cluster` | Standard\\_DS3\\_v2, 0 to 4 nodes, dedicated \
| `jobs/clusters/new-cluster.yaml:1` |
| `+` | `Environment/fastai` | version 0123456789ab | `jobs/environments/fastai.yaml:1` |
| `-` | `Job/live` | superseded by dddddddddddd (pets-live-cccccccccccc-1) \
| `jobs/live.yaml:1` |
| `>` | `Job/fastai-digits` | inputs.epochs 8 → 9 | `jobs/fastai-digits.yaml:1` |
| `>` | `Job/live` | inputs.epochs 8 → 16 | `jobs/live.yaml:1` |

**Waiting**

- `Job/export`: waits for fastai-digits to complete `jobs/export.yaml:1`

**Degraded**

- `Job/broken`: failed: exit code 1

**No longer in the manifests**

- `Cluster/old-cluster`: no manifest names it; 1 node is billed while idle

**Notes**

- compute is noted, no more
"""


def test_a_plan_is_verdict_summary_table_and_notes() -> None:
    assert plan_markdown(a_full_plan()) == FULL


def test_a_plan_without_changes_is_three_lines() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)

    assert plan_markdown(place.plan(wanted)) == (
        "### pets → azure (rg-ml/pets-prod) at 1a2b3c4\n\n"
        "**✅ Nothing to do**\n\n"
        "No changes. The workspace matches the manifests.\n"
    )


def test_a_refused_plan_says_so_first() -> None:
    made = Place().plan(desired(a_cluster(), a_job(), policy=Policy(max_gpu_hours=0.5)))

    text = plan_markdown(made)

    assert "**⛔ Refused: 1 reason**" in text
    assert "- the submits may take up to 1 GPU-hours; the policy allows 0.5 (lower limits" in text


def test_a_source_links_to_the_commits_files_when_their_address_is_known() -> None:
    text = plan_markdown(a_full_plan(), blob="https://github.com/o/r/blob/1a2b3c4/")

    assert "[`jobs/live.yaml:1`](https://github.com/o/r/blob/1a2b3c4/jobs/live.yaml#L1)" in text


@pytest.mark.parametrize("limit", [60_000, 6_000, 2_000, 1_000, 500])
def test_a_plan_keeps_to_its_limit_and_closes_what_it_opens(limit: int) -> None:
    jobs = [a_job(f"job-{n}", f"{n:012x}", inputs={"epochs": "8"}) for n in range(300)]
    later = [a_job(f"job-{n}", f"f{n:011x}", inputs={"epochs": "`" * n}) for n in range(300)]
    place = Place()
    place.reconcile(desired(*jobs), max_submits=300)
    for job in jobs:
        place.end(job.name)

    text = plan_markdown(place.plan(desired(*later), max_submits=300), limit=limit)

    assert len(text.encode()) <= limit
    assert text.count("<details>") == text.count("</details>")
    assert "300 to submit" in text
    if limit < 60_000:
        assert " more diffs" in text or " more changes" in text


def of_two_fields() -> Plan:
    place = Place()
    place.reconcile(desired(a_job(inputs={"epochs": "8", "seed": "1"})))
    place.end("fastai-digits")
    after = a_job(digest="e" * 12, inputs={"epochs": "9", "seed": "2"})
    return place.plan(desired(after, notes=("compute is noted, no more",)))


FOLDED = """
<details><summary><code>Job/fastai-digits</code>: 2 fields</summary>

```diff
- inputs.epochs: 8
+ inputs.epochs: 9
- inputs.seed: 1
+ inputs.seed: 2
```

</details>
"""


def test_what_the_table_does_not_say_is_a_folded_diff() -> None:
    assert FOLDED in plan_markdown(of_two_fields())


def test_diffs_go_before_rows() -> None:
    made = of_two_fields()
    without_diffs = plan_markdown(made, limit=len(plan_markdown(made).encode()) - 100)

    assert "and 1 more diff\n" in without_diffs
    assert "| `>` | `Job/fastai-digits` |" in without_diffs
    assert "compute is noted, no more" in without_diffs


def test_a_text_of_several_lines_is_a_diff_of_lines() -> None:
    place = Place()
    place.reconcile(desired(a_job(inputs={"text": "a\nb"})))
    place.end("fastai-digits")

    text = plan_markdown(place.plan(desired(a_job(digest="e" * 12, inputs={"text": "a\n```\n"}))))

    assert "````diff\n- inputs.text:\n-   a\n-   b\n+ inputs.text:\n+   a\n+   ```\n````\n" in text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a|b `c` *d* _e_ [f](g)", "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g)"),
        ("<script>&amp;", "&lt;script&gt;&amp;amp;"),
        ("@octocat #12", "@\u200boctocat \\#\u200b12"),
        ("https://x.org www.x.org GH-12", "https://\u200bx.org www.\u200bx.org GH-\u200b12"),
        ("a\nb\x1b", "a\\\\nb\\\\x1b"),
        ("accuracy >= 0.95", "accuracy &gt;= 0.95"),
    ],
)
def test_prose_shows_as_it_is_and_does_nothing(text: str, safe: str) -> None:
    assert prose(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [("a", "`a`"), ("", ""), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("a|b", "`a\\|b`")],
)
def test_code_in_a_line_holds_any_text(text: str, safe: str) -> None:
    assert code(text) == safe


def test_inside_of_html_only_html_is_escaped() -> None:
    assert html("a_b</summary>&\n") == "a_b&lt;/summary&gt;&amp;\\n"


def test_a_fence_is_longer_than_any_in_its_text() -> None:
    assert fenced("````\na") == "`````\n````\na\n`````\n"


def test_a_section_is_cut_between_items_and_says_how_many_more() -> None:
    section = Section(head="h\n", items=("aaaa\n",) * 10, tail="t\n", noun="thing")

    assert fitted("s\n", [section], "e\n", 57) == (
        "s\nh\naaaa\naaaa\naaaa\naaaa\naaaa\nt\n\nand 5 more things\ne\n"
    )
    assert fitted("s\n", [section], "e\n", 10) == "s\ne\n"
    assert fitted("s\n", [msgspec.structs.replace(section, items=())], "e\n", 10) == "s\ne\n"


def test_a_reconcile_shows_its_outcomes() -> None:
    assert reconciled_markdown(Place().reconcile(desired(a_job()))).endswith(
        "|  | Resource | Outcome | Run |\n|---|---|---|---|\n"
        "| ✅ | `Job/fastai-digits` | submitted | `pets-fastai-digits-9f2c1d3e4a5b-1` |\n"
    )


def test_a_status_shows_what_is_not_well_first() -> None:
    place, wanted = Place(), desired(a_job("a", "a" * 12), a_job("b", "b" * 12))
    place.reconcile(wanted)
    place.end("a", accuracy=0.9)
    place.end("b", Phase.FAILED)

    assert status_markdown(place.status(wanted)).splitlines()[2:] == [
        "2 resources: 2 Synced; 1 Healthy, 1 Degraded.",
        "",
        "|  | Resource | Sync | Health | Run | Metrics | Reason |",
        "|---|---|---|---|---|---|---|",
        "| ❌ | `Job/b` | Synced | Degraded | `pets-b-bbbbbbbbbbbb-1` failed |  "
        "| failed: exit code 1 |",
        "| ✅ | `Job/a` | Synced | Healthy | `pets-a-aaaaaaaaaaaa-1` completed | accuracy 0.9 |  |",
    ]


def test_problems_are_a_table() -> None:
    problem = Problem(
        code="x", message="no `a | b`", location=Location("jobs/a.yaml", 2, 3), suggestion="try `c`"
    )

    assert problems_markdown([problem], 3) == (
        "**1 error in 1 file**\n\n"
        "|  | Place | Problem | What to do |\n|---|---|---|---|\n"
        "| ❌ | `jobs/a.yaml:2` | no `a \\| b` | try `c` |\n"
    )
    assert problems_markdown([], 3) == "**3 manifests are valid.**\n"


def test_metrics_and_variants_are_tables() -> None:
    place = Place()
    place.reconcile(desired(a_job()))
    place.end("fastai-digits", accuracy=0.9)
    [run] = place.workspace.runs.values()
    found = place.workspace.metrics(run)

    assert metrics_markdown(metrics_of("fastai-digits", run, found, None, {})).endswith(
        "| `accuracy` | 0.9 | – | – |  |\n"
    )
    assert variants_markdown(
        "fastai-digits", variants_of([run], {run.id: found}, run.digest)
    ).endswith("| **`pets-fastai-digits-9f2c1d3e4a5b-1`** | completed | 0.9 |\n")
