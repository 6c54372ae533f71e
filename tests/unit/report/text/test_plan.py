"""A plan as text; the first and the last line are a public interface."""

import msgspec
import pytest

from gitrain.manifest import Limits, Metadata, Policy
from gitrain.observed import Phase
from gitrain.plan.actions import Plan
from gitrain.report.text.columns import ansi
from gitrain.report.text.plan import plan_text
from tests.unit.report.samples import Place, a_cluster, a_full_plan, a_job, an_environment, desired


def test_a_plan_reads_like_terraforms() -> None:
    assert plan_text(a_full_plan()) == (
        "pets → azure (rg-ml/pets-prod) at 1a2b3c4 (uncommitted changes)\n"
        "\n"
        "Actions are indicated with the following symbols:\n"
        "  + create, register\n"
        "  ~ update\n"
        "  > submit\n"
        "  - cancel\n"
        "  … waiting\n"
        "\n"
        "  ~ Cluster/gpu-cluster   updated in place\n"
        "      ~ max_instances 2 → 4\n"
        "  + Cluster/new-cluster   Standard_DS3_v2, 0 to 4 nodes, dedicated\n"
        "  + Environment/fastai    version 0123456789ab\n"
        "  - Job/live              superseded by dddddddddddd (pets-live-cccccccccccc-1)\n"
        "  > Job/fastai-digits     inputs.epochs 8 → 9\n"
        "  > Job/live              inputs.epochs 8 → 16\n"
        "\n"
        "  … Job/export            waits for fastai-digits to complete\n"
        "\n"
        "Degraded:\n"
        "  Job/broken   failed: exit code 1   pets-broken-bbbbbbbbbbbb-1\n"
        "\n"
        "No longer in the manifests:\n"
        "  Cluster/old-cluster   no manifest names it; 1 node is billed while idle\n"
        "\n"
        "Notes:\n"
        "  - compute is noted, no more\n"
        "\n"
        "GPU-hours: up to 2\n"
        "\n"
        "Plan: 2 to create, 1 to update, 0 to replace, 0 to delete; 2 to submit, 1 to cancel; "
        "1 unchanged, 1 waiting, 0 blocked.\n"
    )


def test_a_plan_without_anything_to_do_says_so_and_no_more() -> None:
    place, wanted = Place(), desired(a_cluster(), a_job())
    place.reconcile(wanted)

    assert plan_text(place.plan(wanted)) == (
        "pets → azure (rg-ml/pets-prod) at 1a2b3c4\n"
        "\n"
        "No changes. The workspace matches the manifests.\n"
    )


def test_a_replacement_names_the_fields_that_force_it() -> None:
    place = Place()
    place.reconcile(desired(a_cluster(size="Standard_NC6", max_instances=2)))

    text = plan_text(place.plan(desired(a_cluster()), replace=True))

    assert (
        "-/+ Cluster/gpu-cluster   must be replaced\n"
        "      ~ size Standard_NC6 → Standard_NC4as_T4_v3   # forces replacement\n"
        "      ~ max_instances 2 → 4\n"
    ) in text
    assert "-/+ replace\n" in text


def test_a_refused_plan_says_why_before_its_summary() -> None:
    wanted = desired(a_cluster(), a_job(), policy=Policy(max_gpu_hours=0.5))

    lines = plan_text(Place().plan(wanted)).splitlines()

    assert lines[-4:-2] == [
        "error[max-gpu-hours]: the submits may take up to 1 GPU-hours; the policy allows 0.5",
        "   = help: lower limits.timeout or instance_count, or narrow with --select",
    ]
    assert lines[-1].startswith("Plan: ")


def test_unbounded_gpu_hours_are_said() -> None:
    wanted = desired(a_cluster(), a_job(limits=Limits()))

    assert "\nGPU-hours: no upper bound (" in plan_text(Place().plan(wanted))


def test_a_kept_run_whose_limits_moved_is_a_note() -> None:
    place = Place()
    place.reconcile(desired(a_cluster(), a_job()))
    place.end("fastai-digits")

    text = plan_text(place.plan(desired(a_cluster(), a_job(limits=Limits(timeout=7200)))))

    assert (
        "Notes:\n"
        "  - Job/fastai-digits: completed; limits.timeout 3600 → 7200 applies to the next run\n"
    ) in text


def test_a_foreign_cluster_that_differs_is_a_note() -> None:
    place = Place()
    place.workspace.create_cluster(a_cluster(max_instances=9), "another")

    text = plan_text(place.plan(desired(a_cluster())))

    assert (
        "Cluster/gpu-cluster: "
        "not managed by this project, used as is (differs: max_instances 9 → 4)\n" in text
    )


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({}, "pets → azure at 1a2b3c4"),
        ({"place": "."}, "pets → azure (.) at 1a2b3c4"),
        ({"commit": "", "dirty": True}, "pets → azure"),
        ({"dirty": True}, "pets → azure at 1a2b3c4 (uncommitted changes)"),
        (
            {"offline": "origin/main"},
            "pets → azure at 1a2b3c4, offline: as if all runs of origin/main had completed",
        ),
    ],
)
def test_the_first_line_says_what_where_and_which(fields: dict[str, object], first: str) -> None:
    made = Plan(project="pets", workspace="azure", commit="1a2b3c4d5e6f", actions=())

    assert plan_text(msgspec.structs.replace(made, **fields)).splitlines()[0] == first


def test_colours_change_nothing_but_colours() -> None:
    import re

    made = a_full_plan()

    assert re.sub("\x1b\\[[0-9]+m", "", plan_text(made, ansi)) == plan_text(made)


def test_texts_of_users_forge_no_lines_and_no_terminal_sequences() -> None:
    place = Place()
    evil = "x\nNo changes.\r\n::error::no\x1b[2J\u202e##[error]"
    place.reconcile(desired(a_cluster(), a_job(inputs={"epochs": "8"})))
    place.end("fastai-digits", Phase.FAILED)
    wanted = desired(
        a_cluster(),
        a_job(digest="eeeeeeeeeeee", inputs={"epochs": evil}),
        a_job("other", metadata=Metadata(labels={"a": evil})),
        notes=(evil,),
    )

    text = plan_text(place.plan(wanted))

    assert not set("\x1b\r\u202e") & set(text)
    assert "##[" not in text
    assert not any(line.lstrip().startswith(("No changes", "::")) for line in text.splitlines())


def test_an_update_of_labels_shows_each_field() -> None:
    place = Place()
    place.reconcile(desired(a_job(metadata=Metadata(labels={"team": "vision", "old": "1"}))))

    labels = {"team": "speech", "tier": "a"}
    text = plan_text(place.plan(desired(a_job(metadata=Metadata(labels=labels)))))

    assert (
        "  ~ Job/fastai-digits   updated in place\n"
        "      - labels.old 1\n"
        "      ~ labels.team vision → speech\n"
        "      + labels.tier a\n"
    ) in text


def test_a_blocked_row_stands_apart_with_its_reason() -> None:
    place = Place()
    place.workspace.environments["fastai"] = {"1"}

    text = plan_text(place.plan(desired(an_environment())))

    assert "\n\n  ! Environment/fastai   has versions that gitrain did not create (1): " in text
    assert text.endswith("0 unchanged, 0 waiting, 1 blocked.\n")
