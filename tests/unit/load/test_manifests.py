"""A project's files → documents of each workspace, with the place of every field."""

from __future__ import annotations

import pytest

from gitrain.errors import Location, Severity, UsageError
from gitrain.load.files import read_files
from gitrain.load.manifests import below, find_root, load
from tests.unit.conftest import PROJECT, job

# Which files are manifests -------------------------------------------------------------------


def test_yaml_below_the_manifest_folders_is_loaded(project):
    project.write("jobs/a.yaml", job("a"))
    project.write("jobs/deep/b.yml", job("b"))
    project.write("jobs/.hidden/c.yaml", "x: [")
    project.write("jobs/.d.yaml", "x: [")
    project.write("jobs/notes.txt", "x: [")
    project.write("other/e.yaml", "x: [")

    loaded = project.loaded()

    assert loaded.problems == ()
    assert [d.name for d in loaded.manifests.documents("azure")] == ["a", "b"]


def test_globs_and_files_may_stand_under_manifests(project):
    manifests = 'manifests: ["teams/*/jobs", one.yaml, "none*"]'
    project.write("gitrain.yaml", PROJECT.replace("spec:", f"spec:\n  {manifests}"))
    project.write("teams/x/jobs/a.yaml", job("a"))
    project.write("teams/x/other/b.yaml", job("b"))
    project.write("one.yaml", job("c"))

    loaded = project.loaded()

    assert [d.name for d in loaded.manifests.documents("azure")] == ["a", "c"]
    assert [str(problem.location) for problem in loaded.problems] == ["gitrain.yaml:5:41"]


def test_a_manifest_entry_must_exist_inside_the_project(project):
    project.write("gitrain.yaml", PROJECT.replace("spec:", "spec:\n  manifests: [nosuch, ../x]"))

    assert project.found() == [
        "gitrain.yaml:5:15 missing-path",
        "gitrain.yaml:5:23 outside-project",
    ]


def test_what_a_manifest_names_is_no_manifest(project):
    project.write("jobs/a.yaml", job("a", "{command: x, code: src, environment: env}"))
    project.write("jobs/src/config.yaml", "not: a manifest")
    project.write("jobs/src/deep/broken.yaml", "x: [")
    project.write(
        "jobs/env.yaml",
        "apiVersion: gitrain/v1\nkind: Environment\nmetadata: {name: env}\n"
        "spec: {conda_file: conda.yml, build: {path: docker}}\n",
    )
    project.write("jobs/conda.yml", "dependencies: [python]")
    project.write("jobs/docker/compose.yaml", "services: {}")

    assert project.loaded().problems == ()


def test_a_manifest_in_its_own_code_folder_is_loaded(project):
    project.write("jobs/train/job.yaml", job("a", "{command: x, code: .}"))

    assert project.job("a").file == "jobs/train/job.yaml"


def test_other_yaml_is_a_warning(project):
    project.write("jobs/values.yaml", "a: 1\n")
    project.write("jobs/list.yaml", "- a\n")
    project.write("jobs/empty.yaml", "# nothing yet\n")

    problems = project.loaded().problems

    assert {problem.severity for problem in problems} == {Severity.WARNING}
    assert [problem.code for problem in problems] == [
        "empty-file",
        "not-a-manifest",
        "not-a-manifest",
    ]


