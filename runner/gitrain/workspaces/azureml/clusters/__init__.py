"""Clusters on Azure ML: requests, answers, and waiting until they are ready."""
