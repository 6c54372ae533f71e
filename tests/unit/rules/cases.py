"""Manifests with one thing wrong, and what is said about it: place, code, suggestion."""

# ruff: noqa: E501 - a table reads line by line

from __future__ import annotations

from tests.unit.rules.place import a_job, a_resource

BASE = "compute: gpu\nenvironment: env\n"  # lines 5 and 6


def job(spec: str) -> str:
    """On azure; what the case is about starts on line 7."""
    return a_job(BASE + spec)


def local(spec: str) -> str:
    """On local; what the case is about starts on line 5."""
    return a_job(spec, "local")


def cluster(spec: str) -> str:
    return a_resource("Cluster", "size: Standard_D2s_v3\nmax_instances: 2\n" + spec)


def environment(spec: str, workspace: str = "azure") -> str:
    return a_resource("Environment", spec, workspace=workspace)


def described(manifest: str, metadata: str) -> str:
    """With more in its metadata, which are on line 3."""
    return manifest.replace("metadata: {", f"metadata: {{{metadata}, ")


# name: (manifest, place, code, a part of the suggestion)
CASES: dict[str, tuple[str, str, str, str]] = {
    # compute
    "no compute": (a_job("command: x\nenvironment: env"), "4:1", "no-compute", "spec.defaults.Job.compute"),
    "unknown cluster": (a_job("command: x\nenvironment: env\ncompute: gpuu"), "7:3", "unknown-cluster", "did you mean gpu?"),
    "unknown cluster, none near": (a_job("command: x\nenvironment: env\ncompute: zzz"), "7:3", "unknown-cluster", "azureml:zzz"),
    "bad name of a cluster": (a_job("command: x\nenvironment: env\ncompute: azureml:a:1"), "7:3", "bad-reference", "azureml:NAME"),
    "too many instances": (job("command: x\nresources: {instance_count: 3}"), "8:15", "too-many-instances", "max_instances"),
    "more processes than GPUs": (job("command: x\ndistribution: {type: pytorch, process_count_per_instance: 2}"), "8:33", "more-processes-than-gpus", ""),
    "more processes than two GPUs": (a_job("command: x\nenvironment: env\ncompute: two\ndistribution: {type: mpi, process_count_per_instance: 3}") + "---\n" + a_resource("Cluster", "size: Standard_NC48ads_A100_v4\nmax_instances: 1", "two"), "8:29", "more-processes-than-gpus", ""),
    # environment
    "no environment": (a_job("command: x\ncompute: gpu"), "4:1", "no-environment", "azureml:NAME:VERSION"),
    "unknown environment": (a_job("command: x\ncompute: gpu\nenvironment: evn"), "7:3", "unknown-environment", "did you mean env?"),
    "unknown environment, none near": (a_job("command: x\ncompute: gpu\nenvironment: zzz"), "7:3", "unknown-environment", "azureml:zzz:VERSION"),
    "environment without a version": (a_job("command: x\ncompute: gpu\nenvironment: azureml:e"), "7:3", "no-version", "so that the same manifest always means the same run"),
    "environment of another workspace": (a_job("command: x\ncompute: gpu\nenvironment: azureml:/subscriptions/s/environments/e/versions/1"), "7:3", "no-version", "write a version"),
    "own environment as an asset": (a_job("command: x\ncompute: gpu\nenvironment: azureml:env:3"), "7:3", "own-environment", "write env:"),
    "latest environment": (a_job("command: x\ncompute: gpu\nenvironment: azureml:e@latest"), "7:3", "no-version", "write a version"),
    "environment of a registry": (a_job("command: x\ncompute: gpu\nenvironment: azureml://registries/r/environments/e/versions/1"), "7:3", "not-supported", "azureml:NAME:VERSION"),
    "several images": (environment("image: i\ndockerfile: FROM x"), "6:3", "several-images", "keep only one of"),
    "no image": (environment("requirements_file: r.txt"), "4:1", "no-image", "write an image"),
    "no image inline": (a_job("command: x\ncompute: gpu\nenvironment: {environment_variables: {A: b}}"), "7:3", "no-image", "write an image"),
    "two ways into a registry": (environment("image: i\nregistry: {address: a, username: u, password: {env: P}, identity: {client_id: c}}"), "6:3", "registry", "remove one"),
    "an identity and a user": (environment("image: i\nregistry: {address: a, username: u, identity: {client_id: c}}"), "6:3", "registry", "remove one"),
    "a user without a password": (environment("image: i\nregistry: {address: a, username: u}"), "6:3", "registry", "password: {env: NAME}"),
    "dockerfile that copies": (environment("dockerfile: |\n  FROM x\n  COPY --chown=a a.txt /b"), "5:3", "nothing-to-copy", "build: {path: FOLDER}"),
    "stale image": (environment("image: fastdotai/fastai2:latest"), "5:3", "stale-image", "maintained image"),
    "stale base image": (environment("dockerfile: FROM docker.io/fastdotai/fastai"), "5:3", "stale-image", "pin it"),
    "stale base image of a stage": (environment("dockerfile: |\n  # two stages\n  FROM python:3.11 AS wheels\n    from --platform=linux/amd64 fastdotai/fastai2@sha256:0"), "5:3", "stale-image", "pin it"),
    "expression in an environment": (environment("image: i\nenvironment_variables: {A: '${{inputs.x}}'}"), "6:27", "bad-expression", "in a job's command and environment_variables"),
    # jobs
    "unknown job": (job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.fin.outputs.m}}'}"), "8:12", "unknown-job", "did you mean fine?"),
    "unknown job, none near": (job("command: x\ndepends_on: [zzz]"), "8:16", "unknown-job", "list azure in its metadata.workspaces"),
    "unknown job in the second input": (job("command: ${{inputs.a}} ${{inputs.m}}\ninputs: {a: 1, m: '${{jobs.fin.outputs.m}}'}"), "8:18", "unknown-job", "did you mean fine?"),
    "unknown output": (job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.fine.outputs.n}}'}"), "8:12", "unknown-output", "its outputs: m"),
    "unknown output of several": (job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.other.outputs.zzz}}'}") + "---\n" + a_job(BASE + "command: ${{outputs.a}} ${{outputs.b}}\noutputs: {a: {}, b: {}}", name="other"), "8:12", "unknown-output", "its outputs: a, b"),
    "unknown output of none": (job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.other.outputs.m}}'}") + "---\n" + a_job(BASE + "command: x", name="other"), "8:12", "unknown-output", "under spec.outputs of job other"),
    "unknown dependency": (job("command: x\ndepends_on: [fine, fin]"), "8:22", "unknown-job", "did you mean fine?"),
    "wrong type of an edge": (job("command: ${{inputs.m}}\ninputs: {m: {type: uri_file, path: '${{jobs.fine.outputs.m}}'}}"), "8:16", "wrong-type", "write type: uri_folder"),
    "content of an edge": (job("command: ${{inputs.m}}\ninputs: {m: {path: '${{jobs.fine.outputs.m}}', fingerprint: content}}"), "8:50", "fingerprint", "remove it"),
    "waits for itself": (job("command: x\ndepends_on: [j]"), "4:1", "cycle", "remove one of these dependencies"),
    # data
    "web address": (job("command: ${{inputs.d}}\ninputs: {d: {path: https://x/y}}"), "8:16", "not-supported", "copy it to a datastore"),
    "web address in a web address": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'https://x/y?from=s3://z'}}"), "8:16", "not-supported", "copy it to a datastore"),
    "storage address": (job("command: ${{inputs.d}}\ninputs: {d: {path: abfss://x/y}}"), "8:16", "not-supported", "copy it to a datastore"),
    "local path": (job("command: ${{inputs.d}}\ninputs: {d: {path: ../data}}"), "8:16", "local-path", "overrides.azure.inputs"),
    "no path of a datastore": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml://datastores/d'}}"), "8:16", "bad-reference", "azureml://datastores/D/paths/P"),
    "data without a version": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml:pets'}}"), "8:16", "no-version", "write a version"),
    "latest data": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml:pets@latest'}}"), "8:16", "no-version", "write a version"),
    "data of a registry": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml://registries/r/data/d/versions/1'}}"), "8:16", "not-supported", "of the workspace"),
    "content of remote data": (job("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml:pets:1', fingerprint: content}}"), "8:40", "fingerprint", "remove it"),
    "unused input": (job("command: x\ninputs: {a: 1}"), "8:12", "unused-input", "write ${{inputs.a}}"),
    "unused output": (job("command: x\noutputs: {a: {}}"), "8:13", "unused-output", "write ${{outputs.a}}"),
    # texts
    "unknown input": (job("command: ${{inputs.epoch}} ${{inputs.epochs}}\ninputs: {epochs: 1}"), "7:3", "unknown-expression", "epochs"),
    "unknown output in a variable": (job("command: x\nenvironment_variables: {A: '${{outputs.m}}'}"), "8:27", "unknown-expression", "declare it under spec.outputs"),
    "expression of another tool": (job("command: echo ${{ github.sha }}"), "7:3", "bad-expression", "use inputs.X, outputs.X, vars.X or"),
    "job in a command": (job("command: echo ${{jobs.fine.outputs.m}}"), "7:3", "bad-expression", "make it an input, spec.inputs.m, and use that here"),
    "half an expression": (job("command: echo ${{inputs.x"), "7:3", "bad-expression", "write }}"),
    "text around an edge": (job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.fine.outputs.m}}/x'}"), "8:12", "bad-expression", "remove the text around the expression"),
    "expression in a name": (job("command: x\ndisplay_name: run ${{inputs.x}}"), "8:3", "bad-expression", "in a job's command and environment_variables"),
    "output in a name": (job("command: x\ndisplay_name: run ${{outputs.x}}"), "8:3", "bad-expression", "in a job's command and environment_variables"),
    "bad gate": (job("command: x\ngates: [accuracy > 0, accuracy == 1]"), "8:25", "bad-gate", "write NAME, max(NAME) or min(NAME)"),
    # clusters
    "bounds": (cluster("min_instances: 3"), "7:3", "bounds", "lower min_instances"),
    "identity without ids": (cluster("identity: {type: user_assigned}"), "7:3", "identity", "resource ids"),
    "system identity with ids": (cluster("identity: {type: system_assigned, user_assigned_identities: [x]}"), "7:3", "identity", "change the type"),
    "account without a key": (cluster("ssh_settings: {admin_username: me}"), "7:3", "ssh", "ssh_key_value: {env: NAME}"),
    "unknown size": (a_resource("Cluster", "size: Standard_NC4as_T4\nmax_instances: 1"), "5:3", "unknown-size", "did you mean Standard_NC4as_T4_v3?"),
    "unknown size, none near": (a_resource("Cluster", "size: bicycle\nmax_instances: 1"), "5:3", "unknown-size", ""),
    "retired size": (a_resource("Cluster", "size: Standard_NC6\nmax_instances: 1"), "5:3", "retired-size", "use Standard_NC4as_T4_v3"),
    "expression in a cluster": (cluster("location: '${{inputs.x}}'"), "7:3", "bad-expression", "in a job's command and environment_variables"),
    # names
    "reserved name": (a_resource("Environment", "image: i", "pets-inline"), "3:12", "reserved-name", "another name"),
    "a name twice": (cluster("") + "---\n" + cluster(""), "10:12", "duplicate-name", "rename one of them"),
    # secrets
    "a password": (job("command: x\nenvironment_variables: {DB_PASSWORD: hunter2}"), "8:27", "literal-secret", "{env: NAME}"),
    "a number under a secret's name": (job("command: x\nenvironment_variables: {DB_PASSWORD: 12345}"), "8:27", "literal-secret", "{env: NAME}"),
    "a key in an input": (job("command: ${{inputs.api_key}}\ninputs: {api_key: abc}"), "8:12", "literal-secret", "remove it from the manifest"),
    "a token by its form": (job("command: curl -H 'Bearer ghp_0123456789012345678901234567890123'"), "7:3", "literal-secret", "remove it from the manifest"),
    "a token in a description": (described(job("command: x"), "description: ghp_0123456789012345678901234567890123"), "3:12", "literal-secret", "remove it from the manifest"),
    "a token in an input called value": (job("command: ${{inputs.value}}\ninputs: {value: hf_0123456789012345678901234567890123}"), "8:12", "literal-secret", "remove it from the manifest"),
    "a token in data called like variables": (job("command: ${{inputs.environment_variables}}\ninputs: {environment_variables: {path: 'azureml://datastores/d/paths/?sig=01234567890123456789'}}"), "8:36", "literal-secret", "remove it from the manifest"),
    "a token for the name of a variable": (job("command: x\nenvironment_variables: {A: {env: ghp_0123456789012345678901234567890123}}"), "8:31", "literal-secret", "remove it from the manifest"),
    "a token in an environment": (environment("image: i\nenvironment_variables: {X: hf_0123456789012345678901234567890123}"), "6:27", "literal-secret", "{env: NAME}"),
    "a secret inline": (a_job("command: x\ncompute: gpu\nenvironment: {image: i, environment_variables: {MY_TOKEN: x}}"), "7:51", "literal-secret", "{env: NAME}"),
    "neither env nor value": (job("command: x\nenvironment_variables: {A: {}}"), "8:27", "bad-value", "{env: NAME}"),
    "both env and value": (job("command: x\nenvironment_variables: {A: {env: B, value: c}}"), "8:27", "bad-value", "{value: …}"),
    # local
    "environment of Azure ML on local": (local("command: x\nenvironment: azureml:e:1"), "6:3", "not-on-local", "overrides.local.environment"),
    "data of Azure ML on local": (local("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml:pets:1'}}"), "6:16", "not-on-local", "overrides.local.inputs"),
    "datastore on local": (local("command: ${{inputs.d}}\ninputs: {d: {path: 'azureml://datastores/d/paths/p'}}"), "6:16", "not-on-local", "overrides.local.inputs"),
    "no Python on local": (environment("image: i", "local"), "4:1", "no-local-python", "local: {python: current}"),
    "no Python inline on local": (local("command: x\nenvironment: {image: i}"), "6:3", "no-local-python", "requirements_file"),
    "web address on local": (local("command: ${{inputs.d}}\ninputs: {d: {path: 'http://x/y'}}"), "6:16", "not-supported", "or to a folder"),
    "unknown environment on local": (local("command: x\nenvironment: evn"), "6:3", "unknown-environment", "did you mean env?"),
    "unknown environment on local, none near": (local("command: x\nenvironment: zzz"), "6:3", "unknown-environment", "list local in its metadata.workspaces"),
}  # fmt: skip

