"""The emulated service: everything a handler may need, in one place."""

import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .blobstore import BlobStore
from .faults import Faults
from .places import Place
from .requestlog import RequestLog
from .state import State
from .switches import Switches
from .tokens import Tokens

if TYPE_CHECKING:
    from .jobs import Jobs


@dataclass
class Service:
    """Handlers get this and a request. `lock` is held while a handler runs."""

    place: Place
    folder: Path
    tls: ssl.SSLContext
    switches: Switches
    tokens: Tokens
    blobs: BlobStore
    state: State = field(default_factory=State)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)
    lock: threading.RLock = field(default_factory=threading.RLock)
    unknown: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    jobs: "Jobs" = field(init=False)
