"""Through azureml-core: starting a run, and registering an environment."""
