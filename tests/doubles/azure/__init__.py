"""An Azure ML workspace on the loopback, for the unmodified azureml-core SDK. See README.md."""
