"""The files of a run: its named outputs, and those of its working folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.observed import Run
from gitrain.workspaces.azureml.outputs import paths
from gitrain.workspaces.azureml.outputs.read import MOST_FILES, Outputs
from gitrain.workspaces.azureml.v1.sdk import Sdk
from gitrain.workspaces.downloads import Copy, download


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
        blobs = container.list_blobs(name_starts_with=self._prefix)
        for number, blob in enumerate(blobs):
            name = str(blob.name)
            if number == MOST_FILES:
                raise WorkspaceError(f"{self._prefix} has more than {MOST_FILES:,} files")
            if name == self._prefix and blob.size:
                yield ""
            elif name.startswith(f"{self._prefix}/"):
                yield name.removeprefix(f"{self._prefix}/")

    def copy(self, name: str, target: Path) -> None:
        """Piece by piece: a model may not fit in memory."""
        path = f"{self._prefix}/{name}" if name else self._prefix

        def copy(blobs: Any) -> None:
            for piece in blobs.get_blob_client(path).download_blob().chunks():
                _append(target, piece)

        target.touch()
        self._with_container(copy)

    def _with_container(self, do: Callable[[Any], Any]) -> Any:
        with self._sdk.workspace() as workspace:
            from azureml.core import Datastore

            datastore = Datastore.get(workspace, self._datastore)
            service = getattr(datastore, "blob_service", None)
            if service is None:
                raise WorkspaceError(f"datastore {self._datastore} is not a blob container")
            return do(service.get_container_client(datastore.container_name))


def _append(target: Path, piece: bytes) -> None:
    """An error of the disk must not look like one of Azure."""
    try:
        with target.open("ab") as file:
            file.write(piece)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {target.parent}: {error.strerror}") from error


class AzuremlArtifacts:
    """The files of a run: `NAME/…` for a named output, `outputs/…` and `logs/…`."""

    def __init__(self, outputs: Outputs, sdk: Sdk, run: Run) -> None:
        self._outputs = outputs
        self._sdk = sdk
        self._run = run

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def download(self, folder: Path) -> tuple[Path, ...]:
        return download(self._files(), folder)

    def _files(self) -> dict[str, Copy]:
        """A named output takes precedence over a file of the working folder with the same name."""
        names = self._outputs.names(self._run.id)
        found: dict[str, Copy] = {name: partial(self._copy, name) for name in names}
        for output, path in self._named().items():
            storage = Storage(self._sdk, *paths.parts_of(path))
            for name in storage.names():
                key = f"{output}/{name}" if name else output
                found[key] = partial(storage.copy, name)
        return found

    def _copy(self, name: str, target: Path) -> None:
        self._outputs.download(self._run.id, name, target)

    def _named(self) -> dict[str, str]:
        """The addresses of the outputs: where an adopted run wrote them, else where we put them."""
        if self._run.adopted:
            return dict(self._run.outputs)
        names = self._run.identity.canonical.get("outputs") or ()
        run_id = self._run.id
        return {n: paths.address(paths.output_path(run_id, n)) for n in names}
