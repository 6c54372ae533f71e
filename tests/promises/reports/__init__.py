"""Files as people have them: what went wrong with each once, and the right value."""
