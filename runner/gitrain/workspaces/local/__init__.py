"""One's own machine: a SQLite ledger, and a detached supervisor for each run."""
