"""New files: a whole repository, or one manifest. Never overwrites."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gitrain import schema
from gitrain.atomic import write_atomically
from gitrain.commands.showing import as_yaml
from gitrain.errors import UsageError
from gitrain.load.manifests import find_root, parse_value

# Files that Git itself would heed in our own tree stand there under a plain name.
_RENAMED = {"gitignore": ".gitignore"}


def scaffold(folder: Path, template: str) -> Iterator[str]:
    """Write the files of a template below `folder`; yields a line for each, and what to do next."""
    files = dict(_files(template))
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise UsageError(f"{folder / there[0]} exists already; nothing was written")
    try:
        for name, source in sorted(files.items()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / name, source.read_bytes())
            yield f"wrote {folder / name}"
    except OSError:  # none of them was there before: a second try must find none either
        for name in files:
            (folder / name).unlink(missing_ok=True)
        raise
    schema.write(folder / "schemas" / "v1")
    yield f"wrote {folder / 'schemas' / 'v1'}"
    project = folder / "gitrain.yaml"
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-_")[:40] or "demo"
    text = project.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^  name: .*$", f"  name: {name}", text, count=1)
    write_atomically(project, text.encode())
    git = "" if (folder / ".git").exists() else "git init && "
    yield f"\nNext: cd {folder} && {git}gitrain reconcile --wait"


def _files(template: str) -> Iterator[tuple[str, Path]]:
    """Each file of a template, by its path in the new repository."""
    if template == "basic":
        yield from _below(Path(__file__).parents[1] / "templates" / "basic", "")
        return
    # The fastai template is this project's own example.
    yield "gitrain.yaml", schema.data("gitrain.yaml")
    yield ".gitignore", Path(__file__).parents[1] / "templates" / "basic" / "gitignore"
    for part in ("jobs", "training"):
        yield from _below(schema.data(part), f"{part}/")


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
        raise UsageError(f"{name!r} is no job's name: letters, digits, - and _")
    file = find_root(folder) / "jobs" / f"{name}.yaml"
    if file.exists():
        raise UsageError(f"{file} exists already")
    written = {key: value for key, value in spec.items() if value}
    if "code" in written:
        code = folder.resolve() / written["code"]
        if not code.is_dir():
            raise UsageError(f"--code {written['code']}: there is no such folder")
        written["code"] = Path(os.path.relpath(code, file.parent)).as_posix()
    if wrong := next((pair for pair in inputs if "=" not in pair), None):
        raise UsageError(f"--input {wrong}: write NAME=VALUE")
    values = dict(pair.partition("=")[::2] for pair in inputs)
    manifest = {
        "apiVersion": "gitrain/v1",
        "kind": "Job",
        "metadata": {"name": name, **({"workspaces": list(workspaces)} if workspaces else {})},
        "spec": {
            **written,
            **(
                {"inputs": {key: parse_value(text) for key, text in values.items()}}
                if values
                else {}
            ),
            **({"outputs": {key: {"type": "uri_folder"} for key in outputs}} if outputs else {}),
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, as_yaml(manifest).encode())
    return file
