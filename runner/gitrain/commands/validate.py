"""gitrain validate"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common
from gitrain.errors import Exit, Problem, Severity, has_errors
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import print_problems


@click.command("validate")
@click.argument(
    "paths", nargs=-1, metavar="[PATH]...", type=click.Path(exists=True, path_type=Path)
)
@common("json", "markdown", "github", workspace=False)
def command(invocation: Invocation, paths: tuple[Path, ...]) -> int:
    """Check all manifests offline: syntax, schema, rules and policy.

    Reports the problems of all files, each with its place. The rules are checked only for documents
    that fit the schema. With PATHs, reports only the problems in these files and folders; all
    manifests are still read, because they refer to each other. `gitrain explain CODE` explains the
    code of a problem, such as unknown-field.

    \b
    Examples:
      gitrain validate
      gitrain validate jobs/resnet.yaml -o json

    Exits 3 if a manifest is invalid, 4 if only a policy forbids it. Warnings do not affect the
    exit code.
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
