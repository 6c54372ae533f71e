"""Project content: source trees that are uploaded file by file and unpacked for a job."""

import hashlib
import io
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .answers import Answer, Refused
from .blobstore import ARTIFACTS
from .routing import Call, routes
from .state import Snapshot

NOTHING = "00000000-0000-0000-0000-000000000000"


def latest(service: Any, call: Call) -> Answer:
    """The snapshot that a client without a cache compares with."""
    if not service.state.snapshots:
        return Answer(body={"id": NOTHING, "root": {}})
    snapshot = list(service.state.snapshots.values())[-1]
    return Answer(body={"id": snapshot.id, "root": snapshot.tree})


def get_blobs(service: Any, call: Call) -> Answer:
    """An address to upload each changed file to."""
    names = call.json()["FileNames"]
    folder = f"LocalUpload/{uuid.uuid4()}"
    return Answer(
        body={
            "fileNodes": [
                {
                    "fullName": name,
                    "blobUri": service.blobs.address(ARTIFACTS, f"{folder}/{name}", "rcw"),
                }
                for name in names
            ]
        }
    )


def create(service: Any, call: Call) -> Answer:
    """A snapshot of the whole tree: the files that were sent, the rest from its parent."""
    sent = call.json()
    parent = service.state.snapshots.get(sent.get("ParentSnapshotId") or "")
    files = dict(parent.files) if parent else {}
    for node in sent["FileRevisionList"]["FileNodes"]:
        blob = unquote(urlsplit(node["BlobUri"]).path).removeprefix(f"/{ARTIFACTS}/")
        service.blobs.get(ARTIFACTS, blob)
        files[node["FullName"]] = blob
    tree = sent["DirTreeNode"]
    names = _paths(tree)
    missing = [name for name in names if name not in files]
    if missing:
        raise Refused(400, f"The snapshot lacks {missing[0]}.")
    kept = {name: files[name] for name in names}
    snapshot = Snapshot(call["snapshot"], tree, kept, sent.get("Properties") or {})
    service.state.snapshots[snapshot.id] = snapshot
    return Answer(body={"id": snapshot.id, "root": tree})


def _paths(node: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, child in (node.get("children") or {}).items():
        path = f"{prefix}{child.get('name', name)}"
        is_folder = str(child.get("type")).lower() in ("directory", "1")
        found += _paths(child, path + "/") if is_folder else [path]
    return found


def from_zip(service: Any, archive: bytes) -> str:
    """A snapshot of an archive that came with the submission itself; its id."""
    snapshot = Snapshot(str(uuid.uuid4()), {}, {}, {})
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for name in opened.namelist():
            if not name.endswith("/"):
                blob = f"ZipUpload/{snapshot.id}/{name}"
                service.blobs.put(ARTIFACTS, blob, opened.read(name))
                snapshot.files[name] = blob
    service.state.snapshots[snapshot.id] = snapshot
    return snapshot.id


def unpack(service: Any, snapshot_id: str, folder: Path) -> None:
    """Write the files as a job finds them: modes are not kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, blob in service.state.snapshots[snapshot_id].files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(service.blobs.get(ARTIFACTS, blob))


def metadata(service: Any, call: Call) -> Answer:
    snapshot = _find(service, call)
    return Answer(
        body={"id": snapshot.id, "root": snapshot.tree, "properties": snapshot.properties}
    )


def make_zip(service: Any, call: Call) -> Answer:
    """The whole tree as an archive, for `run.restore_snapshot`."""
    snapshot = _find(service, call)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, blob in snapshot.files.items():
            archive.writestr(name, service.blobs.get(ARTIFACTS, blob))
    name = f"Zips/{hashlib.sha256(written.getvalue()).hexdigest()}.zip"
    service.blobs.put(ARTIFACTS, name, written.getvalue())
    return Answer(body={"zipSasUri": service.blobs.address(ARTIFACTS, name)})


def _find(service: Any, call: Call) -> Snapshot:
    if call["snapshot"] not in service.state.snapshots:
        raise Refused(404, f"Snapshot {call['snapshot']} not found.", "NotFound")
    return service.state.snapshots[call["snapshot"]]


ROUTES = routes(
    "snapshot",
    ("GET /content/v1.0{ws}/snapshots/latest/metadata", latest),
    ("GET /content/v[12].0{ws}/snapshots/{snapshot}/metadata", metadata),
    ("POST? /content/v2.0{ws}/snapshots/getblob", get_blobs),
    ("POST? /content/v2.0{ws}/snapshots/{snapshot}/zip", make_zip),
    ("POST /content/v2.0{ws}/snapshots/{snapshot}", create),
)
