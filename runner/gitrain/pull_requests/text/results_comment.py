"""The results of the runs of a pull request: a comment, and a commit status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

import msgspec

from gitrain.gates import GateResult
from gitrain.observed import Run
from gitrain.plan.actions import Health
from gitrain.pull_requests.text.marker import Marker
from gitrain.report.compare import Measure, MetricsReport
from gitrain.report.markdown.budget import Section, fitted
from gitrain.report.markdown.charts import chart
from gitrain.report.markdown.escape import code, html, prose, table_head, table_row
from gitrain.report.markdown.links import Links, footer
from gitrain.report.markdown.reports import LIMIT
from gitrain.report.safe import count, number, plain, signed
from gitrain.report.text.status import gate_line

_MARKS = {Health.HEALTHY: "✅", Health.DEGRADED: "❌"}


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """One run that a pull request caused. A run that has not ended has no metrics yet."""

    run: Run
    health: Health
    story: str
    gates: tuple[GateResult, ...] = ()
    metrics: MetricsReport | None = None

    @property
    def over(self) -> bool:
        return self.health in (Health.HEALTHY, Health.DEGRADED)


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """All runs of one pull request in one workspace; `missing` are the jobs that have none yet, and
    `unnamed` counts the runs that the plan's comment had no room to name."""

    jobs: tuple[JobResult, ...]
    missing: tuple[str, ...] = ()
    unnamed: int = 0

    @property
    def over(self) -> bool:
        return not self.missing and all(job.over for job in self.jobs)

    @property
    def failed(self) -> tuple[JobResult, ...]:
        return tuple(job for job in self.jobs if job.health is Health.DEGRADED)

    @property
    def state(self) -> str:
        """The state of the commit status; "" while it is undecided."""
        if self.failed:
            return "failure"
        return "success" if self.over and self.jobs else ""

    @property
    def verdict(self) -> str:
        """One line, as in the commit status."""
        left = len(self.missing) + sum(not job.over for job in self.jobs)
        more = f"; {left} not finished yet" if left else ""
        if self.failed:
            first, *others = self.failed
            rest = f", and {len(others)} more failed" if others else ""
            return plain(f"{first.run.job}: {first.story}{rest}{more}")
        return f"{count(len(self.jobs), 'run')} completed{more}"


def results_comment(results: Results, marker: Marker, links: Links, *, limit: int = LIMIT) -> str:
    """Verdict, one row per run, the metrics with their change, gates, and the curves, folded."""
    mark = "❌" if results.failed else "✅"
    start = f"{marker}\n### {mark} {prose(marker.workspace)}: {prose(results.verdict)}\n"
    end = footer([f"Commit {links.to(links.commit)}"] if links.commit else [], links)
    return fitted(start, list(_sections(results)), end, limit)


def _sections(results: Results) -> Iterator[Section]:
    ordered = sorted(results.jobs, key=lambda job: (job.health is not Health.DEGRADED, job.run.job))
    head = "\n" + table_head(["", "Job", "Run", "Outcome"])
    yield Section(head=head, items=tuple(map(_row, ordered)), noun="run")
    gates = tuple(line for job in ordered for line in _gates(job))
    yield Section(head="\n**Gates**\n\n", items=gates, noun="gate", rank=1)
    for job in ordered:
        yield from _metrics(job)
    curves = tuple(_curves(job) for job in ordered)
    yield Section(head="", items=tuple(filter(None, curves)), noun="chart", rank=4)
    yield Section(head="\n**Not started yet**\n\n", items=tuple(_missing(results)), rank=3)


def _row(job: JobResult) -> str:
    told = code(job.run.id)
    if job.run.link.startswith(("https://", "http://")):
        told = f"[{told}]({quote(job.run.link, safe=':/?=&%#')})"
    return table_row([_MARKS.get(job.health, "🔄"), code(job.run.job), told, prose(job.story)])


def _gates(job: JobResult) -> Iterator[str]:
    for gate in job.gates:
        mark = "✅" if gate.passed else "❌"
        yield f"- {mark} {code(job.run.job)}: {prose(gate_line(gate))}\n"


def _metrics(job: JobResult) -> Iterator[Section]:
    if job.metrics is None or not job.metrics.measures:
        return
    before = job.metrics.previous
    told = f", compared with {code(before.id)}" if before else ""
    head = f"\n**{prose(job.run.job)}**{told}\n\n"
    head += table_head(["Metric", "Value", "Previous", "Change"])
    rows = tuple(map(_measure, job.metrics.measures))
    yield Section(head=head, items=rows, noun="metric", rank=2)


def _measure(measure: Measure) -> str:
    values = [number(measure.value), number(measure.previous), signed(measure.change)]
    return table_row([code(measure.name), *values])


def _curves(job: JobResult) -> str:
    """The charts of one job, folded, as one piece: they are shown together or not at all."""
    measures: Sequence[Measure] = job.metrics.measures if job.metrics else ()
    charts: Iterable[str] = [chart(one.name, one.history) for one in measures]
    drawn = [text for text in charts if text]
    if not drawn:
        return ""
    summary = f"Curves of <code>{html(job.run.job)}</code>"
    body = "\n".join(drawn)
    return f"\n<details><summary>{summary}</summary>\n\n{body}\n</details>\n"


def _missing(results: Results) -> Iterator[str]:
    for name in results.missing:
        yield f"- {code(name)}: no run yet\n"
    if results.unnamed:
        yield f"- {count(results.unnamed, 'more run')}, which the plan had no room to name\n"