def test_links_neither_loop_nor_load_twice_nor_leave(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.yaml").write_text(job("x"))
    project.write("jobs/a.yaml", job("a"))
    (project.root / "jobs/loop").symlink_to("..")
    (project.root / "jobs/again.yaml").symlink_to("a.yaml")
    (project.root / "jobs/far").symlink_to(outside)
    (project.root / "jobs/far.yaml").symlink_to(outside / "x.yaml")

    loaded = project.loaded()

    assert [d.file for d in loaded.manifests.documents("azure")] == ["jobs/a.yaml"]
    assert [problem.code for problem in loaded.problems] == ["outside-project"] * 2


def test_twenty_broken_manifests_are_all_reported(project):
    breaks = ["a: [", "\tb: 1", "a: 1\na: 2", job(spec="{comand: x}"), "apiVersion: v1\nkind: Pod"]
    for number in range(20):
        project.write(f"jobs/{number:02}.yaml", breaks[number % 5])

    problems = project.loaded().problems

    assert {p.location.file for p in problems} == {f"jobs/{n:02}.yaml" for n in range(20)}
    assert list(problems) == sorted(problems, key=lambda problem: problem.order)


# What a document is ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "code", "words"),
    [
        ("kind: Job\nmetadata: {}\n", "1:1", "missing-api-version", "write `apiVersion: gitrain"),
        ("apiVersion: gitrain/v9\nkind: Job\n", "1:1", "unknown-api-version", "`gitrain/v1`"),
        ("apiVersion: gitrain/v1\nspec: {}\n", "1:1", "missing-kind", "`Cluster`, `Environment`"),
        ("apiVersion: gitrain/v1\nkind: Jb\n", "2:1", "unknown-kind", "did you mean `Job`?"),
        ("apiVersion: gitrain/v1\nkind: [a]\n", "2:1", "unknown-kind", "write"),
        ("apiVersion: gitrain/v1\nkind: Project\n", "2:1", "unknown-kind", "move it"),
        ("ApiVersion: gitrain/v1\nKind: Job\n", "1:1", "missing-api-version", "apiVersion"),
    ],
)
def test_the_envelope_is_checked_first(project, text, place, code, words):
    project.write("jobs/a.yaml", text)

    problem = project.loaded().problems[0]

    assert (str(problem.location), problem.code) == (f"jobs/a.yaml:{place}", code)
    assert words in problem.suggestion


def test_each_document_of_a_file_has_its_own_places(project):
    project.write("jobs/a.yaml", f"---\n{job('a')}---\n{job('b')}---\n{job('c', '{comand: x}')}")

    loaded = project.loaded()

    documents = loaded.manifests.documents("azure")
    assert [(d.name, d.location.line) for d in documents] == [("a", 2), ("b", 7)]
    assert {str(p.location) for p in loaded.problems} == {
        "jobs/a.yaml:15:1",
        "jobs/a.yaml:15:8",
    }


def test_an_azureml_document_loads_beside_ours(project):
    project.write(
        "jobs/train/job.yml",
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
        "command: echo ${{inputs.lr}}\nenvironment: azureml:env:1\ninputs:\n  lr: 0.1\n",
    )
    project.write(
        "jobs/sweep.yml",
        "$schema: https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json\ntype: sweep\n",
    )

    loaded = project.loaded()
    document = loaded.manifests.documents("azure")[0]

    assert (document.name, document.azureml) == ("train", True)
    assert document.marks.at(("spec", "inputs", "lr")).line == 5
    assert loaded.manifests.unsupported == 1
    assert [(p.severity, p.code) for p in loaded.problems] == [("warning", "not-supported")]


# Where a resource exists, and what it says there -------------------------------------------------


def test_a_job_without_workspaces_stays_off_the_laptop(project):
    project.write("jobs/a.yaml", job("a"))
    project.write("jobs/b.yaml", job("b").replace("{name: b}", "{name: b, workspaces: [local]}"))

    manifests = project.loaded().manifests

    assert [d.name for d in manifests.documents("local")] == ["b"]
    assert [d.name for d in manifests.documents("azure")] == ["a"]


def test_a_job_runs_on_local_when_that_is_all_there_is(project):
    project.write("gitrain.yaml", PROJECT.rpartition("    azure")[0])
    project.write("jobs/a.yaml", job("a"))

    assert project.job("a", "local").name == "a"


def test_unknown_workspaces_are_named(project):
    text = job("a", rest="overrides: {azur: {}}\n")
    project.write("jobs/a.yaml", text.replace("{name: a}", "{name: a, workspaces: [locl, azure]}"))
    project.write("gitrain.yaml", PROJECT)

    problems = project.loaded().problems

    assert [str(p.location) for p in problems] == ["jobs/a.yaml:3:34", "jobs/a.yaml:5:13"]
    assert [p.suggestion for p in problems] == ["did you mean `local`?", "did you mean `azure`?"]


