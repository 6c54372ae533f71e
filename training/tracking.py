"""MLflow, when the environment asks for it."""

import os
from importlib.util import find_spec
from typing import Any

from console import complain
from metrics import Row, Sink


def mlflow_sinks(params: dict[str, object]) -> list[Sink]:
    """Log `params` now; return what logs each epoch. Empty when MLFLOW_TRACKING_URI is not set.

    The run, its experiment and its server are the environment's business: Azure ML sets them all.
    A server that fails is complained of, once, and the training goes on without it.
    """
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return []
    if find_spec("mlflow") is None:
        complain("MLFLOW_TRACKING_URI is set, but mlflow is not installed: not logging")
        return []
    run = MlflowRun(params)
    return [run.log]


class MlflowRun:
    """The run in which MLflow finds itself, and how many epochs it has of us."""

    def __init__(self, params: dict[str, object]) -> None:
        import mlflow

        self.mlflow: Any = mlflow
        # Its own errors, and those of requests, which are OSErrors.
        self.errors = (mlflow.exceptions.MlflowException, OSError)
        self.logged = 0
        self.works = True
        try:
            mlflow.log_params(params)
            self.logged = self._epochs_there()
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

    def _epochs_there(self) -> int:
        run = self.mlflow.active_run()
        client = self.mlflow.MlflowClient()
        there = client.get_metric_history(run.info.run_id, "seconds") if run else []
        return max((metric.step for metric in there), default=0)

    def _give_up(self, error: Exception) -> None:
        self.works = False
        reason = str(error).strip().partition("\n")[0]
        complain(f"MLflow fails, going on without it; metrics.jsonl has all of it: {reason}")
