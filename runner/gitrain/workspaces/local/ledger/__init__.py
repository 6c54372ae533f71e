"""Which runs exist on this machine."""
