"""A job's data: inputs and outputs as local paths, and the variables that name them."""

import shutil
from pathlib import Path
from typing import Any

from . import datastores
from .answers import Refused
from .service import Service
from .state import Run


class Unprepared(Exception):
    """A job that cannot start; `code` is what the run's error says."""

    def __init__(self, message: str, code: str = "UserError") -> None:
        super().__init__(message)
        self.code = code


class Materials:
    """Mounted folders are the blob container's own: what is written there is there at once."""

    def __init__(
        self, service: Service, run: Run, configuration: dict[str, Any], folder: Path
    ) -> None:
        self.service = service
        self.folder = folder / "mounts"
        self.folder.mkdir(parents=True)
        self.variables: dict[str, str] = {}
        self.places: dict[str, str] = {}
        self._later: list[tuple[Path, Path]] = []
        for name, sent in (configuration.get("dataReferences") or {}).items():
            self._reference(name, sent)
        for name, sent in (configuration.get("data") or {}).items():
            self._input(name, sent)
        for name, sent in (configuration.get("outputData") or {}).items():
            self._output(name, sent, run)

    def _reference(self, name: str, sent: dict[str, Any]) -> None:
        blob = self._disk(f"{sent['dataStoreName']}/{sent.get('pathOnDataStore') or ''}")
        mode = (sent.get("mode") or "mount").lower()
        path = self._bring(name, blob, mode, must_exist=mode == "download")
        self.variables[f"AZUREML_DATAREFERENCE_{name}"] = str(path)

    def _input(self, name: str, sent: dict[str, Any]) -> None:
        variable = sent.get("environmentVariableName") or name
        uri = self._uri(sent.get("dataLocation") or {})
        mechanism = (sent.get("mechanism") or "mount").lower()
        if mechanism == "direct":
            path = uri
        else:
            path = str(self._bring(name, self._disk(uri), mechanism, must_exist=True))
        self._name(variable, path, "AZURE_ML_INPUT_")
        self.places[f"DatasetConsumptionConfig:{name}"] = path

    def _output(self, name: str, sent: dict[str, Any], run: Run) -> None:
        location = sent.get("outputLocation") or {}
        default = f"{datastores.DEFAULT}/dataset/{run.id}/{name}"
        blob = self._disk(self._uri(location) if location else default)
        mechanism = (sent.get("mechanism") or "mount").lower()
        path = str(self._bring(name, blob, mechanism, must_exist=False))
        self._name(name, path, "AZURE_ML_OUTPUT_")
        self.places[f"DatasetOutputConfig:{name}"] = path

    def _name(self, variable: str, path: str, prefix: str) -> None:
        for name in (variable, variable.upper(), prefix + variable):
            self.variables[name] = path
        self.variables[f"AZUREML_DATAREFERENCE_{variable}"] = path

    def _uri(self, location: dict[str, Any]) -> str:
        """A location as `datastore/path` or `azureml://…`."""
        path, uri, dataset = (location.get(name) for name in ("dataPath", "uri", "dataset"))
        if path:
            return f"{path['datastoreName']}/{path.get('relativePath') or ''}"
        if uri:
            return uri["path"] if isinstance(uri, dict) else uri
        key = (dataset["name"], str(dataset["version"])) if dataset else ("", "")
        if key not in self.service.state.data:
            raise Unprepared(f"Data asset {':'.join(key)} was not found.", "DataNotFound")
        return self.service.state.data[key]["properties"]["dataUri"]

    def _disk(self, uri: str) -> Path:
        try:
            return datastores.folder(self.service, uri)
        except (Refused, ValueError) as error:
            raise Unprepared(f"{uri} cannot be resolved: {error}", "DataNotFound") from error

    def _bring(self, name: str, blob: Path, mode: str, must_exist: bool) -> Path:
        """Mount or copy a place of the blob store; an upload begins as an empty folder."""
        path = self.folder / name
        if must_exist and not blob.exists():
            raise Unprepared(f"StreamAccessException: {blob.name} was not found.", "DataNotFound")
        if mode == "upload":
            path.mkdir()
            self._later.append((path, blob))
        elif mode == "download":
            copy = shutil.copytree if blob.is_dir() else shutil.copy
            copy(blob, path)
        else:
            if not blob.exists():
                blob.mkdir(parents=True)
            path.symlink_to(blob)
        return path

    def upload(self) -> None:
        """When the job ends, however it ends: send what is uploaded and not mounted."""
        for path, blob in self._later:
            shutil.copytree(path, blob, dirs_exist_ok=True)
