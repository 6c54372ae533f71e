"""Manifests and the contents of their files → what should exist in one workspace. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, cast

import msgspec

from gitrain import digest, fields
from gitrain.desired import (
    Code,
    DataPath,
    Definition,
    Desired,
    DesiredCluster,
    DesiredEnvironment,
    DesiredJob,
    EnvironmentUse,
    Input,
    Text,
    Upstream,
)
from gitrain.document import Document, Files, Manifests
from gitrain.expressions import literal, whole
from gitrain.manifest import (
    Cluster,
    Data,
    Environment,
    EnvironmentMetadata,
    EnvironmentSpec,
    Job,
    JobSpec,
    Registry,
    SecretReference,
    SshSettings,
    Value,
)

Kind = Literal["local", "azureml", "memory"]


class Checkout(msgspec.Struct, frozen=True):
    """What Git says of the tree that the manifests were read from."""

    commit: str = ""
    dirty: bool = False


def resolve(
    manifests: Manifests,
    workspace: str,
    files: Files,
    *,
    kind: Kind | None = None,
    checkout: Checkout | None = None,
    variants: frozenset[str] = frozenset(),
) -> Desired:
    """All resources that should exist in `workspace`, each with its digest.

    The manifests have passed the rules: every name is found, and jobs form no cycle. `variants` are
    the names of jobs whose values were changed by hand for one run.
    """
    project = manifests.project
    target = project.spec.workspaces[workspace]
    kind = kind or cast(Kind, target.__struct_config__.tag)
    documents = manifests.documents(workspace)
    environments = {d.name: d for d in documents if isinstance(d.resource, Environment)}
    builder = _Builder(project.metadata.name, files, environments, variants)
    jobs = [builder.job(document) for document in in_order(documents)]
    specs = [d.resource.spec for d in documents if isinstance(d.resource, (Job, Environment))]
    inline = [s.environment for s in specs if isinstance(s, JobSpec)]
    specs += [environment for environment in inline if isinstance(environment, EnvironmentSpec)]
    local = kind == "local"
    return Desired(
        project=project.metadata.name,
        workspace=workspace,
        kind=kind,
        clusters=()
        if local
        else tuple(_cluster(d) for d in documents if isinstance(d.resource, Cluster)),
        environments=() if local else builder.environments(),
        jobs=tuple(jobs),
        policy=project.spec.policy,
        commit=checkout.commit if checkout else "",
        dirty=checkout.dirty if checkout else False,
        unsupported=manifests.unsupported,
        notes=_notes(workspace, fields.ignored(kind, specs)),
        warnings=manifests.warnings,
    )


def _notes(workspace: str, ignored: tuple[str, ...]) -> tuple[str, ...]:
    if not ignored:
        return ()
    return (f"on {workspace} these fields have no meaning: {', '.join(ignored)}",)


def _cluster(document: Document) -> DesiredCluster:
    assert isinstance(document.resource, Cluster)
    return DesiredCluster(
        name=document.name,
        metadata=document.resource.metadata,
        spec=document.resource.spec,
        secrets=_ssh_secrets(document.resource.spec.ssh_settings),
        location=document.location,
    )


def upstream_of(job: Job) -> tuple[str, ...]:
    """The jobs whose outputs this one takes, and those it depends on; sorted, once each."""
    taken = {edge.job for edge in map(as_upstream, job.spec.inputs.values()) if edge}
    return tuple(sorted(taken | set(job.spec.depends_on)))


def as_upstream(value: object) -> Upstream | None:
    """The edge that an input is, when it is another job's output."""
    expression = whole(value.path if isinstance(value, Data) else value)
    if expression is None or expression.scope != "jobs":
        return None
    return Upstream(job=expression.name, output=expression.output)


def in_order(documents: Iterable[Document]) -> list[Document]:
    """The jobs, each after its upstream, and otherwise by name. Jobs on a cycle are left out."""
    waiting = {d.name: d for d in documents if isinstance(d.resource, Job)}
    order: dict[str, Document] = {}
    needs = {name: upstream_of(cast(Job, d.resource)) for name, d in waiting.items()}
    followers: dict[str, list[str]] = {}
    missing = {name: sum(u in waiting for u in upstream) for name, upstream in needs.items()}
    for name, upstream in needs.items():
        for before in upstream:
            followers.setdefault(before, []).append(name)
    ready = sorted((name for name, count in missing.items() if not count), reverse=True)
    while ready:
        name = ready.pop()
        order[name] = waiting[name]
        for follower in sorted(followers.get(name, ()), reverse=True):
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return list(order.values())


