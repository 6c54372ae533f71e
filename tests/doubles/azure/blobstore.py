"""Blobs as files below the state folder, so that a job can have a container mounted."""

import hashlib
import hmac
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from .answers import Refused
from .places import Place

KEY = b"the emulated storage account's key"
ARTIFACTS = "azureml"
# The end of a name that is not a blob's yet.
HALF = ".uploading~"


class BlobStore:
    """The containers of one storage account."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder = folder
        self.place = place
        self.staged: dict[tuple[str, str], dict[str, bytes]] = {}

    @property
    def container(self) -> str:
        """The container of `workspaceblobstore`."""
        return f"azureml-blobstore-{self.place.workspace_id}"

    def path(self, container: str, name: str = "") -> Path:
        """Where a blob lies on disk, whether it exists or not."""
        path = self.folder / container / name
        if ".." in path.parts or Path(name).is_absolute():
            raise Refused(400, f"{name} is not a valid blob name", "InvalidUri")
        return path

    def put(self, container: str, name: str, data: bytes) -> None:
        """Write a blob so that a reader sees the old or the new one."""
        path = self.path(container, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(uuid.uuid4().hex + HALF)
        fresh.write_bytes(data)
        fresh.replace(path)

    def get(self, container: str, name: str) -> bytes:
        """A blob's bytes; 404 if there is none."""
        path = self.path(container, name)
        if not path.is_file():
            raise Refused(404, "The specified blob does not exist.", "BlobNotFound")
        return path.read_bytes()

    def names(self, container: str, prefix: str = "") -> list[str]:
        """The blobs whose name begins so, sorted."""
        return sorted(name for name in self._walk(container, prefix) if name.startswith(prefix))

    def _walk(self, container: str, prefix: str) -> Iterator[str]:
        root = self.path(container)
        start = self.path(container, prefix.rpartition("/")[0])
        # os.walk, because a job may delete what it has mounted at any moment.
        for folder, _, names in os.walk(start):
            for name in names:
                if not name.endswith(HALF):
                    yield (Path(folder) / name).relative_to(root).as_posix()

    def delete(self, container: str, name: str) -> None:
        self.get(container, name)
        self.path(container, name).unlink()

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.staged.clear()

    def address(self, container: str, name: str, permissions: str = "r") -> str:
        """A blob's URL with a shared access signature."""
        signature = self.signature(container, permissions)
        base = f"https://{self.place.blob_host}/{container}/{quote(name)}"
        end = "2099-01-01T00%3A00%3A00Z"
        return f"{base}?sv=2019-07-07&sr=b&sp={permissions}&se={end}&sig={signature}"

    def signature(self, container: str, permissions: str) -> str:
        """What proves that we allowed this. Real ones cover the blob and the time as well."""
        text = f"{container} {permissions}".encode()
        return hmac.new(KEY, text, hashlib.sha256).hexdigest()
