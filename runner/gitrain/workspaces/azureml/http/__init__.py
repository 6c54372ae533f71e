"""Requests to Azure ML: addresses, credentials, retries."""