def test_the_default_workspace_must_be_one(project):
    project.write("gitrain.yaml", PROJECT.replace("spec:", "spec:\n  default_workspace: azuer"))

    problem = project.loaded().problems[0]

    assert (str(problem.location), problem.code) == ("gitrain.yaml:5:3", "unknown-workspace")
    assert problem.suggestion == "did you mean `azure`?"


def test_an_override_without_effect_is_a_warning(project):
    project.write("jobs/a.yaml", job("a", rest="overrides: {local: {command: y}}\n"))

    (problem,) = project.loaded().problems

    assert (problem.code, problem.severity) == ("override-unused", Severity.WARNING)
    assert str(problem.location) == "jobs/a.yaml:5:13"


def test_defaults_lie_below_and_overrides_above(project):
    defaults = "defaults: {Job: {limits: {timeout: 60}, retries: 1, gates: [a > 1, b > 2]}}"
    project.write("gitrain.yaml", PROJECT.replace("spec:", f"spec:\n  {defaults}"))
    overrides = "overrides:\n  azure: {retries: 3, gates: [c > 3]}\n"
    text = job("a", "{command: x, retries: 2, inputs: {n: 1}}", overrides)
    project.write("jobs/a.yaml", text.replace("{name: a}", "{name: a, workspaces: [local, azure]}"))

    here, there = project.job("a", "local"), project.job("a", "azure")

    assert (here.resource.spec.retries, there.resource.spec.retries) == (2, 3)
    assert here.resource.spec.gates == ("a > 1", "b > 2")
    assert there.resource.spec.gates == ("c > 3",)
    assert here.resource.spec.limits.timeout == 60
    assert there.resource.overrides == {}
    assert here.marks.at(("spec", "retries")) == Location("jobs/a.yaml", 4, 20)
    assert there.marks.at(("spec", "retries")) == Location("jobs/a.yaml", 6, 11)
    assert there.marks.at(("spec", "limits", "timeout")) == Location("gitrain.yaml", 5, 29)
    assert there.marks.at(("spec", "command")) == Location("jobs/a.yaml", 4, 8)


def test_a_mistake_in_the_defaults_is_reported_there_and_once(project):
    project.write("gitrain.yaml", PROJECT.replace("spec:", "spec:\n  defaults: {Job: {retrys: 1}}"))
    for name in "abc":
        project.write(f"jobs/{name}.yaml", job(name))

    assert project.found() == ["gitrain.yaml:5:20 unknown-field"]


def test_vars_are_filled_in(project):
    project.write(
        "jobs/a.yaml",
        job(
            "a",
            '{command: "x ${{vars.nodes}}", resources: {instance_count: "${{ vars.nodes }}"}, '
            'inputs: {d: {path: "${{vars.data_root}}/train"}}}',
        ),
    )

    spec = project.job("a").resource.spec

    assert spec.command == "x 2"
    assert spec.resources.instance_count == 2
    assert spec.inputs["d"].path == "azureml://datastores/w/paths/pets/train"


def test_an_unknown_var_is_named_where_it_stands(project):
    project.write(
        "jobs/a.yaml", job("a", rest='overrides: {azure: {code: "${{vars.data_rot}}"}}\n')
    )

    (problem,) = project.loaded().problems

    assert (str(problem.location), problem.code) == ("jobs/a.yaml:5:21", "unknown-variable")
    assert problem.suggestion == "did you mean `data_root`?"


def test_a_document_that_is_the_same_everywhere_is_one(project):
    project.write(
        "jobs/a.yaml", job("a").replace("{name: a}", "{name: a, workspaces: [local, azure]}")
    )

    manifests = project.loaded().manifests

    assert manifests.documents("local")[0] is manifests.documents("azure")[0]


