"""Reports as text for a terminal. Pure."""
