"""The blob service's REST: put, blocks, get with ranges, head, delete, list."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from .answers import Answer, Refused
from .routing import Call, routes

XML = {"Content-Type": "application/xml"}


def _refuse(status: int, code: str) -> Refused:
    refused = Refused(status, code, code)
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code>'
    text += f"<Message>{code}\nRequestId:emulated</Message></Error>"
    refused.answer = Answer(status, text.encode(), XML | {"x-ms-error-code": code})
    return refused


def _allow(service: Any, call: Call, permission: str) -> None:
    """By account key (any is believed) or by a signature of ours that permits this."""
    if call.headers.get("authorization", "").startswith(("SharedKey ", "Bearer ")):
        return
    given = call.query.get("sp", "")
    if call.query.get("sig") != service.blobs.signature(call["container"], given):
        raise _refuse(403, "AuthenticationFailed")
    if permission not in given:
        raise _refuse(403, "AuthorizationPermissionMismatch")


def _described(path: Path) -> dict[str, str]:
    known = path.stat()
    changed = datetime.fromtimestamp(known.st_mtime, UTC)
    return {
        "ETag": f'"0x{known.st_mtime_ns:X}{known.st_size:X}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
        "x-ms-blob-type": "BlockBlob",
        "x-ms-version": "2021-12-02",
        "Accept-Ranges": "bytes",
    }


def put(service: Any, call: Call) -> Answer:
    """A whole blob, one block of it, or the list that makes blocks a blob."""
    _allow(service, call, "w")
    blob = (call["container"], call["name"])
    part = call.query.get("comp")
    if part == "block":
        service.blobs.staged.setdefault(blob, {})[call.query["blockid"]] = call.body
        return _created(call.body, {})
    if part == "metadata":
        return Answer(200)
    data = call.body
    if part == "blocklist":
        ids = re.findall(r"<(?:Latest|Uncommitted|Committed)>([^<]+)<", call.body.decode())
        data = b"".join(service.blobs.staged.pop(blob, {})[name] for name in ids)
    service.blobs.put(*blob, data)
    return _created(data, _described(service.blobs.path(*blob)))


def _created(data: bytes, described: dict[str, str]) -> Answer:
    digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    extra = {"Content-MD5": digest, "x-ms-request-server-encrypted": "true"}
    return Answer(201, b"", described | extra)


def get(service: Any, call: Call) -> Answer:
    """The blob or, with a range, a part of it."""
    _allow(service, call, "r")
    path = service.blobs.path(call["container"], call["name"])
    if not path.is_file():
        raise _refuse(404, "BlobNotFound")
    headers, size = _described(path), path.stat().st_size
    asked = call.headers.get("x-ms-range") or call.headers.get("range")
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked) if asked else None
    if not match:
        return Answer(200, path.read_bytes(), headers)
    first = int(match[1])
    last = min(int(match[2] or size - 1), size - 1)
    if first >= size:
        raise _refuse(416, "InvalidRange")
    with path.open("rb") as opened:
        opened.seek(first)
        part = opened.read(last + 1 - first)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Answer(206, part, headers)


def head(service: Any, call: Call) -> Answer:
    """As get, of the whole; the server leaves the body out."""
    call.headers.pop("x-ms-range", None)
    call.headers.pop("range", None)
    return get(service, call)


def delete(service: Any, call: Call) -> Answer:
    _allow(service, call, "d")
    service.blobs.delete(call["container"], call["name"])
    return Answer(202, b"")


def list_container(service: Any, call: Call) -> Answer:
    """The blobs of a container in pages; with a delimiter also the folders at that level."""
    _allow(service, call, "l")
    if call.query.get("comp") != "list":
        return Answer(200, b"", {"ETag": '"0x1"', "Last-Modified": formatdate(usegmt=True)})
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    size = min(int(call.query.get("maxresults") or 5000), service.switches.page_size)
    entries = _level(service.blobs.names(call["container"], prefix), prefix, delimiter)
    start = int(call.query.get("marker") or 0)
    page = entries[start : start + size]
    marker = str(start + size) if start + size < len(entries) else ""
    items = "".join(
        f"<BlobPrefix><Name>{escape(name)}</Name></BlobPrefix>"
        if delimiter and name.endswith(delimiter)
        else _item(service, call["container"], name)
        for name in page
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EnumerationResults ServiceEndpoint="https://{call.host}/" '
        f'ContainerName="{escape(call["container"])}"><Prefix>{escape(prefix)}</Prefix>'
        f"<Blobs>{items}</Blobs><NextMarker>{marker}</NextMarker></EnumerationResults>"
    )
    return Answer(200, text.encode(), dict(XML))


def _level(names: list[str], prefix: str, delimiter: str) -> list[str]:
    if not delimiter:
        return names
    cut = (name[len(prefix) :].partition(delimiter) for name in names)
    return sorted({prefix + head + found for head, found, _ in cut})


def _item(service: Any, container: str, name: str) -> str:
    path = service.blobs.path(container, name)
    described = _described(path)
    return (
        f"<Blob><Name>{escape(name)}</Name><Properties>"
        f"<Creation-Time>{described['Last-Modified']}</Creation-Time>"
        f"<Last-Modified>{described['Last-Modified']}</Last-Modified>"
        f"<Etag>{escape(described['ETag'])}</Etag>"
        f"<Content-Length>{path.stat().st_size}</Content-Length>"
        "<BlobType>BlockBlob</BlobType></Properties></Blob>"
    )


def make_container(service: Any, call: Call) -> Answer:
    path = service.blobs.path(call["container"])
    if path.exists():
        raise _refuse(409, "ContainerAlreadyExists")
    path.mkdir(parents=True)
    return Answer(201, b"")


ROUTES = routes(
    "blob",
    ("PUT /{container}", make_container),
    ("GET /{container}", list_container),
    ("HEAD /{container}", list_container),
    ("PUT /{container}/{name*}", put),
    ("GET /{container}/{name*}", get),
    ("HEAD /{container}/{name*}", head),
    ("DELETE /{container}/{name*}", delete),
    open_to_all=True,
)
