"""What is the same identity, and what is another: pairs through the whole pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.promises.identity.cases import INLINE, JOBS, REGISTRY, STORE, UPSTREAM, inputs, outputs
from tests.promises.identity.pipeline import a_document, a_job, a_version, resolved

CRLF = {
    "dockerfile": "FROM ubuntu\r\nRUN true\r\n",
    "requirements": "numpy==2.1\r\n",
}


def digest(root: Path, spec: dict[str, Any], *others: str, **given: Any) -> str:
    return a_job(root, spec, *others, **given).digest


SAME_JOBS = {
    "8 and '8'": (inputs(x=8), inputs(x="8")),
    "true and 'true'": (inputs(x=True), inputs(x="true")),
    "0.001 and its text": (inputs(x=0.001), inputs(x="0.001")),
    "1e-5 and its text": (inputs(x=1e-5), inputs(x="0.00001")),
    "1e20 and its text": (inputs(x=1e20), inputs(x="1e20")),
    "a value and a literal": (
        {"environment_variables": {"A": {"value": "1"}}},
        {"environment_variables": {"A": 1}},
    ),
    "an output and its defaults": (
        outputs(m={}),
        outputs(m={"type": "uri_folder", "mode": "rw_mount"}),
    ),
    "data and its defaults": (
        inputs(x={"path": STORE}),
        inputs(x={"path": STORE, "type": "uri_folder", "mode": "ro_mount", "fingerprint": "none"}),
    ),
    "one process and the default": (
        {"distribution": {"type": "mpi"}},
        {"distribution": {"type": "mpi", "process_count_per_instance": 1}},
    ),
    "all defaults spelled out": (
        {},
        {
            "experiment_name": "",
            "display_name": "",
            "code": "",
            "inputs": {},
            "outputs": {},
            "resources": {"instance_count": 1, "shm_size": "2g", "docker_args": ""},
            "environment_variables": {},
            "limits": {},
            "revision": 1,
            "retries": 0,
            "supersede": "cancel",
            "suspend": False,
            "checkpoints": False,
            "gates": [],
            "depends_on": [],
        },
    ),
    "code by another way to write its path": ({"code": "../src"}, {"code": ".././src/"}),
    "a variable of the workspace and its value": (
        inputs(x=8),
        inputs(x="${{vars.epochs}}"),
    ),
    "local, which is in no digest": (
        {"environment": INLINE},
        {"environment": {**INLINE, "local": {"python": "current"}}},
    ),
    "the revision of a password": (
        {"environment": {**INLINE, "registry": REGISTRY}},
        {"environment": {**INLINE, "registry": {**REGISTRY, "revision": 9}}},
    ),
    "line ends of a Dockerfile": (
        {"environment": {"dockerfile": "FROM u\nRUN true\n"}},
        {"environment": {"dockerfile": "FROM u\r\nRUN true\r\n"}},
    ),
}


@pytest.mark.parametrize("name", SAME_JOBS)
def test_it_is_the_same_job(name: str, tmp_path: Path) -> None:
    one, other = SAME_JOBS[name]

    assert digest(tmp_path / "1", one) == digest(tmp_path / "2", other)


@pytest.mark.parametrize("name", [name for name in JOBS if "another" not in name])
def test_the_same_spec_is_the_same_digest_under_any_name_project_and_workspace(
    name: str, tmp_path: Path
) -> None:
    spec = JOBS[name]
    one = digest(tmp_path / "1", spec, *([UPSTREAM] if "jobs." in str(spec) else []))
    upstream = UPSTREAM.replace('"azure"', '"other"')

    other = digest(
        tmp_path / "2",
        spec,
        *([upstream] if "jobs." in str(spec) else []),
        workspace="other",
        project="cats",
        name="another-name",
    )

    assert one == other


def test_local_and_azure_are_the_same_where_the_values_are(tmp_path: Path) -> None:
    spec = {"environment": {**INLINE, "local": {"python": "current"}}, "code": "../src"}

    assert digest(tmp_path / "1", spec) == digest(tmp_path / "2", spec, workspace="local")


def test_inline_and_named_are_the_same_environment(tmp_path: Path) -> None:
    named = a_document("Environment", "named", INLINE, workspaces=["azure"])

    one = digest(tmp_path / "1", {"environment": "named"}, named)

    assert one == digest(tmp_path / "2", {"environment": INLINE})


@pytest.mark.parametrize("field", ["dockerfile", "requirements"])
def test_windows_line_ends_are_the_same_environment(field: str, tmp_path: Path) -> None:
    if field == "dockerfile":
        one, other = {"dockerfile": "FROM ubuntu\nRUN true\n"}, {"dockerfile": CRLF["dockerfile"]}
    else:
        one = {**INLINE, "requirements_file": "../requirements.txt"}
        other = {**INLINE, "requirements_file": "../requirements-crlf.txt"}

    assert a_version(tmp_path / "1", one) == a_version(tmp_path / "2", other)


SAME_VERSIONS = {
    "the layout of a conda file": (
        {"conda_file": "../conda.yml"},
        {"conda_file": "../conda-same.yml"},
    ),
    "a conda file and the mapping itself": (
        {"conda_file": "../conda.yml"},
        {"conda_file": {"name": "c", "dependencies": ["python=3.11"]}},
    ),
    "local": (INLINE, {**INLINE, "local": {"python": "current"}}),
    "the default Dockerfile": (
        {"build": {"path": "../docker"}},
        {"build": {"path": "../docker", "dockerfile_path": "Dockerfile"}},
    ),
    "revision 1": (
        {**INLINE, "registry": REGISTRY},
        {**INLINE, "registry": {**REGISTRY, "revision": 1}},
    ),
    "8 and '8'": (
        {**INLINE, "environment_variables": {"A": 8}},
        {**INLINE, "environment_variables": {"A": {"value": "8"}}},
    ),
}


@pytest.mark.parametrize("name", SAME_VERSIONS)
def test_it_is_the_same_version(name: str, tmp_path: Path) -> None:
    one, other = SAME_VERSIONS[name]

    assert a_version(tmp_path / "1", one) == a_version(tmp_path / "2", other)


def test_the_name_and_description_of_an_environment_are_no_part_of_its_version(
    tmp_path: Path,
) -> None:
    def version(name: str, **metadata: object) -> str:
        document = a_document("Environment", name, INLINE, workspaces=["azure"], **metadata)
        return resolved(tmp_path / name, document).environments[0].version

    assert version("one") == version("two", description="d", labels={"a": "b"})


def by_file(spec: dict[str, Any], workspace: str = "azure") -> Callable[[Path, dict], str]:
    return lambda root, files: digest(root, spec, workspace=workspace, files=files)


def test_the_content_of_code_counts_and_what_is_ignored_does_not(tmp_path: Path) -> None:
    of = by_file({"code": "../src"})
    plain = of(tmp_path / "1", {"src/.amlignore": "*.tmp\n"})

    assert of(tmp_path / "2", {"src/.amlignore": "*.tmp\n", "src/x.tmp": "?"}) == plain
    assert of(tmp_path / "3", {"src/.amlignore": "*.tmp\n", "src/train.py": "new\n"}) != plain


def test_data_by_content_is_where_it_is_not_and_what_is_in_it(tmp_path: Path) -> None:
    def of(number: str, path: str, files: dict[str, str]) -> str:
        spec = {**inputs(x={"path": path, "fingerprint": "content"}), "environment": ""}
        return digest(tmp_path / number, spec, workspace="local", files=files)

    assert of("1", "../data", {}) == of("2", "../copy", {})
    assert of("1", "../data", {}) != of("3", "../data", {"data/a.txt": "changed\n"})


def test_data_by_path_is_where_it_is_and_not_what_is_in_it(tmp_path: Path) -> None:
    def of(number: str, path: str, files: dict[str, str]) -> str:
        spec = {**inputs(x={"path": path}), "environment": ""}
        return digest(tmp_path / number, spec, workspace="local", files=files)

    assert of("1", "../data", {}) == of("2", "../data", {"data/a.txt": "changed\n"})
    assert of("1", "../data", {}) != of("3", "../copy", {})


def test_an_edge_is_the_digest_of_the_job_it_comes_from_and_not_its_name(tmp_path: Path) -> None:
    taking = inputs(x="${{jobs.up.outputs.model}}")
    renamed = inputs(x="${{jobs.renamed.outputs.model}}")
    changed = UPSTREAM.replace("make ", "cook ")

    plain = digest(tmp_path / "1", taking, UPSTREAM)

    assert digest(tmp_path / "2", renamed, UPSTREAM.replace('"up"', '"renamed"')) == plain
    assert digest(tmp_path / "3", taking, changed) != plain


def test_the_environment_of_a_job_is_all_of_its_files(tmp_path: Path) -> None:
    spec = {"environment": {**INLINE, "requirements_file": "../requirements.txt"}}
    build = {"environment": {"build": {"path": "../docker"}}}

    plain, built = by_file(spec), by_file(build)

    assert plain(tmp_path / "1", {}) != plain(tmp_path / "2", {"requirements.txt": "numpy==2.2\n"})
    assert built(tmp_path / "3", {}) != built(tmp_path / "4", {"docker/Dockerfile": "FROM x\n"})


def test_a_secret_is_only_its_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = JOBS["secret by reference"]
    one = a_job(tmp_path / "1", spec)
    monkeypatch.setenv("HF_TOKEN", "canary")

    other = a_job(tmp_path / "2", spec)

    assert one.digest == other.digest
    assert "canary" not in str(other.canonical)
    assert other.canonical["environment_variables"] == {"HF_TOKEN": {"env": "HF_TOKEN"}}


def test_the_placement_of_a_run_is_written_as_it_ever_was(tmp_path: Path) -> None:
    """It is kept with each run and compared with later manifests: its names are frozen too."""
    spec = {
        "compute": "azureml:c",
        "limits": {"timeout": 60},
        "resources": {"shm_size": "8g", "docker_args": "--ipc=host"},
        "experiment_name": "nights",
        "checkpoints": True,
    }

    assert a_job(tmp_path, spec).placement == {
        "compute": "azureml:c",
        "limits.timeout": 60,
        "resources.shm_size": "8g",
        "resources.docker_args": "--ipc=host",
        "experiment_name": "nights",
        "checkpoints": True,
    }


def test_the_defaults_of_a_placement_are_left_out(tmp_path: Path) -> None:
    spec = {"resources": {"shm_size": "2g", "docker_args": ["--ipc", "host"]}}

    assert a_job(tmp_path, spec).placement == {
        "compute": "azureml:c",
        "resources.docker_args": ["--ipc", "host"],
        "experiment_name": "pets",
    }
