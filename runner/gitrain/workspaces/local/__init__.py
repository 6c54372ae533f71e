"""One's own machine: a SQLite ledger, and a detached supervisor for each run."""

from gitrain.workspaces.local.workspace import open_workspace as open_workspace
