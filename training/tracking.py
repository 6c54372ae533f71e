"""MLflow, when the environment asks for it."""

import os
from collections.abc import Callable
from importlib.util import find_spec

from console import complain
from metrics import Row


def mlflow_sinks(params: dict[str, object]) -> list[Callable[[list[Row]], None]]:
    """Log `params` now; return what logs each epoch. Empty when MLFLOW_TRACKING_URI is not set.

    The run, its experiment and its server are the environment's business: Azure ML sets them all.
    """
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return []
    if find_spec("mlflow") is None:
        complain("MLFLOW_TRACKING_URI is set, but mlflow is not installed: not logging")
        return []
    import mlflow

    mlflow.log_params(params)

    def log(rows: list[Row]) -> None:
        values = {name: value for name, value in rows[-1].items() if name != "epoch"}
        mlflow.log_metrics(values, step=int(rows[-1]["epoch"]))

    return [log]
