"""Codes of plans: budgets, pruning, protection, and what is said on GitHub."""

from gitrain.problems.row import Example, Row, a_job, a_project, files

_SUSPENDED = a_job("command: echo hello\nsuspend: true")
_START = ("git init -q -b main", "git add .", "git commit -q -m start")
_PRUNE = "gitrain plan --prune"
_RECONCILE = "gitrain reconcile --yes"


def _budget(policy: str, spec: str) -> Example:
    """A project that starts without a job, and gets one that is not committed yet."""
    place = "workspaces: {azure: {type: azureml}}\n"
    cluster = (
        "apiVersion: gitrain/v1\nkind: Cluster\nmetadata: {name: gpu}\n"
        "spec: {size: Standard_NC4as_T4_v3, max_instances: 1}\n"
    )
    job = a_job(f"{spec}\ncompute: gpu\nenvironment: azureml:torch:1")
    return files(
        {
            "gitrain.yaml": a_project(f"{place}policy: {policy}"),
            "jobs/gpu.yaml": cluster,
            "jobs/train.yaml": job,
        },
        "git init -q -b main",
        "git add gitrain.yaml jobs/gpu.yaml",
        "git commit -q -m start",
        "gitrain plan --offline --base main",
    )


def _protected(protect: str, *commands: str) -> Example:
    """A local workspace that is protected, with a job that starts nothing."""
    project = a_project(f"workspaces: {{local: {{type: local, protect: {protect}}}}}")
    texts = {".gitignore": "/.gitrain\n", "gitrain.yaml": project, "jobs/train.yaml": _SUSPENDED}
    return files(texts, *_START, *commands)


_REMOTE = ("git clone -q --bare . ../pets.git", "git remote add origin ../pets.git")
_CHANGE = "echo '# a change' >> jobs/train.yaml"
_COMMIT = "git commit -q -a -m change"
_SWEEP = "$schema: https://azuremlschemas.azureedge.net/latest/sweepJob.schema.json\ntype: sweep\n"

ROWS = (
    Row(
        "max-submits",
        "more submits in one reconcile than are allowed",
        "A small change, for example to shared code, can make every job new. The limit, "
        "`spec.policy.max_submits` (default 20), makes sure that someone checks before many runs "
        "start. Raise it once with `--max-submits N`, narrow the plan with `--select`, or change "
        "the policy. A local workspace has no such limit.",
        _budget("{max_submits: 0}", "command: echo hello"),
        _budget("{max_submits: 1}", "command: echo hello"),
    ),
    Row(
        "max-gpu-hours",
        "more GPU-hours than the policy allows",
        "The upper bound of a plan is timeout × nodes × GPUs, added up over its submits; the "
        "policy allows less, or a missing timeout leaves it without a bound. Lower "
        "`limits.timeout` or `instance_count`, narrow the plan with `--select`, or change "
        "`spec.policy.max_gpu_hours`.",
        _budget("{max_gpu_hours: 2}", "command: echo hello\nlimits: {timeout: 36000}"),
        _budget("{max_gpu_hours: 2}", "command: echo hello\nlimits: {timeout: 3600}"),
    ),
    Row(
        "prune-empty",
        "pruning without a single manifest",
        "`--prune` removes what no manifest describes. Without any manifest that is everything "
        "this project owns, and the cause is nearly always a wrong folder under `manifests` or the "
        "wrong branch. Check both.",
        files({"jobs/README.md": "Jobs\n"}, _PRUNE),
        files({"jobs/README.md": "Jobs\n", "jobs/train.yaml": _SUSPENDED}, _PRUNE),
    ),
    Row(
        "prune-unsupported",
        "pruning although a document was ignored",
        "A document of an unsupported kind was ignored. It may describe something that exists, and "
        "pruning could remove it. Move such documents out of the manifest folders.",
        files({"jobs/train.yaml": _SUSPENDED, "jobs/sweep.yaml": _SWEEP}, _PRUNE),
        files({"jobs/train.yaml": _SUSPENDED, "azureml/sweep.yaml": _SWEEP}, _PRUNE),
    ),
    Row(
        "prune-sparse",
        "pruning from a sparse checkout",
        "A sparse checkout lacks files of the commit, and manifests may be among them: what they "
        "describe would be removed. Run `git sparse-checkout disable`, or prune from a full "
        "checkout.",
        files(
            {"jobs/train.yaml": _SUSPENDED, "docs/notes.md": "Notes\n"},
            *(*_START, "git sparse-checkout set jobs", _PRUNE),
        ),
        files(
            {"jobs/train.yaml": _SUSPENDED, "docs/notes.md": "Notes\n"},
            *(*_START, "git sparse-checkout set jobs", "git sparse-checkout disable", _PRUNE),
        ),
    ),
    Row(
        "destruction",
        "a plan that destroys much of what the project owns",
        "More than three resources, and more than 30% of everything the project owns, would be "
        "deleted, replaced or canceled at once. That is usually a mistake, such as a renamed "
        "folder. Read the plan; if it is what you want, add `--force`.",
        unshown="it takes a workspace with several clusters or running jobs",
    ),
    Row(
        "dirty",
        "a reconcile with uncommitted changes",
        "`protect.clean`, which is on by default on Azure ML, makes sure that every run belongs to "
        "a commit that others can see. Commit or stash your changes, try them with `gitrain run`, "
        "or use `--force`, which is recorded with the runs.",
        _protected("{clean: true}", _CHANGE, _RECONCILE),
        _protected("{clean: true}", _CHANGE, _COMMIT, _RECONCILE),
    ),
    Row(
        "not-the-head",
        "a reconcile of a commit other than the head of the protected branch",
        "`protect.branch` makes sure that a workspace follows one branch: an old checkout would "
        "bring back old manifests, and a feature branch would bypass review. Check out the "
        "branch and pull, or try your changes with `gitrain run`.",
        _protected("{branch: main}", *_REMOTE, _CHANGE, _COMMIT, _RECONCILE),
        _protected(
            "{branch: main}", *_REMOTE, _CHANGE, _COMMIT, "git push -q origin main", _RECONCILE
        ),
    ),
    Row(
        "github",
        "GitHub did not accept a comment or a status",
        "The plan itself is complete, and its exit code is the same as without this warning; only "
        "the comment or the status on the pull request is missing. Usually the token lacks a "
        "permission: the workflow needs `pull-requests: write` and `statuses: write`.",
        unshown="it takes a request that GitHub refuses",
    ),
)
