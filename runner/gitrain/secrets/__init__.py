"""How a secret is kept out: which literals are secrets, and which variables are needed."""
