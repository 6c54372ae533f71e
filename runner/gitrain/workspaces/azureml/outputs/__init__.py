"""What a run on Azure ML leaves: files, metrics, logs."""
