"""gitrain: a declarative GitOps runner for training jobs."""

__version__ = "0.1.0"
