"""New files: a whole repository, or one manifest. Never overwrites."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gitrain import __version__
from gitrain.atomic import write_atomically
from gitrain.commands.show import as_yaml
from gitrain.errors import UsageError
from gitrain.expressions import find
from gitrain.load.manifests import find_root
from gitrain.project.settings import parsed
from gitrain.schema import generate

# Files that Git or a reader of our own tree would act on have a plain name there.
_RENAMED = {"gitignore": ".gitignore", "ci-run": ".ci/run"}
# Files that a repository may already have, and keeps.
_WORKFLOWS = ".github/workflows"
_ANYONES = (".gitignore", ".ci/", ".github/")

_GITHUB = """
On GitHub:
  1. Set where CI gets gitrain from in .github/requirements.txt: pull requests are planned offline.
     Before CI gets an identity that can write, lock what it installs, with hashes (uv pip compile).
  2. Create the environments plan, reconcile (branch main only) and variant (with required
     reviewers; without them leave it out), each with AZURE_TENANT_ID and AZURE_CLIENT_ID of an
     identity of its own that trusts it; for plan, one that can only read.
  3. Set the repository variable GITRAIN_WORKSPACE: from then on, merges are reconciled.
The commands are in gitrain's docs/how-to/github.md."""


def scaffold(folder: Path, template: str) -> Iterator[str]:
    """Write the files of a template below `folder`; yields a line for each, and what to do next."""
    files = dict(_files(template))
    there = [name for name in files if (folder / name).exists()]
    if ours := [name for name in there if not name.startswith(_ANYONES)]:
        raise UsageError(f"{folder / ours[0]} already exists; nothing was written")
    try:
        yield from _write_files(folder, {name: files[name] for name in files if name not in there})
    except OSError:  # none of them existed before: a second try must not find them either
        for name in files.keys() - there:
            (folder / name).unlink(missing_ok=True)
        raise
    for name in sorted(there):
        yield f"kept {folder / name} (already exists)"
    requirements = folder / ".github" / "requirements.txt"
    if not requirements.exists():
        write_atomically(requirements, f"{_ORIGIN}{_requirement()}\n".encode())
        yield f"wrote {requirements}"
    generate.write(folder / "schemas" / "v1")
    yield f"wrote {folder / 'schemas' / 'v1'}"
    project = folder / "gitrain.yaml"
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-_")[:40] or "demo"
    text = project.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^  name: .*$", f"  name: {name}", text, count=1)
    write_atomically(project, text.encode())
    yield _GITHUB
    yield from _next(folder, template)


def _next(folder: Path, template: str) -> Iterator[str]:
    """The commands that lead to a first run. Runs of the fastai template use this Python."""
    steps = [] if folder == Path() else [f"cd {shlex.quote(str(folder))}"]
    if not (folder / ".git").exists():
        steps.append("git init")
    if template == "fastai" and importlib.util.find_spec("fastai") is None:
        yield "\nTraining needs fastai and PyTorch, which are not installed here. Install either"
        yield "gitrain[train] or training/requirements.txt."
        steps.append("pip install -r training/requirements.txt")
    yield f"\nNext: {' && '.join((*steps, 'gitrain reconcile --wait'))}"


_ORIGIN = """\
# Where the workflows get gitrain from: a wheel in this repository, a Git address, an index.
"""


def _requirement() -> str:
    """The gitrain that is running, as pip names it. If it came from a folder, a wheel to be put
    there, and not a name: whoever owns that name in a public index must not get into CI."""
    text = importlib.metadata.distribution("gitrain").read_text("direct_url.json")
    if text is None:
        return f"gitrain[github]=={__version__}"
    origin = json.loads(text)
    if git := origin.get("vcs_info"):
        return f"gitrain[github] @ {git['vcs']}+{origin['url']}@{git['commit_id']}"
    return f"./.github/gitrain-{__version__}-py3-none-any.whl[github]"


def _write_files(folder: Path, files: Mapping[str, Path]) -> Iterator[str]:
    for name, source in sorted(files.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / name, source.read_bytes())
        yield f"wrote {folder / name}"


def _files(template: str) -> Iterator[tuple[str, Path]]:
    """Each file of a template, by its path in the new repository."""
    templates = Path(__file__).parents[1] / "templates"
    yield from _below(templates / "repository", "")
    yield from _below(generate.data(_WORKFLOWS), f"{_WORKFLOWS}/")
    if template == "basic":
        yield from _below(templates / "basic", "")
        return
    # The fastai template is this project's own example.
    yield "gitrain.yaml", generate.data("gitrain.yaml")
    for part in ("jobs", "training"):
        yield from _below(generate.data(part), f"{part}/")


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not {"__pycache__", "outputs", ".mypy_cache"} & set(name.parts):
            yield prefix + _RENAMED.get(name.as_posix(), name.as_posix()), path


def write_job(
    folder: Path,
    name: str,
    spec: Mapping[str, str | None],
    workspaces: Sequence[str],
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> Path:
    """Write jobs/NAME.yaml in the project that `folder` is in; the path of the code, relative to
    `folder`, becomes relative to the manifest."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise UsageError(f"{name!r} is not a valid job name: use letters, digits, - and _")
    file = find_root(folder) / "jobs" / f"{name}.yaml"
    if file.exists():
        raise UsageError(f"{file} already exists")
    written = {key: value for key, value in spec.items() if value}
    if "code" in written:
        code = folder.resolve() / written["code"]
        if not code.is_dir():
            raise UsageError(f"--code {written['code']}: there is no such folder")
        written["code"] = Path(os.path.relpath(code, file.parent)).as_posix()
    if wrong := next((pair for pair in inputs if "=" not in pair), None):
        raise UsageError(f"--input {wrong}: write NAME=VALUE")
    values = dict(pair.partition("=")[::2] for pair in inputs)
    _refuse_undeclared(spec.get("command") or "", values, outputs)
    manifest = {
        "apiVersion": "gitrain/v1",
        "kind": "Job",
        "metadata": {"name": name, **({"workspaces": list(workspaces)} if workspaces else {})},
        "spec": {
            **written,
            **(
                {"inputs": {key: parsed(f"--input {key}", text) for key, text in values.items()}}
                if values
                else {}
            ),
            **({"outputs": {key: {"type": "uri_folder"} for key in outputs}} if outputs else {}),
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, as_yaml(manifest).encode())
    return file


def _refuse_undeclared(command: str, inputs: Iterable[str], outputs: Iterable[str]) -> None:
    """A command that uses what is not declared would make the manifest invalid at once."""
    declared = {"inputs": {*inputs}, "outputs": {*outputs}}
    for used in find(command):
        if used.scope in declared and used.name not in declared[used.scope]:
            option = f"--{used.scope.removesuffix('s')} {used.name}"
            option += "=VALUE" if used.scope == "inputs" else ""
            raise UsageError(f"the command uses {used.scope}.{used.name}: add {option}")
