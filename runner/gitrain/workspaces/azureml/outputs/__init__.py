"""What a run on Azure ML produces: files, metrics, logs."""
