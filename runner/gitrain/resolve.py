"""Manifests and the contents of their files → what should exist in one workspace. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from gitrain import assets, digest
from gitrain.desired import (
    Code,
    DataPath,
    Definition,
    Desired,
    DesiredAsDeclared,
    DesiredCluster,
    DesiredEnvironment,
    DesiredJob,
    DesiredResource,
    EnvironmentUse,
    Input,
    Text,
    Upstream,
)
from gitrain.document import Document, Files, Manifests
from gitrain.expressions import literal
from gitrain.graph import as_upstream, in_order, upstream_of
from gitrain.kinds import KINDS, found
from gitrain.manifest import (
    Cluster,
    Data,
    Environment,
    EnvironmentMetadata,
    EnvironmentSpec,
    Job,
    JobSpec,
    Value,
)
from gitrain.secrets import needed as references
from gitrain.workspace_types import Environments, WorkspaceType, workspace_type


class Checkout(msgspec.Struct, frozen=True):
    """What Git says about the tree that the manifests were read from."""

    commit: str = ""
    dirty: bool = False
    left_out: int = 0


def resolve(
    manifests: Manifests,
    workspace: str,
    files: Files,
    *,
    checkout: Checkout | None = None,
    variants: frozenset[str] = frozenset(),
) -> Desired:
    """All resources that should exist in `workspace`, each with its digest.

    The manifests have passed the rules: every name exists, and jobs form no cycle. `variants` are
    the names of jobs whose values were changed by hand for one run.
    """
    project = manifests.project
    where = workspace_type(project.spec.workspaces[workspace])
    documents = manifests.documents(workspace)
    among = Resolving(project.metadata.name, files, documents, where, variants)
    specs = [d.resource.spec for d in documents if isinstance(d.resource, (Job, Environment))]
    inline = [s.environment for s in specs if isinstance(s, JobSpec)]
    specs += [environment for environment in inline if isinstance(environment, EnvironmentSpec)]
    return Desired(
        project=project.metadata.name,
        workspace=workspace,
        type=where,
        resources={row.name: found(row.resolve)(row.name, among) for row in KINDS.values()},
        policy=project.spec.policy,
        commit=checkout.commit if checkout else "",
        dirty=checkout.dirty if checkout else False,
        left_out=checkout.left_out if checkout else 0,
        unsupported=manifests.unsupported,
        notes=_notes(workspace, where.ignored(specs)),
        warnings=manifests.warnings,
    )


def _notes(workspace: str, ignored: tuple[str, ...]) -> tuple[str, ...]:
    if not ignored:
        return ()
    return (f"these fields are ignored on {workspace}: {', '.join(ignored)}",)


def as_declared(kind: str, among: Resolving) -> tuple[DesiredResource, ...]:
    """The resources of a kind that manifests describe completely."""
    return tuple(
        DesiredAsDeclared(
            kind=kind,
            name=document.name,
            metadata=document.resource.metadata,
            spec=document.resource.spec,
            location=document.location,
        )
        for document in among.of(kind)
    )


def clusters(kind: str, among: Resolving) -> tuple[DesiredCluster, ...]:
    """Every cluster, if clusters are resources there."""
    return tuple(map(_cluster, among.of(kind))) if among.where.clusters else ()


def environments(kind: str, among: Resolving) -> tuple[DesiredEnvironment, ...]:
    """Every version of every environment, if environments are registered there."""
    del kind
    registered = among.where.environments is Environments.REGISTERED
    return among.environments() if registered else ()


def jobs(kind: str, among: Resolving) -> tuple[DesiredJob, ...]:
    """Every job, after those that it waits for."""
    del kind
    return among.jobs()


def _cluster(document: Document) -> DesiredCluster:
    assert isinstance(document.resource, Cluster)
    return DesiredCluster(
        name=document.name,
        metadata=document.resource.metadata,
        spec=document.resource.spec,
        secrets=references.of_ssh(document.resource.spec.ssh_settings),
        location=document.location,
    )


class Resolving:
    """Turns the documents of a workspace into desired resources: a job may name an environment or
    define one inline, and its digest includes the digests of its upstream jobs."""

    def __init__(
        self,
        project: str,
        files: Files,
        documents: tuple[Document, ...],
        where: WorkspaceType,
        variants: frozenset[str],
    ) -> None:
        self.where = where
        self._documents = documents
        self._project = project
        self._files = files
        named = (d for d in documents if isinstance(d.resource, Environment))
        self._named = {document.name: self._environment(document) for document in named}
        self._inline: dict[str, DesiredEnvironment] = {}
        self._variants = variants
        self._jobs: dict[str, DesiredJob] = {}
        for document in in_order(documents):
            self._jobs[document.name] = self._job(document)

    def of(self, kind: str) -> Iterator[Document]:
        """The documents of one kind."""
        return (document for document in self._documents if document.kind == kind)

    def jobs(self) -> tuple[DesiredJob, ...]:
        """Every job, after those that it waits for."""
        return tuple(self._jobs.values())

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
            secrets=references.of_registry(definition.registry),
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
            ours = assets.named(environment, self._named)
            if not ours and (existing := assets.parse(environment)):
                return EnvironmentUse(name=existing.name, version=existing.version)
            named = self._named[ours]
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
                secrets=references.of_registry(definition.registry),
                location=document.marks.at(("spec", "environment")),
            ),
        )
        return EnvironmentUse(name=name, version=version, definition=definition)

    def _job(self, document: Document) -> DesiredJob:
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
        return DesiredJob(
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
            secrets=references.of_job(job, use),
            variant=document.name in self._variants,
            location=document.location,
        )

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
            path = value.path if assets.is_remote(value.path) else document.path(value.path)
            return DataPath(type=value.type, path=path, mode=value.mode)
        return Text(literal(value))


def inline_name(project: str) -> str:
    """The name under which a project's inline environments are registered."""
    return f"{project}-inline"


def _environment_identity(use: EnvironmentUse | None) -> str:
    if use is None:
        return ""
    if use.definition is None:
        return str(assets.Asset(use.name, use.version))
    return digest.environment_digest(use.definition)


def _parts(canonical: Mapping[str, object], upstream: Mapping[str, str]) -> dict[str, str]:
    """The parts of a digest: the digests of the source tree, the environment, each job whose
    outputs it takes, and everything else."""
    rest = {name: value for name, value in canonical.items() if name not in ("code", "environment")}
    named = {name: str(canonical[name]) for name in ("code", "environment") if name in canonical}
    return {
        **named,
        **{f"jobs.{job}": d for job, d in upstream.items()},
        "spec": digest.digest(rest),
    }


def _variables(variables: Mapping[str, str | int | float | bool | Value]) -> dict[str, str | Value]:
    return {n: v if isinstance(v, Value) else literal(v) for n, v in variables.items()}
