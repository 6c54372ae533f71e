"""gitrain validate"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common
from gitrain.errors import Exit, Problem, Severity, has_errors
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import print_problems


@click.command("validate")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@common("json", "markdown", "github", workspace=False)
def command(invocation: Invocation, paths: tuple[Path, ...]) -> int:
    """Check all manifests, offline: syntax, schema, rules, policy.

    Reports the problems of all files, each with its place; what a document breaks of the schema
    comes first, and the rules are tried once it fits. With PATHs, only those of these files and
    folders; all manifests are read all the same, since they refer to each other. `gitrain explain
    CODE` says what the code of a problem means, such as unknown-field.

    \b
    Examples:
      gitrain validate
      gitrain validate jobs/resnet.yaml -o json

    Exits 3 when a manifest is invalid, 4 when only a policy forbids it. Warnings change nothing.
    """
    found, files = _problems(invocation, paths)
    print_problems(invocation, found, files)
    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    if not errors:
        return Exit.OK
    return Exit.REFUSED if all(p.code == "policy" for p in errors) else Exit.INVALID


def _problems(invocation: Invocation, paths: tuple[Path, ...]) -> tuple[tuple[Problem, ...], int]:
    from gitrain.load.manifests import at_or_below, below, find_root, load
    from gitrain.project.homes import home_problems
    from gitrain.project.problems import problems_of
    from gitrain.source.repository import Repository
    from gitrain.yaml.cache import Cache

    root = find_root(invocation.directory.resolve())
    cache = Cache(root)
    loaded = load(root, parser=cache.parse)
    problems = problems_of(loaded, root, cache.parse)
    if loaded.manifests:
        problems = (*problems, *home_problems(loaded.manifests, root, Repository(root)))
        problems = tuple(sorted(problems, key=lambda problem: problem.order))
    if not has_errors(problems):
        cache.save()
    documents = loaded.manifests.all() if loaded.manifests else ()
    ours = at_or_below(paths or (root,), root)
    count = len({document.location for document in documents if ours(document.file)})
    return (below(problems, paths, root) if paths else problems), count
