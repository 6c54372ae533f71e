"""What the product promises of its speed, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.bench import history, scale
from tests.bench.measure import Cost
from tests.bench.place import table


class Bar(NamedTuple):
    """`measured` has to be at most `bound`, or at least, if `at_least`."""

    what: str
    measured: float
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


def bars(start: Mapping[str, Cost], costs: scale.Costs, ran: history.Costs) -> Iterator[Bar]:
    """Every promise that was measured."""
    yield Bar("`--help`, CPU s", start["gitrain --help"].cpu, 0.10)
    one = next(name for name in start if name.startswith("gitrain validate "))
    yield Bar("`validate` of one file, CPU s", start[one].cpu, 0.20)
    for row, cold, warm in ((scale.VALIDATE, 1.5, 0.5), (scale.PLAN, 1.5, 0.7)):
        if 1_000 in costs[f"{row}, cold"]:
            yield Bar(
                f"1,000 manifests: {row}, cold, CPU s", costs[f"{row}, cold"][1_000].cpu, cold
            )
            yield Bar(
                f"1,000 manifests: {row}, warm, CPU s", costs[f"{row}, warm"][1_000].cpu, warm
            )
    for row, growth in scale.growths(costs).items():
        if "gitrain" in row:
            yield Bar(f"10,000 ÷ 1,000: {row}", growth, 11)
            yield Bar(f"10,000 manifests: {row}, MB", costs[row][10_000].memory / 1e6, 300)
    what = f"`plan` after {max(ran):,} runs ÷ after {min(ran):,}, CPU s"
    yield Bar(what, history.ratio(ran), 1.5)
    terraform = costs.get(scale.TERRAFORM["specs"], {})
    if 1_000 in terraform:
        ratio = terraform[1_000].cpu / costs[f"{scale.PLAN}, warm"][1_000].cpu
        yield Bar("1,000: `terraform plan` of the same specs ÷ ours, warm", ratio, 6, True)


def report(promises: list[Bar]) -> str:
    rows = [
        [
            bar.what,
            f"{bar.measured:.2f}",
            f"{'≥' if bar.at_least else '≤'} {bar.bound:g}",
            "holds" if bar.holds else "**does not hold**",
        ]
        for bar in promises
    ]
    return table(["bar", "measured", "bound", ""], rows)
