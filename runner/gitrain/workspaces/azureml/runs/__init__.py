"""Runs on Azure ML: what is written on them, and what is read from them."""
