"""An imitation of the GitHub REST API on the loopback; see README.md."""
