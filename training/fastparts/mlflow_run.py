"""MLflow, when the environment asks for it."""

import os
from importlib.util import find_spec
from typing import Any

from fastparts.console import complain
from fastparts.history import Row


def open_mlflow_run(params: dict[str, object], resumed: str | None) -> "MlflowRun | None":
    """The run to log to, with `params` logged; None when MLFLOW_TRACKING_URI is not set.

    It is the run that the environment names, as Azure ML does; else the one that was `resumed`;
    else a new one. A server that fails is complained of, once, and the training goes on.
    """
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    if find_spec("mlflow") is None:
        complain("MLFLOW_TRACKING_URI is set, but mlflow is not installed: not logging")
        return None
    return MlflowRun(params, os.environ.get("MLFLOW_RUN_ID") or resumed)


class MlflowRun:
    """A run of MLflow, and how many epochs it has of us."""

    def __init__(self, params: dict[str, object], run_id: str | None) -> None:
        # Else MLflow tells its makers of every run. Who wants that says so.
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        self.mlflow: Any = mlflow
        # Its own errors, and those of requests, which are OSErrors.
        self.errors = (mlflow.exceptions.MlflowException, OSError)
        self.id = run_id
        self.logged = 0
        self.works = True
        try:
            run = mlflow.start_run(run_id)
            self.id = run.info.run_id
            # What is there stays: MLflow refuses another value, and --workers may have changed.
            mlflow.log_params({k: v for k, v in params.items() if k not in run.data.params})
            there = mlflow.MlflowClient().get_metric_history(self.id, "seconds")
            self.logged = max((metric.step for metric in there), default=0)
        except self.errors as error:
            self._give_up(error)

    def log(self, rows: list[Row]) -> None:
        """Log the rows that the run does not have: none twice after a restart, and none missed."""
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
        complain(f"MLflow fails, going on without it; metrics.jsonl has all of it: {reason}")
