"""Checks that no schema can make: across fields, documents and workspaces. Pure."""
