"""Every problem code, explained, one row each. Only `explain` and the documents import it."""
