"""How anything is shown to a person: formats, a live display, signals."""
