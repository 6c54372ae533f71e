"""Codes of single documents: what they are, and which fields and values they have."""

from gitrain.problems.row import PROJECT, Row, a_job, a_project, files, local

_HELLO = a_job("command: echo hello")
_TWO = a_project("workspaces: {local: {type: local}, azure: {type: azureml}}")


ROWS = (
    Row(
        "missing-api-version",
        "a manifest without `apiVersion`",
        "`apiVersion` says in which language a manifest is written, so that a later gitrain can "
        "still read it as it was meant. Write `apiVersion: gitrain/v1`.",
        files({"jobs/train.yaml": _HELLO.replace("apiVersion: gitrain/v1\n", "")}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "unknown-api-version",
        "an `apiVersion` that this gitrain does not know",
        "The manifest was written for another version of the language, and a guess could run "
        "something other than what was meant. Correct the version, or upgrade gitrain.",
        files({"jobs/train.yaml": _HELLO.replace("gitrain/v1", "gitrain/v9")}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "missing-kind",
        "a manifest without `kind`",
        "`kind` says what a manifest describes: a Job, an Environment or a Cluster. Without it "
        "the other fields have no meaning.",
        files({"jobs/train.yaml": _HELLO.replace("kind: Job\n", "")}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "unknown-kind",
        "a `kind` that does not exist, or is not allowed in this file",
        "Manifest folders contain documents of the kinds Job, Environment and Cluster. A Project "
        "is described only in gitrain.yaml, so that it is clear which one applies.",
        files({"jobs/train.yaml": _HELLO.replace("kind: Job", "kind: Jobs")}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "empty-file",
        "a YAML file without a document",
        "An empty file in a manifest folder is often one that was never saved, or whose content "
        "was commented out: its job does not exist. Write a manifest, or remove the file. "
        "An empty gitrain.yaml is an error, because it names no project.",
        files({"jobs/train.yaml": "# to do\n"}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "too-many-documents",
        "more than one document in gitrain.yaml",
        "gitrain.yaml describes the project and nothing else. Move the manifests in it to files "
        "in a manifest folder; those may have several documents each.",
        files({"gitrain.yaml": f"{PROJECT}---\n{_HELLO}"}),
        files({"jobs/train.yaml": _HELLO}),
    ),
    Row(
        "not-a-manifest",
        "YAML in a manifest folder that is not a manifest",
        "The document has neither `apiVersion` nor `kind`, so it is ignored. The warning makes "
        "sure that a manifest whose first lines were lost does not disappear silently. Keep other "
        "YAML outside the folders that gitrain.yaml lists under `manifests`. A job of Azure ML "
        "without `$schema` needs `type: command`, and a cluster `type: amlcompute`.",
        files({"jobs/train.yaml": _HELLO, "jobs/values.yaml": "learning_rate: 0.1\n"}),
        files({"jobs/train.yaml": _HELLO, "training/values.yaml": "learning_rate: 0.1\n"}),
    ),
    Row(
        "unknown-field",
        "a field that gitrain does not know",
        "If misspelt fields were ignored, nobody would notice that a run lacks the limit or the "
        "retries that its author wrote. So every field must be known. `gitrain explain job.spec` "
        "lists the fields of a job; values for your own program go into `inputs`.",
        local("command: sh train.sh\nepochs: 3"),
        local("command: sh train.sh ${{inputs.epochs}}\ninputs: {epochs: 3}"),
    ),
    Row(
        "missing-field",
        "a required field that is missing",
        "Without this field the manifest does not say enough to act on, and no default would be "
        "right for everyone. Write the field; `gitrain explain` says what belongs in it.",
        local("retries: 1"),
        local("command: echo hello\nretries: 1"),
    ),
    Row(
        "wrong-type",
        "a value of the wrong type for its field",
        'gitrain does not convert values: `1`, `1.0`, `true` and `"1"` are different in YAML, and '
        "a guess could change what runs. Put a string in quotes, write a number without them, and "
        "a list in brackets. A path of the wrong type, such as a file where a folder is expected, "
        "has this code too.",
        local("command: echo hello\nretries: two"),
        local("command: echo hello\nretries: 2"),
    ),
    Row(
        "wrong-value",
        "a value that the field does not accept",
        "The field accepts only a few values, each with a meaning. The message lists them.",
        local("command: echo hello\nsupersede: never"),
        local("command: echo hello\nsupersede: keep"),
    ),
    Row(
        "wrong-format",
        "a string or a name with characters that are not allowed there",
        "Names become parts of run ids, tags, folders and Azure resources, and must be valid in "
        "all of them. The suggestion says which characters are allowed.",
        files({"jobs/train.yaml": a_job("command: echo hello", name="my job")}),
        files({"jobs/train.yaml": a_job("command: echo hello", name="my-job")}),
    ),
    Row(
        "empty-value",
        "an empty value where something is required",
        "An empty command, path or name cannot be acted on, and is usually a template that was not "
        "filled in. Write a value.",
        local('command: ""'),
        local("command: echo hello"),
    ),
    Row(
        "too-long",
        "a string that is longer than allowed",
        "The limits are those of the places where a string ends up: names of Azure resources, "
        "tags, file systems. Shorten it. Variables (`${{vars.X}}`) that insert more than 65,536 "
        "characters into one manifest have this code too.",
        local(f"command: echo hello\ndisplay_name: {'very ' * 51}long"),
        local("command: echo hello\ndisplay_name: very long"),
    ),
    Row(
        "out-of-range",
        "a number that is too small or too large",
        "The number is outside the range that makes sense for the field: no job has zero nodes or "
        "a thousand retries. Write a number within the bounds that the message gives.",
        local("command: echo hello\nretries: 1000"),
        local("command: echo hello\nretries: 10"),
    ),
    Row(
        "not-supported",
        "something of Azure ML that gitrain does not support yet",
        "The Azure ML CLI knows the field, the value or the kind of document, but gitrain/v1 does "
        "not. If it were ignored, something other than what the manifest says would run. Follow "
        "the suggestion, or remove it. A document of an unsupported kind is ignored, with this "
        "code as a warning.",
        local("command: echo hello\nschedule: daily"),
        local("command: echo hello"),
    ),
    Row(
        "unknown-workspace",
        "a workspace that gitrain.yaml does not define",
        "Manifests may name only workspaces of their project: with a misspelt name a job would "
        "silently exist nowhere. Correct the name, or define the workspace under "
        "`spec.workspaces` in gitrain.yaml.",
        local("command: echo hello", metadata="workspaces: [locla]"),
        local("command: echo hello", metadata="workspaces: [local]"),
    ),
    Row(
        "override-unused",
        "an override for a workspace where the resource does not exist",
        "The values under `overrides` apply in one workspace only, and this resource does not "
        "exist there, so they have no effect. Add the workspace to `metadata.workspaces`, or "
        "remove the override. A Job without `metadata.workspaces` does not exist on a local "
        "workspace unless it is the only one.",
        files(
            {
                "gitrain.yaml": _TWO,
                "jobs/train.yaml": a_job("command: echo hello", metadata="workspaces: [local]")
                + "overrides: {azure: {retries: 1}}\n",
            }
        ),
        files(
            {
                "gitrain.yaml": _TWO,
                "jobs/train.yaml": a_job("command: echo hello", metadata="workspaces: [local]")
                + "overrides: {local: {retries: 1}}\n",
            }
        ),
    ),
    Row(
        "unknown-variable",
        "a variable that the workspace does not define",
        "`${{vars.X}}` is replaced with the value that gitrain.yaml gives for each workspace, and "
        "this workspace has none. With an empty string instead it would be a different job. Define "
        "the variable under `spec.workspaces.NAME.vars`.",
        local("command: echo ${{vars.greeting}}"),
        files(
            {
                "gitrain.yaml": a_project(
                    "workspaces: {local: {type: local, vars: {greeting: hello}}}"
                ),
                "jobs/train.yaml": a_job("command: echo ${{vars.greeting}}"),
            }
        ),
    ),
)
