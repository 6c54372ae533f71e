"""Metrics, logs and files of a run."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from gitrain.manifest import Output
from gitrain.metrics import MetricsReader
from gitrain.observed import Phase, Point
from gitrain.workspaces.folders.outputs import read_log
from tests.unit.workspaces.local.place import Place, until


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ('{"epoch": 0, "loss": 0.5}\n{"epoch": 1, "loss": 0.25}', {"loss": [(0, 0.5), (1, 0.25)]}),
        ('{"step": 7, "epoch": 1, "loss": 2}', {"loss": [(7, 2.0)]}),
        ('{"loss": 1}\n\n{"loss": 3}', {"loss": [(1, 1.0), (3, 3.0)]}),
        ('{"step": 2, "a": 1}\n{"step": 1, "a": 2}', {"a": [(1, 2.0), (2, 1.0)]}),
        ('{"step": 1, "a": 1}\n{"step": 1, "a": 2}', {"a": [(1, 2.0)]}),
        ('{"step": 1, "a": true, "b": "x", "c": null, "d": [1], "e": 1}', {"e": [(1, 1.0)]}),
        ('{"step": true, "a": 1}', {"a": [(1, 1.0)]}),
        ('{"step": 2.0, "a": 1}\n{"step": 2.5, "a": 3}', {"a": [(2, 3.0)]}),
        ('{"step": NaN, "a": 1}', {"a": [(1, 1.0)]}),
        ('{"step": 1, "a": 1}\n{"step": 2, "a": 0.', {"a": [(1, 1.0)]}),
        ('nonsense\n[1, 2]\n3\n"x"\nnull\n{"step": 4, "a": 1}', {"a": [(4, 1.0)]}),
        ('{"step": 1, "a": Infinity}', {"a": [(1, math.inf)]}),
        ('{"step": 1, "a": -Infinity}', {"a": [(1, -math.inf)]}),
        ('{"step": 1, "a": 1' + "0" * 400 + "}", {"a": [(1, math.inf)]}),
        ("[" * 100_000, {}),
        ('{"step": -1, "a": 1e-3}', {"a": [(-1, 0.001)]}),
        ('\ufeff{"step": 1, "a": 1}\n{"step": 2, "a": 2}', {"a": [(1, 1.0), (2, 2.0)]}),
        ('{"step": 1' + "0" * 400 + ', "a": 1}', {"a": [(1, 1.0)]}),
        ('{"a": 1}\n{"a": 2} {"a": 3}\n\n{"a": 4}\n', {"a": [(1, 1.0), (4, 4.0)]}),
    ],
)  # fmt: skip
def test_metrics_are_read_from_lines(
    text: str, expected: dict[str, list[tuple[int, float]]]
) -> None:
    wanted = {name: tuple(Point(*point) for point in points) for name, points in expected.items()}
    assert MetricsReader().feed(text.encode()).series() == wanted


def test_a_metric_may_be_no_number() -> None:
    reader = MetricsReader().feed(b'{"step": 1, "loss": NaN}\n\xff\xfe\n')

    (point,) = reader.series()["loss"]
    assert math.isnan(point.value)


def test_metrics_of_a_run_come_from_its_working_folder(place: Place) -> None:
    run = place.submit("""echo '{"epoch": 0, "accuracy": 0.5}' > outputs/metrics.jsonl""")

    assert place.workspace.metrics(run) == {}
    place.wait(run)
    assert place.workspace.metrics(run) == {"accuracy": (Point(0, 0.5),)}


def test_logs_are_live_and_followed_to_the_end(place: Place) -> None:
    wait = f"while [ ! -e {place.root}/go ]; do sleep 0.05; done"
    run = place.submit(f"echo one; {wait}; echo two >&2; printf three")
    pieces = place.workspace.logs(run, follow=True)

    assert next(pieces) == "one\n"
    assert place.wait(run, Phase.RUNNING).live
    place.root.joinpath("go").touch()
    assert "".join(pieces) == "two\nthree"


def test_a_log_that_is_not_there_yet_is_empty(place: Place) -> None:
    place.workspace = place.open(slots=1)
    place.submit("sleep 60", job="first")
    queued = place.submit("echo hi", job="second")

    assert place.log(queued) == ""


def test_a_character_cut_in_two_and_bytes_that_are_none_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes("ä".encode()[:1])
    looks = iter([False, True])

    def over() -> bool:
        look = next(looks)
        if look:
            path.write_bytes("ä".encode() + b"\xff!\xc3")
        return look

    assert "".join(read_log(path, over)) == "ä\ufffd!\ufffd"


def test_artifacts_are_outputs_by_name_and_the_kept_folders(place: Place, tmp_path: Path) -> None:
    place.root.joinpath("secret").write_text("private")
    run = place.submit(
        "echo w > ${{outputs.model}}/w; mkdir outputs/plots; echo p > outputs/plots/p.png;"
        f"echo l > logs/l; echo t > temporary; ln -s {place.root}/secret outputs/leaving;"
        f"ln -s plots/p.png outputs/inside; ln -s {place.root} outputs/folder; ln -s none logs/no",
        spec={"outputs": {"model": Output()}},
    )
    place.wait(run)
    artifacts = place.workspace.artifacts(run)
    written = artifacts.download(tmp_path / "new" / "folder")

    names = ("logs/l", "model/w", "outputs/inside", "outputs/plots/p.png")
    assert artifacts.names() == names
    assert tuple(str(path.relative_to(tmp_path / "new" / "folder")) for path in written) == names
    assert written[2].read_text() == "p\n"
    assert not written[2].is_symlink()


def test_a_run_without_files_has_no_artifacts(place: Place) -> None:
    run = place.submit()
    until(lambda: place.run(run.id).phase is Phase.COMPLETED)

    assert place.workspace.artifacts(run).names() == ()
