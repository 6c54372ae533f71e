"""Run history driven by hand: tags, filters, pages, and the switches for what is unknown."""

import pytest

from .processes import StepFailed


@pytest.fixture
def manual(plain):
    plain.emulator.switches.set(execution="manual")
    plain.emulator.add_cluster("cpu")
    return plain


def test_a_test_says_how_a_run_goes_on(manual):
    manual.client.submit(run_id="a")

    assert manual.client.run(run_id="a")["status"] == "NotStarted"
    manual.emulator.jobs.drive(
        "a", "Running", metrics={"acc": [0.1, 0.2]}, files={"outputs/x": "y"}
    )
    assert manual.client.metrics(run_id="a") == {"acc": [0.1, 0.2]}
    manual.emulator.jobs.drive("a", "Failed", error="out of memory")
    assert manual.client.run(run_id="a")["status"] == "Failed"
    assert "out of memory" in str(manual.client.details(run_id="a")["error"])
    assert manual.client.download(run_id="a", name="outputs/x") == "y"


def test_an_instant_run_is_completed_at_once(manual):
    manual.emulator.switches.set(execution="instant")

    manual.client.submit(run_id="a")

    assert manual.client.run(run_id="a")["status"] == "Completed"


def test_tags_are_set_removed_and_asked_for(manual):
    for number in range(3):
        manual.client.submit(run_id=f"r{number}", tags={"job": "pets", "n": str(number)})

    assert manual.client.tag(run_id="r0", tags={"x": "1"}, remove=["n"]) == {
        "job": "pets",
        "x": "1",
    }
    assert manual.client.runs(tags="n") == ["r2", "r1"]
    assert manual.client.runs(tags={"job": "pets", "n": "1"}) == ["r1"]
    assert manual.client.runs(properties={"azureml.runsource": "azureml.scriptrun"}) == [
        "r2",
        "r1",
        "r0",
    ]


def test_runs_come_in_pages(manual):
    for number in range(5):
        manual.client.submit(run_id=f"r{number}")
    manual.emulator.switches.set(page_size=2)
    manual.emulator.requests.reset()

    assert len(manual.client.runs()) == 5
    assert manual.emulator.requests.counts()["run"] == 3


@pytest.mark.parametrize(
    "tags", [{f"t{number}": "" for number in range(51)}, {"t": "x" * 1001}, {"t" * 101: "x"}]
)
def test_tags_beyond_the_published_limits_are_refused(manual, tags):
    manual.client.submit(run_id="a")

    with pytest.raises(StepFailed, match="allowed"):
        manual.client.tag(run_id="a", tags=tags)
    assert manual.emulator.state.runs["a"].tags == {}


def test_a_property_cannot_be_changed_unless_a_switch_lets_it(manual):
    manual.client.submit(run_id="a")
    manual.client.add_properties(run_id="a", properties={"p": "1"})

    with pytest.raises(StepFailed, match="cannot be changed"):
        manual.client.add_properties(run_id="a", properties={"p": "2"})
    manual.emulator.switches.set(properties_immutable=False)
    manual.client.add_properties(run_id="a", properties={"p": "2"})
    assert manual.emulator.state.runs["a"].properties["p"] == "2"


@pytest.mark.parametrize("answer", ["refused", "conflict"])
def test_a_second_submission_of_a_run_id_is_refused(manual, answer):
    manual.emulator.switches.set(second_submission=answer)
    manual.client.submit(run_id="a")

    with pytest.raises(StepFailed, match="already exists"):
        manual.client.submit(run_id="a")
    assert manual.emulator.state.runs["a"].submissions == 2


def test_a_second_submission_can_be_accepted_without_effect(manual):
    manual.emulator.switches.set(second_submission="accepted", properties_immutable=False)
    manual.client.submit(run_id="a", command="one")

    manual.client.submit(run_id="a", command="two")

    assert manual.client.details(run_id="a")["command"] == "one"


def test_a_run_id_belongs_to_one_experiment(manual):
    manual.client.submit(run_id="a", experiment="one")

    with pytest.raises(StepFailed, match="already exists in the workspace"):
        manual.client.submit(run_id="a", experiment="two")


def test_a_canceled_run_lingers_when_told_so(manual):
    manual.emulator.switches.set(slow_cancel=True)
    manual.client.submit(run_id="a")

    manual.client.cancel(run_id="a")

    assert manual.client.run(run_id="a")["status"] == "CancelRequested"


def test_an_interactive_run_with_a_child_ends_by_its_own_events(manual):
    run_id = manual.client.interactive(experiment="notebook")

    assert manual.client.run(run_id=run_id)["status"] == "Completed"
    assert manual.client.metrics(run_id=run_id) == {"loss": 0.5}


def test_a_file_can_be_added_to_a_run(manual):
    manual.client.submit(run_id="a")

    manual.client.upload(run_id="a", name="outputs/note.txt", text="well done")

    assert manual.client.download(run_id="a", name="outputs/note.txt") == "well done"
