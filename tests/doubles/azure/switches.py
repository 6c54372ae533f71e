"""What a test may choose: the pace, and each behaviour of the real service that is not known."""

import sys
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass
class Switches:
    """Every switch has the value that is most likely Azure's; see README.md for the guesses."""

    execution: str = "processes"
    """processes: run what is submitted · manual: tests drive · instant: Completed at once."""
    second_submission: str = "refused"
    """Of a run id that exists: refused (400) · conflict (409) · accepted (200, no effect)."""
    submission_tags: bool = False
    """Tags and properties in the body of a submission: ignored or kept."""
    cluster_patch_tags: bool = False
    """Tags in a PATCH of a cluster: ignored or kept."""
    properties_immutable: bool = True
    """A run's property that is set to another value: refused (400) or overwritten."""
    registry_password: str = "kept"
    """In an environment that is read back: kept or masked (null)."""
    timeout_status: str = "Canceled"
    """How a run ends that exceeds maxRunDurationSeconds."""
    slow_cancel: bool = False
    """In manual execution: a canceled run stays CancelRequested until a test drives it on."""
    phase_seconds: float = 0.0
    """How long each of Starting, Preparing and Finalizing lasts at least."""
    provisioning_seconds: float = 0.0
    """How long a cluster is Creating, Updating, Deleting."""
    collect_seconds: float = 0.5
    """How often a running job's outputs and logs are collected."""
    grace_seconds: float = 5.0
    """Between SIGTERM and SIGKILL of a canceled or overdue job."""
    page_size: int = 500
    """The most items a page has, even if more are requested."""
    python: str = sys.executable
    """The interpreter whose folder stands first on a job's PATH."""
    mlflow: str = "http"
    """The scheme of a job's MLFLOW_TRACKING_URI: http, or azureml, which needs azureml-mlflow."""
    broken_images: str = ""
    """A pattern of environment names whose image cannot be built."""
    broken_clusters: str = ""
    """A pattern of cluster names whose provisioning fails."""
    tokens_required: bool = True
    """Whether a request without a valid bearer token gets 401."""
    token_seconds: float = 3600.0
    """How long a token that is handed out says it lives."""

    def set(self, **values: Any) -> None:
        """Change some; a name that does not exist is an error."""
        replace(self, **values)
        for name, value in values.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Back to the defaults."""
        for field in fields(self):
            setattr(self, field.name, field.default)
