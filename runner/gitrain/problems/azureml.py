"""Codes of documents in Azure ML's own YAML."""

from gitrain.problems.row import AZURE, Row, files, resource


def _azureml(kind: str, lines: str) -> str:
    """A document in Azure ML's own YAML."""
    return f"$schema: https://azuremlschemas.azureedge.net/latest/{kind}.schema.json\n{lines}"


def _command_job(lines: str) -> str:
    place = "compute: azureml:cpu\nenvironment: azureml:sklearn:1\n"
    return _azureml("commandJob", f"{lines}\n{place}")


ROWS = (
    Row(
        "text-input",
        "an input in Azure ML's YAML that looks like data but is a string",
        "In Azure ML's own YAML an input without a mapping is a literal, so the command gets the "
        "string `azureml:…`, not the data. If you mean the data, write a mapping with `type` and "
        "`path`.",
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/train.yaml": _command_job(
                    "command: ls ${{inputs.images}}\ninputs:\n  images: azureml:images:1"
                ),
            }
        ),
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/train.yaml": _command_job(
                    "command: ls ${{inputs.images}}\n"
                    "inputs:\n  images: {type: uri_folder, path: 'azureml:images:1'}"
                ),
            }
        ),
    ),
    Row(
        "renamed",
        "a name in Azure ML's YAML that had to be changed",
        "Azure ML accepts names that gitrain cannot use in run ids, so the resource gets the name "
        "in the message. Write that name, so that the file and the reports agree.",
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/train.yaml": _command_job("name: my.job\ncommand: echo hello"),
            }
        ),
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/train.yaml": _command_job("name: my-job\ncommand: echo hello"),
            }
        ),
    ),
    Row(
        "version-not-used",
        "a version of an environment in Azure ML's YAML",
        "gitrain registers an environment under the digest of its definition: the same definition "
        "always has the same version, and a changed one never replaces the old one. Remove "
        "`version`.",
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/python.yaml": _azureml(
                    "environment", "name: python\nversion: 3\nimage: python:3.12\n"
                ),
            }
        ),
        files(
            {
                "gitrain.yaml": AZURE,
                "jobs/python.yaml": resource("Environment", "python", "image: python:3.12"),
            }
        ),
    ),
)
