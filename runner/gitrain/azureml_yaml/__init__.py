"""Azure ML's own YAML: read as gitrain documents, and written from them. Pure."""

from gitrain.azureml_yaml.kinds import is_azureml, lookalike
from gitrain.azureml_yaml.read import Finding, Translation, translate
from gitrain.azureml_yaml.write import write

__all__ = ["Finding", "Translation", "is_azureml", "lookalike", "translate", "write"]
