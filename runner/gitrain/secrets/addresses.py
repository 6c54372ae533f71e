"""Removes credentials from addresses."""

from __future__ import annotations

import re

_AUTHORITY = re.compile(r"(?<=[A-Za-z0-9]://)[^\s/?#'\"]*@")
_SIGNATURE = re.compile(
    r"([?&;](?:sig|token|access_token|private_token|password)=)[^&\s'\"]+", re.I
)


def scrub_url(url: str) -> str:
    """An address, or a text with addresses, without user names, passwords and signatures.

    `git@host:path` stays as it is: the user name for SSH is not a credential.
    """
    return _SIGNATURE.sub(r"\1***", _AUTHORITY.sub("", url))
