"""Azure Machine Learning through azureml-core: a pure half, and a thin one that asks and tells."""

from gitrain.workspaces.azureml.workspace import open_workspace as open_workspace
