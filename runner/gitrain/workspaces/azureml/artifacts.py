"""What a run leaves behind: its named outputs, and the files of its working folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.observed import Run
from gitrain.workspaces.azureml import places
from gitrain.workspaces.azureml.outputs import Outputs
from gitrain.workspaces.azureml.sdk import Sdk
from gitrain.workspaces.downloads import download


class Storage:
    """The files below a folder of a datastore, or the one file that it is."""

    def __init__(self, sdk: Sdk, datastore: str, prefix: str) -> None:
        self._sdk = sdk
        self._datastore = datastore
        self._prefix = prefix

    def names(self) -> tuple[str, ...]:
        """Relative to the folder; "" is the file itself."""
        found: tuple[str, ...] = self._with_container(lambda blobs: tuple(self._below(blobs)))
        return found

    def _below(self, container: Any) -> Iterator[str]:
        for blob in container.list_blobs(name_starts_with=self._prefix):
            name = str(blob.name)
            if name == self._prefix and blob.size:
                yield ""
            elif name.startswith(f"{self._prefix}/"):
                yield name.removeprefix(f"{self._prefix}/")

    def read(self, name: str) -> bytes:
        path = f"{self._prefix}/{name}" if name else self._prefix
        data: bytes = self._with_container(
            lambda blobs: bytes(blobs.get_blob_client(path).download_blob().readall())
        )
        return data

    def _with_container(self, do: Callable[[Any], Any]) -> Any:
        with self._sdk.workspace() as workspace:
            from azureml.core import Datastore

            datastore = Datastore.get(workspace, self._datastore)
            service = getattr(datastore, "blob_service", None)
            if service is None:
                raise WorkspaceError(f"datastore {self._datastore} is no blob container")
            return do(service.get_container_client(datastore.container_name))


class AzuremlArtifacts:
    """The files of a run: `NAME/…` for a named output, `outputs/…` and `logs/…`."""

    def __init__(self, outputs: Outputs, sdk: Sdk, run: Run) -> None:
        self._outputs = outputs
        self._sdk = sdk
        self._run = run

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def download(self, folder: Path) -> tuple[Path, ...]:
        def copy(read: Callable[[], bytes], target: Path) -> None:
            target.write_bytes(read())

        return download({n: partial(copy, read) for n, read in self._files().items()}, folder)

    def _files(self) -> dict[str, Callable[[], bytes]]:
        """A named output goes before a file of the working folder that has the same name."""
        outputs, run_id = self._outputs, self._run.id
        found: dict[str, Callable[[], bytes]] = {}
        for name in outputs.names(run_id):
            found[name] = partial(outputs.download, run_id, name)
        for output, path in self._named().items():
            storage = Storage(self._sdk, *places.parts_of(path))
            for name in storage.names():
                key = f"{output}/{name}" if name else output
                found[key] = partial(storage.read, name)
        return found

    def _named(self) -> dict[str, str]:
        """The addresses of the outputs: where an adopted run left them, else where we put them."""
        if self._run.adopted:
            return dict(self._run.outputs)
        names = self._run.canonical.get("outputs") or ()
        run_id = self._run.id
        return {n: places.address(places.output_path(run_id, n)) for n in names}