class _Builder:
    """Builds the jobs in order, so that each finds the digests of its upstream."""

    def __init__(
        self,
        project: str,
        files: Files,
        environments: Mapping[str, Document],
        variants: frozenset[str],
    ) -> None:
        self._project = project
        self._files = files
        self._named = {name: self._environment(document) for name, document in environments.items()}
        self._inline: dict[str, DesiredEnvironment] = {}
        self._variants = variants
        self._jobs: dict[str, DesiredJob] = {}

    def environments(self) -> tuple[DesiredEnvironment, ...]:
        """Every named environment, and every version that a job defines inline."""
        return (*self._named.values(), *(self._inline[v] for v in sorted(self._inline)))

    def _environment(self, document: Document) -> DesiredEnvironment:
        assert isinstance(document.resource, Environment)
        definition = self._definition(document, document.resource.spec)
        return DesiredEnvironment(
            name=document.name,
            metadata=document.resource.metadata,
            version=digest.environment_version(definition),
            definition=definition,
            secrets=_registry_secrets(definition.registry),
            location=document.location,
        )

    def _definition(self, document: Document, spec: EnvironmentSpec) -> Definition:
        folder = document.path(spec.build.path) if spec.build else ""
        conda = spec.conda_file
        if isinstance(conda, str):
            conda = self._files.condas[document.path(conda)] if conda else None
        requirements = spec.requirements_file
        return Definition(
            image=spec.image,
            dockerfile=spec.dockerfile,
            build=spec.build,
            build_tree=self._files.trees[folder] if folder else "",
            conda=conda,
            requirements=self._files.texts[document.path(requirements)] if requirements else "",
            environment_variables=_variables(spec.environment_variables),
            registry=spec.registry,
            folder=folder,
        )

    def _use(self, document: Document, job: Job) -> EnvironmentUse | None:
        environment = job.spec.environment
        if isinstance(environment, str):
            if not environment:
                return None
            if environment.startswith("azureml:"):
                _, name, version = environment.split(":", 2)
                return EnvironmentUse(name=name, version=version)
            named = self._named[environment]
            return EnvironmentUse(
                name=named.name, version=named.version, definition=named.definition
            )
        definition = self._definition(document, environment)
        version = digest.environment_version(definition)
        name = inline_name(self._project)
        self._inline.setdefault(
            version,
            DesiredEnvironment(
                name=name,
                metadata=EnvironmentMetadata(name=name),
                version=version,
                definition=definition,
                secrets=_registry_secrets(definition.registry),
                location=document.marks.at(("spec", "environment")),
            ),
        )
        return EnvironmentUse(name=name, version=version, definition=definition)

    def job(self, document: Document) -> DesiredJob:
        job = document.resource
        assert isinstance(job, Job)
        use = self._use(document, job)
        folder = document.path(job.spec.code) if job.spec.code else ""
        code = Code(folder=folder, tree=self._files.trees[folder]) if folder else None
        inputs = {name: self._input(document, value) for name, value in job.spec.inputs.items()}
        upstream_digests = {name: self._jobs[name].digest for name in upstream_of(job)}
        canonical = digest.canonical_job(
            job.spec,
            {
                name: digest.canonical_input(
                    job.spec.inputs[name],
                    resolved,
                    upstream_digests,
                    self._content(document, job, name),
                )
                for name, resolved in inputs.items()
            },
            code.tree if code else "",
            _environment_identity(use),
        )
        desired = DesiredJob(
            name=document.name,
            metadata=job.metadata,
            spec=job.spec,
            digest=digest.digest(canonical),
            canonical=canonical,
            placement=digest.canonical_placement(
                job.spec, job.spec.experiment_name or self._project
            ),
            parts=_parts(
                canonical,
                {
                    u.job: upstream_digests[u.job]
                    for u in inputs.values()
                    if isinstance(u, Upstream)
                },
            ),
            inputs=inputs,
            upstream=upstream_of(job),
            environment=use,
            code=code,
            secrets=_secrets(job, use),
            variant=document.name in self._variants,
            location=document.location,
        )
        self._jobs[document.name] = desired
        return desired

    def _content(self, document: Document, job: Job, name: str) -> str:
        value = job.spec.inputs[name]
        if isinstance(value, Data) and value.fingerprint == "content":
            return self._files.contents[document.path(value.path)]
        return ""

    def _input(self, document: Document, value: str | int | float | bool | Data) -> Input:
        if edge := as_upstream(value):
            declared = self._jobs[edge.job].spec.outputs[edge.output]
            mode = value.mode if isinstance(value, Data) else edge.mode
            return msgspec.structs.replace(edge, type=declared.type, mode=mode)
        if isinstance(value, Data):
            path = value.path if is_remote(value.path) else document.path(value.path)
            return DataPath(type=value.type, path=path, mode=value.mode)
        return Text(literal(value))


def inline_name(project: str) -> str:
    """The name under which a project's inline environments are registered."""
    return f"{project}-inline"


def is_remote(path: str) -> bool:
    """Whether a data path is an address or an asset, rather than a place in the file system."""
    return "://" in path or path.startswith("azureml:")


def _environment_identity(use: EnvironmentUse | None) -> str:
    if use is None:
        return ""
    if use.definition is None:
        return f"azureml:{use.name}:{use.version}"
    return digest.environment_digest(use.definition)


def _parts(canonical: Mapping[str, object], upstream: Mapping[str, str]) -> dict[str, str]:
    """The digests that a digest is made of: of the source tree, the environment, each job it takes
    from, and of all the rest."""
    rest = {name: value for name, value in canonical.items() if name not in ("code", "environment")}
    named = {name: str(canonical[name]) for name in ("code", "environment") if name in canonical}
    return {
        **named,
        **{f"jobs.{job}": d for job, d in upstream.items()},
        "spec": digest.digest(rest),
    }


def _variables(variables: Mapping[str, str | int | float | bool | Value]) -> dict[str, str | Value]:
    return {n: v if isinstance(v, Value) else literal(v) for n, v in variables.items()}


def _secrets(job: Job, use: EnvironmentUse | None) -> tuple[str, ...]:
    """The environment variables that must be set when this job is submitted, sorted.

    Those of a registry are needed when the environment is registered, not here.
    """
    variables = dict(job.spec.environment_variables)
    if use and use.definition:
        variables = {**use.definition.environment_variables, **variables}
    found = {v.env for v in variables.values() if isinstance(v, Value) and v.env is not None}
    return tuple(sorted(found))


def _registry_secrets(registry: Registry | None) -> tuple[str, ...]:
    given = (registry.username, registry.password) if registry else ()
    return _names(given)


def _ssh_secrets(settings: SshSettings | None) -> tuple[str, ...]:
    given = (settings.admin_password, settings.ssh_key_value) if settings else ()
    return _names(given)


def _names(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({v.env for v in values if isinstance(v, SecretReference)}))
