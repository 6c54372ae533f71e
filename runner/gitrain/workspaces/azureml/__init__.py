"""Azure Machine Learning through azureml-core: a pure half, and a thin one that asks and tells."""
