"""Codes of jobs: what they refer to, their data, and the expressions in them."""

from gitrain.problems.row import AZURE, Example, Row, a_job, azure, files, local, resource

_GPU = "size: Standard_NC4as_T4_v3\nmax_instances: 2"
_LIST = "command: ls ${{inputs.images}}\n"


def _on_gpu(spec: str) -> Example:
    """A job on a cluster of two nodes with one GPU each."""
    job = a_job(f"{spec}\ncompute: gpu\nenvironment: azureml:torch:1")
    cluster = resource("Cluster", "gpu", _GPU)
    return files({"gitrain.yaml": AZURE, "jobs/gpu.yaml": cluster, "jobs/train.yaml": job})


def _after(spec: str) -> Example:
    """A job after another one, whose output is called `model`."""
    train = a_job("command: cp model ${{outputs.model}}\noutputs: {model: {}}")
    return files({"jobs/train.yaml": train, "jobs/test.yaml": a_job(spec, name="test")})


def _data(spec: str, path: str = "data") -> Example:
    """A job on this machine, and a folder of data."""
    return files({"jobs/train.yaml": a_job(_LIST + spec), f"{path}/1.txt": "one\n"})


ROWS = (
    Row(
        "no-compute",
        "a job on Azure ML that does not say where to run",
        "On Azure ML every job runs on a cluster. Write `compute` in the job, or for all jobs "
        "`spec.defaults.Job.compute` in gitrain.yaml: the name of a Cluster manifest, or "
        "`azureml:NAME` for a cluster that is not managed here.",
        azure("command: echo hello", lacking="compute"),
        azure("command: echo hello"),
    ),
    Row(
        "no-environment",
        "a job on Azure ML without an environment",
        "The environment is the software that a job runs in, and part of what makes a run new. "
        "Write the name of an Environment manifest, `azureml:NAME:VERSION`, or a definition.",
        azure("command: echo hello", lacking="environment"),
        azure("command: echo hello"),
    ),
    Row(
        "unknown-cluster",
        "a cluster that no manifest describes in this workspace",
        "The job would wait for a cluster that nobody creates. Correct the name, add a manifest, "
        "or write `azureml:NAME` if the cluster exists and is not managed by this project.",
        azure("command: echo hello\ncompute: gpu", lacking="compute"),
        _on_gpu("command: echo hello"),
    ),
    Row(
        "unknown-environment",
        "an environment that no manifest describes in this workspace",
        "Without its definition the digest of the job is not known, and nothing can run. Correct "
        "the name, add a manifest, or write `azureml:NAME:VERSION` for an existing one.",
        azure("command: echo hello\nenvironment: python", lacking="environment"),
        azure("command: echo hello"),
    ),
    Row(
        "own-environment",
        "a manifest's environment, written as if it only existed in Azure ML",
        "Azure ML's own YAML refers to an environment as `azureml:NAME:VERSION`, also when a file "
        "beside the job defines it. gitrain then uses that file: the version is the digest of the "
        "definition, so that every edit of it reaches the job. Write the name alone. To use what "
        "Azure ML has under that name, remove the manifest or rename it.",
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/env.yaml": resource("Environment", "pets", "image: ubuntu:24.04"),
                "jobs/train.yaml": a_job(
                    "command: ls\ncompute: azureml:cpu\nenvironment: azureml:pets:1"
                ),
            }
        ),
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/env.yaml": resource("Environment", "pets", "image: ubuntu:24.04"),
                "jobs/train.yaml": a_job("command: ls\ncompute: azureml:cpu\nenvironment: pets"),
            }
        ),
    ),
    Row(
        "unknown-job",
        "a job that no manifest describes in this workspace",
        "A job in `depends_on`, or one whose output is an input here, has to exist in the same "
        "workspace; otherwise this job would wait forever. Correct the name, add a manifest, or "
        "let that job exist in this workspace too.",
        _after("command: echo hello\ndepends_on: [trian]"),
        _after("command: echo hello\ndepends_on: [train]"),
    ),
    Row(
        "unknown-output",
        "an output that the other job does not declare",
        "`${{jobs.J.outputs.X}}` takes a declared output of job J, but J has no output X. Correct "
        "the name, or declare it under `spec.outputs` of J.",
        _after(_LIST + "inputs: {images: '${{jobs.train.outputs.modle}}'}"),
        _after(_LIST + "inputs: {images: '${{jobs.train.outputs.model}}'}"),
    ),
    Row(
        "cycle",
        "jobs that wait for each other",
        "Each of these jobs waits for another one to complete, so none could ever start. Remove "
        "one of the dependencies: an input that takes an output, or an entry of `depends_on`.",
        local("command: echo hello\ndepends_on: [train]"),
        local("command: echo hello"),
    ),
    Row(
        "bad-reference",
        "a reference to Azure ML that has the wrong form",
        "The value starts like a reference to something in Azure ML, but is not valid: a cluster "
        "is `azureml:NAME`, and data on a datastore `azureml://datastores/NAME/paths/PATH`.",
        azure("command: echo hello\ncompute: azureml:gpu:1", lacking="compute"),
        azure("command: echo hello"),
    ),
    Row(
        "no-version",
        "an asset of Azure ML without a version",
        "Without a version, or with `@latest`, the same manifest would mean one thing today and "
        "another tomorrow, and its digest could not say which. Write `azureml:NAME:VERSION`.",
        azure("command: echo hello\nenvironment: azureml:sklearn", lacking="environment"),
        azure("command: echo hello"),
    ),
    Row(
        "too-many-instances",
        "a job that needs more nodes than its cluster can have",
        "The run would stay queued forever, because the cluster never grows beyond its "
        "`max_instances`. Lower `instance_count`, or raise `max_instances`.",
        _on_gpu("command: echo hello\nresources: {instance_count: 3}"),
        _on_gpu("command: echo hello\nresources: {instance_count: 2}"),
    ),
    Row(
        "more-processes-than-gpus",
        "more processes on a node than it has GPUs",
        "Several processes would share a GPU, which is usually slower and often runs out of "
        "memory. It may be intended, so this is a warning.",
        _on_gpu("command: echo hello\ndistribution: {type: mpi, process_count_per_instance: 2}"),
        _on_gpu("command: echo hello\ndistribution: {type: mpi, process_count_per_instance: 1}"),
    ),
    Row(
        "local-path",
        "data on this machine for a job on Azure ML",
        "Azure ML cannot read files on this machine, and data are not uploaded with the code. "
        "Copy them to a datastore or register them as a data asset. If the job also runs locally, "
        "give the path for each workspace under `overrides`.",
        azure(_LIST + "inputs: {images: {path: ../images}}"),
        azure(_LIST + "inputs: {images: {path: 'azureml:images:1'}}"),
    ),
    Row(
        "not-on-local",
        "data or an environment of Azure ML for a job on this machine",
        "A local workspace does not talk to Azure, so `azureml:…` cannot be read there. Give "
        "another value under `overrides`, or let the job exist only in other workspaces.",
        _data("inputs: {images: {path: 'azureml:images:1'}}"),
        _data("inputs: {images: {path: ../data}}"),
    ),
    Row(
        "refused-field",
        "a field that this type of workspace refuses",
        "This workspace cannot do what the field asks for. If it were ignored, something other "
        "than what the manifest says would run. Remove it, override it for this workspace, or let "
        "the job exist only in other workspaces.",
        unshown="the workspaces that come with gitrain refuse no field outright",
    ),
    Row(
        "fingerprint",
        "a fingerprint by content where the content cannot be read",
        "`fingerprint: content` hashes the data, so that a change makes a new run. That works for "
        "files on this machine. Data on Azure are identified by their path or version, and another "
        "job's output by that job's digest. Remove the line.",
        azure(_LIST + "inputs: {images: {path: 'azureml:images:1', fingerprint: content}}"),
        azure(_LIST + "inputs: {images: {path: 'azureml:images:1'}}"),
    ),
    Row(
        "unused-input",
        "an input that nothing uses",
        "A change to this input makes a new run, although the run computes the same as before. "
        "Often the value is written in the command itself, and the input has no effect. Use "
        "`${{inputs.X}}` in the command, or remove the input.",
        local("command: sh train.sh\ninputs: {epochs: 3}"),
        local("command: sh train.sh ${{inputs.epochs}}\ninputs: {epochs: 3}"),
    ),
    Row(
        "unused-output",
        "an output that nothing writes to",
        "The command does not mention `${{outputs.X}}`, so the output stays empty, and jobs that "
        "take it get nothing. Use it in the command, or remove it.",
        local("command: sh train.sh\noutputs: {model: {}}"),
        local("command: sh train.sh ${{outputs.model}}\noutputs: {model: {}}"),
    ),
    Row(
        "bad-value",
        "a variable with both `env` and `value`, or with neither",
        "`{env: NAME}` reads a secret where reconcile runs; `{value: …}` is a literal that you "
        "declare harmless. A variable must have exactly one of them.",
        local("command: env\nenvironment_variables: {MODE: {}}"),
        local("command: env\nenvironment_variables: {MODE: {value: test}}"),
    ),
    Row(
        "bad-gate",
        "a condition that is not a valid gate",
        "A gate compares a metric with a number or with the previous run, as in `accuracy >= 0.9` "
        "or `loss <= previous`. If gitrain ignored a gate that it cannot read, every run would "
        "pass.",
        local('command: sh train.sh\ngates: ["accuracy == 1"]'),
        local('command: sh train.sh\ngates: ["accuracy >= 0.9"]'),
    ),
    Row(
        "bad-expression",
        "an expression that is not valid where it is written",
        "`${{inputs.X}}` and `${{outputs.X}}` are replaced in a job's command and "
        "environment_variables, `${{jobs.J.outputs.X}}` must be the whole value of an input, and "
        "`${{vars.X}}` works anywhere. Anything else would reach the shell as it is written.",
        local("command: echo ${{github.sha}}"),
        local("command: echo hello"),
    ),
    Row(
        "unknown-expression",
        "an input or output that the job does not declare",
        "The command uses a name that is not declared under `inputs` or `outputs`, so there is "
        "nothing to replace it with. Correct the name, or declare it.",
        local("command: sh train.sh ${{inputs.epoch}} ${{inputs.epochs}}\ninputs: {epochs: 3}"),
        local("command: sh train.sh ${{inputs.epochs}}\ninputs: {epochs: 3}"),
    ),
    Row(
        "missing-path",
        "a file or folder that does not exist",
        "A path in a manifest is relative to the manifest's own file; an entry of `manifests` is "
        "relative to gitrain.yaml. Correct the path, or add the file.",
        _data("inputs: {images: {path: ../dta}}"),
        _data("inputs: {images: {path: ../data}}"),
    ),
    Row(
        "outside-project",
        "a path that leaves the project",
        "Code, environment files and manifests are part of what is reviewed, and must exist on "
        "every machine: so they must be below gitrain.yaml, with paths relative to the manifest. "
        "Links that lead out of the project are refused too, and so is what is in `.git` or in a "
        "workspace's folder. Copy the file into the repository. Data of a job may be anywhere, but "
        "`fingerprint: content` reads them: outside the project only below a folder that the "
        "environment variable GITRAIN_DATA_ROOTS lists.",
        files({"jobs/train.yaml": a_job("command: sh train.sh\ncode: /opt/training")}),
        files(
            {
                "jobs/train.yaml": a_job("command: sh train.sh\ncode: ../training"),
                "training/train.sh": "echo hello\n",
            }
        ),
    ),
)