# What is right, although it looks like one of the above.
FINE: dict[str, str] = {
    "no compute on local": local("command: x"),
    "unknown compute on local": local("command: x\ncompute: nowhere"),
    "local data": local("command: ${{inputs.d}}\ninputs: {d: {path: ../data}}"),
    "local data by content": local("command: ${{inputs.d}}\ninputs: {d: {path: ../data, fingerprint: content}}"),
    "many instances on local": local("command: x\nresources: {instance_count: 9}"),
    "as many instances as there are": job("command: x\nresources: {instance_count: 2}"),
    "as many processes as there are GPUs": job("command: x\ndistribution: {type: pytorch, process_count_per_instance: 1}"),
    "a cluster of a fixed size": cluster("min_instances: 2"),
    "a cluster in capitals": a_job("command: x\nenvironment: env\ncompute: azureml:GPU-2"),
    "an edge": job("command: ${{inputs.m}}\ninputs: {m: '${{jobs.fine.outputs.m}}'}"),
    "an edge that is downloaded": job("command: ${{inputs.m}}\ninputs: {m: {path: '${{jobs.fine.outputs.m}}', mode: download}}"),
    "used in a variable": job("command: x\ninputs: {a: 1}\nenvironment_variables: {A: '${{inputs.a}}'}"),
    "a harmless literal under a secret's name": job("command: x\nenvironment_variables: {SORT_KEY: {value: name}}"),
    "a harmless literal that looks like a token": job("command: x\nenvironment_variables: {A: {value: hf_0123456789012345678901234567890123}}"),
    "a harmless literal inline that looks like a token": a_job("command: x\ncompute: gpu\nenvironment: {image: i, environment_variables: {A: {value: hf_0123456789012345678901234567890123}}}"),
    "an edge under a secret's name": job("command: ${{inputs.key}}\ninputs: {key: '${{jobs.fine.outputs.m}}'}"),
    "a label under a secret's name": described(job("command: ${{inputs.key}}\ninputs: {key: ''}"), "labels: {key: abc}"),
    "a switch under a secret's name": job("command: x\nenvironment_variables: {USE_TOKEN: true}"),
    "a secret by reference": job("command: x\nenvironment_variables: {MY_TOKEN: {env: T}}"),
    "conda without an image": environment("conda_file: {dependencies: [python=3.11]}"),
    "a Python without an image on local": environment("local: {}", "local"),
    "a registry's user and password": environment("image: i\nregistry: {address: a, username: u, password: {env: P}}"),
    "a shell's own braces": job("command: 'echo ${HOME} $((1 + 2)) {a,b}'"),
}  # fmt: skip

