"""Which tests `make test` runs: those of the parts, the contract, and a sample of each promise."""

from __future__ import annotations

import signal

import pytest

from tests.root import ROOT

TESTS = ROOT / "tests"
QUICK = ("unit", "promises/contract", "promises/identity", "promises/command_line/test_imports.py")
SAMPLE = (
    "promises/azure/test_runs.py::test_two_reconcilers_at_once_start_one_run_of_each_digest",
    "promises/chaos/test_chaos.py::test_the_promises_hold_after_any_sequence[memory",
    "promises/command_line/test_exit_codes.py::test_the_frozen_lines",
    "promises/command_line/test_guards.py::test_pruning_most_of_what_is_there_needs_force",
    "promises/command_line/test_kills.py::test_killed_at_a_call_into_the_world[with_two_jobs-0]",
    "promises/command_line/test_preemption.py::test_the_supervisor",
    "promises/command_line/test_twice.py::test_two_reconciles_at_once_make_one_run_of_each_digest",
    "promises/corpus/test_corpus.py::test_after_reconcile_the_whole_project_shows_no_difference",
    "promises/disk/test_disk.py::test_output_that_has_no_room_is_an_error_and_no_traceback",
    "promises/documents/test_commands.py::",
    "promises/documents/test_reference.py::test_a_generated_page_is_current",
    "promises/documents/test_where_is_what.py::",
    "promises/git/test_git_adversity.py::test_a_damaged_index_is_an_error_with_its_place",
    "promises/github/test_comment.py::test_a_change_is_one_comment_with_one_submit",
    "promises/hostile/test_hostile_corpus.py::test_every_problem_has_its_place",
    "promises/pull_requests/test_workflows.py::",
    "training/test_digits.py::test_digits_reach_97_percent",
)


# Whoever starts the suite in the background may ignore these, and each process would inherit it.
for ignored in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ignored) is signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)  # before -m chooses by marker
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    unseen = set(SAMPLE)
    for item in items:
        name = item.nodeid.removeprefix("tests/")
        chosen = [start for start in SAMPLE if name.startswith(start)]
        unseen.difference_update(chosen)
        if chosen or any(item.path.is_relative_to(TESTS / folder) for folder in QUICK):
            item.add_marker("quick")
    if unseen and not config.option.file_or_dir:
        # A renamed test must not leave the sample in silence.
        pytest.exit(f"tests/conftest.py names tests that do not exist: {sorted(unseen)}", 4)
