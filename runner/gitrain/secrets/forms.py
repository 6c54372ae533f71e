"""Which literals are secrets, by the name of their key or by their form.

A secret in a manifest must be a reference (`{env: NAME}`). The secrets that this module finds are
refused, and the reason never quotes the value: reasons appear in plans, logs and comments.
"""

from __future__ import annotations

import re

SECRET_WORDS = frozenset({"PASSWORD", "SECRET", "TOKEN", "KEY", "SAS", "PWD", "CREDENTIALS"})

# A single alternation, so that each string is scanned once; the matching group names the form. Each
# form has a fixed prefix or length, so that ordinary commands and hashes do not match.
_FORMS = {
    "an Azure connection string": (
        r"(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[A-Za-z0-9+/%=&]{8}"
    ),
    "an Azure storage key": r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==",
    "a signed (SAS) address": r"[?&;]sig=[A-Za-z0-9%+/]{20}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{30})",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/T\w+/B\w+/\w{20}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}",
    "an OpenAI or Anthropic key": r"(?<![\w-])sk-(?=[A-Za-z_-]{0,99}[0-9])[A-Za-z0-9_-]{32}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30}",
    "a PyPI token": r"\bpypi-AgEI[A-Za-z0-9_-]{20}",
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    "a JSON web token": r"(?<![\w-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10}",
    "a password in an address": r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/@:$]*:[^\s/@$]+@",
}
# Every form contains one of these. Most strings have none, and take a microsecond.
_MARKERS = (
    *("Key=", "Signature=", "==", "sig=", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "hooks.slack.com", "AIza", "sk-", "hf_", "pypi-"),
    *("PRIVATE KEY", "eyJ", "://"),
)
_JSON_MARKERS = tuple(marker.encode() for marker in _MARKERS if marker != "://")
# Addresses are common; those with a password are not.
_JSON_PASSWORD = re.compile(rb"://[^\s/@$]*@")
_NAMES = tuple(_FORMS)
_FORM = re.compile("|".join(f"({pattern})" for pattern in _FORMS.values()))
# A form recognises a secret by its beginning: what is joined to that belongs to it.
_WHOLE = re.compile(rf"(?:{'|'.join(_FORMS.values())})[^\s\"'`]*")


def is_secret_key(key: str) -> bool:
    """Whether a literal under this key is refused: its last `_`-separated word names a secret."""
    return key.rpartition("_")[2].upper() in SECRET_WORDS


def why_secret_text(text: str) -> str | None:
    """Why a string (a command, a Dockerfile, a label, a path) holds a secret; None if it does not.

    Looks only for forms, anywhere in the string. The reason never quotes it.
    """
    if not any(marker in text for marker in _MARKERS):
        return None
    match = _FORM.search(text)
    if match is None or match.lastindex is None:
        return None
    return f"this contains what looks like {_NAMES[match.lastindex - 1]}"


def without_secrets(text: str) -> str:
    """A text with `***` in the place of each literal that has the form of a secret."""
    if not any(marker in text for marker in _MARKERS):
        return text
    return _WHOLE.sub("***", text)


def may_hold_secret(json: bytes) -> bool:
    """Whether any string in a JSON value needs `why_secret_text`.

    One search of a whole manifest instead of one for each string; JSON does not escape anything
    that it looks for.
    """
    if any(marker in json for marker in _JSON_MARKERS):
        return True
    return b"://" in json and _JSON_PASSWORD.search(json) is not None


def why_secret(key: str, value: str) -> str | None:
    """Why a literal is a secret, by its key's last word or by its form; None if it is not.

    An empty value is not a secret. The reason may name the key, never the value.
    """
    if not value:
        return None
    if is_secret_key(key):
        return f"a value named {key} must not be a literal"
    return why_secret_text(value)
