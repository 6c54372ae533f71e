"""Codes of clusters and environments, of names, and of what the project's policy forbids."""

from gitrain.problems.row import (
    AZURE,
    PROJECT,
    Example,
    Row,
    a_job,
    a_project,
    files,
    local,
    resource,
)


def _cluster(spec: str) -> Example:
    return files({"gitrain.yaml": AZURE, "jobs/gpu.yaml": resource("Cluster", "gpu", spec)})


def _environment(spec: str, project: str = AZURE, name: str = "python") -> Example:
    manifest = resource("Environment", name, spec)
    return files({"gitrain.yaml": project, "jobs/python.yaml": manifest})


_SIZE = "size: Standard_NC4as_T4_v3\n"
_PRIVATE = "image: pets.azurecr.io/train:3\n"

ROWS = (
    Row(
        "local-requirement",
        "requirements that name another file",
        "An environment is built elsewhere, from the text of its requirements or conda file alone: "
        "another file (`-r`, `-c`) or a package in a folder (`-e ./x`, `./x`) is not there, and "
        "edits of it would not change the environment's digest. Write the lines into one file; "
        "a package of your own belongs into the job's `code`, or into a `build` folder.",
        files(
            {
                "jobs/env.yaml": resource("Environment", "pets", "requirements_file: all.txt"),
                "jobs/all.txt": "-r base.txt\n",
                "jobs/base.txt": "six==1.16.0\n",
            }
        ),
        files(
            {
                "jobs/env.yaml": resource("Environment", "pets", "requirements_file: all.txt"),
                "jobs/all.txt": "six==1.16.0\n",
            }
        ),
    ),
    Row(
        "nothing-to-copy",
        "an inline dockerfile that copies files",
        "An image is built from a folder, and the text of `dockerfile` has none, so `COPY` and "
        "`ADD` find no file and the build fails. Put the Dockerfile into a folder with the files, "
        "and write `build: {path: FOLDER}`. Copies from another stage (`--from=`) and downloads "
        "are right in either place.",
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/env.yaml": resource(
                    "Environment", "pets", "dockerfile: |\n  FROM ubuntu:24.04\n  COPY a /b"
                ),
            }
        ),
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/env.yaml": resource("Environment", "pets", "build: {path: ../image}"),
                "image/Dockerfile": "FROM ubuntu:24.04\nCOPY a /b\n",
                "image/a": "one\n",
            }
        ),
    ),
    Row(
        "bounds",
        "a cluster whose minimum number of nodes exceeds its maximum",
        "`min_instances` is the number of nodes to keep when idle, `max_instances` the maximum: "
        "the first cannot be larger. Lower one or raise the other.",
        _cluster(_SIZE + "min_instances: 3\nmax_instances: 2"),
        _cluster(_SIZE + "min_instances: 2\nmax_instances: 3"),
    ),
    Row(
        "identity",
        "a cluster's identity that does not match its type",
        "`user_assigned` needs the resource ids of the identities, and `system_assigned` takes "
        "none because Azure creates that identity itself. Azure would refuse the cluster only "
        "after the merge.",
        _cluster(_SIZE + "max_instances: 2\nidentity: {type: user_assigned}"),
        _cluster(_SIZE + "max_instances: 2\nidentity: {type: system_assigned}"),
    ),
    Row(
        "ssh",
        "an administrator's account without a way to sign in",
        "`ssh_settings` names an account for the cluster's nodes, and needs a password or a public "
        "key for it. Both are references: `{env: NAME}` reads the value where reconcile runs.",
        _cluster(_SIZE + "max_instances: 2\nssh_settings: {admin_username: ada}"),
        _cluster(
            _SIZE + "max_instances: 2\n"
            "ssh_settings: {admin_username: ada, ssh_key_value: {env: SSH_KEY}}"
        ),
    ),
    Row(
        "unknown-size",
        "a VM size that gitrain does not know",
        "Azure may still have the size, so this is a warning. But gitrain does not know how many "
        "GPUs it has: the GPU-hours of a plan have no upper bound, and a policy with "
        "`max_gpu_hours` refuses it. Check the spelling.",
        _cluster("size: Standard_NC4as_T4_v4\nmax_instances: 2"),
        _cluster(_SIZE + "max_instances: 2"),
    ),
    Row(
        "retired-size",
        "a VM size that Azure has retired",
        "New machines of this size can no longer be created, so the cluster would stay empty. Use "
        "the size that the message suggests.",
        _cluster("size: Standard_NC6\nmax_instances: 2"),
        _cluster(_SIZE + "max_instances: 2"),
    ),
    Row(
        "several-images",
        "an environment that defines its image more than once",
        "`image`, `dockerfile` and `build` each say which container image to use. If two of them "
        "were given, one would be ignored. Keep one.",
        _environment("image: python:3.12\ndockerfile: FROM python:3.12"),
        _environment("image: python:3.12"),
    ),
    Row(
        "no-image",
        "an environment without an image on Azure ML",
        "Azure ML runs jobs in containers, so an environment there needs `image`, `dockerfile`, "
        "`build` or a `conda_file`. Requirements alone are enough only on a local workspace.",
        _environment("environment_variables: {MODE: test}"),
        _environment("image: python:3.12\nenvironment_variables: {MODE: test}"),
    ),
    Row(
        "no-local-python",
        "an environment that does not say which Python to use on this machine",
        "A local workspace uses no containers: a run has either a virtual environment, installed "
        "from `requirements_file`, or the Python that runs gitrain, with `local: {python: "
        "current}`. gitrain does not choose for you, because the results may differ.",
        _environment("image: python:3.12", PROJECT),
        _environment("image: python:3.12\nlocal: {python: current}", PROJECT),
    ),
    Row(
        "registry",
        "contradictory credentials for a container registry",
        "A private registry needs either a managed identity, or a user name together with a "
        "password. Remove what does not belong, or add what is missing.",
        _environment(_PRIVATE + "registry: {address: pets.azurecr.io, username: ada}"),
        _environment(
            _PRIVATE
            + "registry: {address: pets.azurecr.io, username: ada, password: {env: REGISTRY_KEY}}"
        ),
    ),
    Row(
        "stale-image",
        "a container image that is no longer maintained",
        "The image still exists, but gets no security fixes and no new versions of its packages. "
        "Build on a maintained image, and pin it by tag or digest.",
        _environment("image: fastdotai/fastai"),
        _environment("image: python:3.12"),
    ),
    Row(
        "reserved-name",
        "an environment with the name of this project's inline environments",
        "Environments that jobs define inline are registered under `PROJECT-inline`. An "
        "environment of your own with that name would mix its versions with theirs. Choose "
        "another name.",
        _environment("image: python:3.12", name="pets-inline"),
        _environment("image: python:3.12", name="pets-python"),
    ),
    Row(
        "duplicate-name",
        "two resources of one kind with the same name",
        "A name identifies a resource in reports, in run ids and on Azure, which often ignores "
        "case. If two manifests shared a name, each would undo what the other does. Rename one of "
        "them, or let them exist in different workspaces.",
        files(
            {
                "jobs/a.yaml": a_job("command: echo one"),
                "jobs/b.yaml": a_job("command: echo two"),
            }
        ),
        files(
            {
                "jobs/a.yaml": a_job("command: echo one"),
                "jobs/b.yaml": a_job("command: echo two", name="test"),
            }
        ),
    ),
    Row(
        "policy",
        "something that the project's policy forbids",
        "`spec.policy` in gitrain.yaml sets limits for every manifest: sizes, nodes, timeouts, "
        "labels. It protects the budget, and changes only with a reviewed change to gitrain.yaml. "
        "Stay within the limit, or have the policy changed.",
        files(
            {
                "gitrain.yaml": a_project("policy: {require_timeout: true}"),
                "jobs/train.yaml": a_job("command: echo hello"),
            }
        ),
        files(
            {
                "gitrain.yaml": a_project("policy: {require_timeout: true}"),
                "jobs/train.yaml": a_job("command: echo hello\nlimits: {timeout: 3600}"),
            }
        ),
    ),
    Row(
        "literal-secret",
        "a secret written into a manifest",
        "What is committed stays in Git's history, in every clone and in the tags of runs. So a "
        "string that looks like a token, or has a name such as API_KEY, is refused, and never "
        "repeated in the message. Write `{env: NAME}`, and set NAME where reconcile runs. For a "
        "harmless value under such a name write `{value: …}`. If the secret was ever pushed, "
        "replace it.",
        local("command: sh train.sh\nenvironment_variables: {API_KEY: correct-horse}"),
        local("command: sh train.sh\nenvironment_variables: {API_KEY: {env: API_KEY}}"),
    ),
)
