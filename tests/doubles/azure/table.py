"""All routes of the real services, in the order in which they are tried."""

from . import (
    artifacts,
    assets,
    computes,
    datastores,
    environments,
    experiments,
    metrics,
    mlflow,
    runs,
    sizes,
    snapshots,
    submission,
    tokens,
    workspaces,
)

ROUTES = (
    *workspaces.ROUTES,
    *computes.ROUTES,
    *sizes.ROUTES,
    *environments.ROUTES,
    *submission.ROUTES,
    *metrics.ROUTES,
    *experiments.ROUTES,
    *runs.ROUTES,
    *snapshots.ROUTES,
    *artifacts.ROUTES,
    *mlflow.ROUTES,
    *datastores.ROUTES,
    *assets.ROUTES,
    *tokens.ROUTES,
)
