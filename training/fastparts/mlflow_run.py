"""Logging to MLflow, when the environment asks for it."""

import os
from importlib.util import find_spec
from typing import Any

from fastparts.console import complain
from fastparts.history import Row


def open_mlflow_run(params: dict[str, object], resumed: str | None) -> "MlflowRun | None":
    """The run to log to, with `params` logged; None when MLFLOW_TRACKING_URI is not set.

    It is the run that the environment names (Azure ML does), else the one to be `resumed`, else a
    new one. When the server fails, one line says so and the training continues.
    """
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    if find_spec("mlflow") is None:
        complain("MLFLOW_TRACKING_URI is set, but mlflow is not installed: logging nothing to it")
        return None
    return MlflowRun(params, os.environ.get("MLFLOW_RUN_ID") or resumed)


class MlflowRun:
    """A run of MLflow, and how many of our epochs it has."""

    def __init__(self, params: dict[str, object], run_id: str | None) -> None:
        # By default MLflow reports every run to its makers; here it needs to be asked for.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        self.mlflow: Any = mlflow
        # MLflow's own errors, and those of requests, which are OSErrors.
        self.errors = (mlflow.exceptions.MlflowException, OSError)
        self.id = run_id
        self.logged = 0
        self.works = True
        try:
            run = mlflow.start_run(run_id)
            self.id = run.info.run_id
            # Logged values stay: MLflow refuses to change one, and --workers may have changed.
            mlflow.log_params({k: v for k, v in params.items() if k not in run.data.params})
            known = mlflow.MlflowClient().get_metric_history(self.id, "seconds")
            self.logged = max((metric.step for metric in known), default=0)
        except self.errors as error:
            self._give_up(error)

    def log(self, rows: list[Row]) -> None:
        """Log the rows that the run lacks: after a restart none twice, and none missed."""
        try:
            for row in rows[self.logged :] if self.works else []:
                values = {name: value for name, value in row.items() if name != "epoch"}
                self.mlflow.log_metrics(values, step=int(row["epoch"]))
                self.logged = int(row["epoch"])
        except self.errors as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.works = False
        reason = str(error).strip().partition("\n")[0]
        complain(f"MLflow failed, continuing without it (metrics.jsonl has all rows): {reason}")