AZUREML = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
name: iris
command: python train.py
environment: azureml:sklearn-1.5:7
compute: azureml:cpu-cluster
"""

# policy: (policy, manifest, place, a part of the message)
POLICY: dict[str, tuple[str, str, str, str]] = {
    "nodes of a cluster": ("{max_instances: 1}", cluster(""), "6:3", "max_instances 2 exceeds the limit of 1"),
    "nodes of a job": ("{max_instances: 1}", a_job("command: x\nresources: {instance_count: 2}", "local"), "6:15", "instance_count 2 exceeds the limit of 1"),
    "sizes": ("{allowed_sizes: [standard_nc*]}", cluster(""), "5:3", "Standard_D2s_v3 is not one of standard_nc*"),
    "no timeout": ("{require_timeout: true}", local("command: x"), "4:1", "has no limits.timeout"),
    "no timeout in Azure ML's YAML": ("{require_timeout: true}", AZUREML, "1:1", "has no limits.timeout"),
    "no label in Azure ML's YAML": ("{required_labels: [team]}", AZUREML, "1:1", "Job iris has no label team"),
    "a long timeout": ("{max_timeout: 60}", local("command: x\nlimits: {timeout: 61}"), "6:12", "61 s exceeds the limit of 60 s"),
    "labels": ("{required_labels: [team]}", environment("image: i"), "3:1", "Environment xy has no label team"),
}  # fmt: skip
ALLOWED: dict[str, tuple[str, str]] = {
    "just as many": ("{max_instances: 2, max_timeout: 60}", local("command: x\nlimits: {timeout: 60}\nresources: {instance_count: 2}")),
    "sizes in another case": ("{allowed_sizes: ['STANDARD_D?S_*']}", cluster("")),
    "no timeout where none is required": ("{max_timeout: 60}", local("command: x")),
}  # fmt: skip