def test_a_broken_document_does_not_hide_the_others(project):
    project.write("jobs/a.yaml", "x: [")
    project.write("jobs/b.yaml", job("b"))

    loaded = project.loaded()

    assert [d.name for d in loaded.manifests.documents("azure")] == ["b"]
    assert len(loaded.problems) == 1


# The project file, and paths ----------------------------------------------------------------------


def test_the_project_is_found_from_below(project):
    deep = project.root / "jobs" / "deep"
    deep.mkdir()

    assert find_root(deep) == project.root.resolve()


def test_without_a_project_init_is_named(tmp_path):
    with pytest.raises(UsageError, match="gitrain init"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty-file"), ("a: [", "yaml-syntax"), (PROJECT + "---\na: 1\n", "too-many-documents")],
)
def test_a_bad_project_file_is_a_problem(project, text, code):
    project.write("gitrain.yaml", text)

    loaded = project.loaded()

    assert loaded.manifests is None
    assert [problem.code for problem in loaded.problems] == [code]


def test_problems_can_be_narrowed_to_paths(project):
    project.write("jobs/a/x.yaml", "x: [")
    project.write("jobs/b/x.yaml", "x: [")
    problems = project.loaded().problems

    narrowed = below(problems, [project.root / "jobs/a"], project.root)

    assert [problem.location.file for problem in narrowed] == ["jobs/a/x.yaml"]
    with pytest.raises(UsageError):
        below(problems, [project.root / "nosuch"], project.root)


# Files that manifests name ------------------------------------------------------------------------


def files_of(project, workspace="azure"):
    documents = project.loaded().manifests.documents(workspace)
    return read_files(documents, project.root, local=workspace == "local")


ENVIRONMENT = "apiVersion: gitrain/v1\nkind: Environment\nmetadata: {name: env}\nspec: {%s}\n"


def test_conda_and_requirements_files_are_read(project):
    project.write("jobs/e.yaml", ENVIRONMENT % "conda_file: c.yml, requirements_file: ../r.txt")
    project.write("jobs/c.yml", "dependencies: [python=3.11]\n")
    project.write("r.txt", "numpy\n")

    files, problems = files_of(project)

    assert problems == ()
    assert files.texts == {"r.txt": "numpy\n"}
    assert files.condas == {"jobs/c.yml": {"dependencies": ["python=3.11"]}}


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ("requirements_file: nosuch.txt", "missing-path"),
        ("requirements_file: ../../secret.txt", "outside-project"),
        ("requirements_file: /etc/passwd", "outside-project"),
        ("requirements_file: .", "wrong-type"),
        ("build: {path: nosuch}", "missing-path"),
        ("build: {path: 'https://github.com/x/y'}", "not-supported"),
    ],
)
def test_a_path_that_is_wrong_is_reported_at_its_field(project, spec, code):
    project.write("jobs/e.yaml", ENVIRONMENT % spec)

    problem = files_of(project)[1][0]

    assert (problem.code, problem.location.line) == (code, 4)
    assert problem.suggestion


def test_a_link_out_of_the_project_is_refused(project, tmp_path_factory):
    (project.root / "code").symlink_to(tmp_path_factory.mktemp("outside"))
    project.write("jobs/a.yaml", job("a", "{command: x, code: ../code}"))

    assert [problem.code for problem in files_of(project)[1]] == ["outside-project"]


def test_a_broken_conda_file_is_reported_in_that_file(project):
    project.write("jobs/e.yaml", ENVIRONMENT % "conda_file: c.yml")
    project.write("jobs/c.yml", "a: 1\na: 2\n")

    (problem,) = files_of(project)[1]

    assert (str(problem.location), problem.code) == ("jobs/c.yml:2:1", "duplicate-key")


def test_local_data_must_be_there(project):
    spec = "{command: x, inputs: {d: {path: data}, e: {path: 'azureml:x:1'}}}"
    project.write(
        "jobs/a.yaml", job("a", spec).replace("{name: a}", "{name: a, workspaces: [local]}")
    )

    (problem,) = files_of(project, "local")[1]

    assert (problem.code, problem.path) == ("missing-path", "spec.inputs.d.path")
