"""The emulator as tests hold it: a context manager around the service and its HTTP server."""

import json
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from . import assets, client, computes, datastores
from .blobstore import BlobStore
from .certificates import server_context
from .jobs import Jobs
from .places import Place
from .server import Server
from .service import Service
from .state import State
from .switches import Switches
from .tokens import Tokens


class Emulator(Service):
    """An Azure ML workspace at `url`. Start it with `with`, or `start` and `stop`.

    `mode` is http (quick; the client's cloud metadata point here) or proxy (real host names, TLS,
    stock credentials). `folder` keeps blobs, working folders and certificates; without it they are
    in a temporary folder that goes with the emulator. The rest are switches.
    """

    def __init__(
        self, mode: str = "http", folder: Path | None = None, port: int = 0, **switches: Any
    ) -> None:
        if mode not in ("http", "proxy"):
            raise ValueError(f"mode is http or proxy, not {mode}")
        self._temporary = folder is None
        folder = Path(folder or tempfile.mkdtemp(prefix="azureml-emulator-"))
        self._server = Server(self, port)
        place = Place(mode=mode, port=self._server.server_address[1])
        super().__init__(
            place=place,
            folder=folder,
            tls=server_context(folder / "tls", place.hosts),
            switches=Switches(**switches),
            tokens=Tokens(place),
            blobs=BlobStore(folder / "blobs" / place.account, place),
        )
        self.jobs = Jobs(self)
        self._chosen = switches
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self.reset()

    @property
    def url(self) -> str:
        """Where the emulator itself listens, also in the proxy mode."""
        return self.place.address

    def start(self) -> "Emulator":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Kill the jobs, close the port, remove what was temporary."""
        self.jobs.stop()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def reset(self) -> None:
        """An empty workspace, no faults, the switches of the start; clients' caches are cleared."""
        self.jobs.stop()
        with self.lock:
            vars(self.state).update(vars(State()))
            self.blobs.clear()
            self.blobs.path(self.blobs.container).mkdir(parents=True)
            self.state.datastores.update(datastores.defaults(self))
            self.faults.clear()
            self.switches.reset()
            self.switches.set(**self._chosen)
            self.requests.reset()
            self.unknown.clear()
            self.defects.clear()
            # The SDK would name snapshots that do not exist any more.
            shutil.rmtree(self.folder / "home", ignore_errors=True)
            (self.folder / "home").mkdir(parents=True)

    def add_cluster(self, name: str, size: str = "STANDARD_DS3_V2", most: int = 4) -> None:
        """A cluster that somebody else has made."""
        scale = {"minNodeCount": 0, "maxNodeCount": most}
        inner = {"vmSize": size, "vmPriority": "Dedicated", "scaleSettings": scale}
        computes.make(
            self, name, {"properties": {"computeType": "AmlCompute", "properties": inner}}
        )

    def set_trouble(self, name: str, message: str = "", code: str = "QuotaExceeded") -> None:
        """A cluster gets no nodes, and says why: its jobs stay queued. Without a message: over."""
        trouble = {"code": code, "message": message} if message else None
        self.state.computes[name]["_trouble"] = trouble

    def add_data(self, name: str, version: str, uri: str, kind: str = "uri_folder") -> None:
        """A version of a data asset, at `azureml://datastores/D/paths/P`."""
        body = assets.data_body(self, name, version, uri, kind)
        self.state.data[name, version] = body

    def write_config(self, folder: Path) -> Path:
        """The workspace's config.json in the folder; its path."""
        place = self.place
        path = folder / "config.json"
        words = {
            "subscription_id": place.subscription,
            "resource_group": place.group,
            "workspace_name": place.workspace,
        }
        path.write_text(json.dumps(words, indent=4) + "\n")
        return path


def environment(emulator: Emulator) -> dict[str, str]:
    """The variables with which a client process takes the emulator for Azure."""
    return client.environment(emulator)
