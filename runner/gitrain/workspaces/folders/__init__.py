"""A run as a folder: what all workspaces on a file system share."""
