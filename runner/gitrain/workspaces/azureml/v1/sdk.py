"""Everything that is left to azureml-core itself: snapshots, environments, submission, storage.

It is imported for the first write or download. Its prints, logs and warnings are discarded.
"""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import os
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from gitrain.errors import GitrainError, UnavailableError, WorkspaceError
from gitrain.secrets.values import hidden, quoted_line
from gitrain.workspaces.azureml.http.addresses import Target, cloud
from gitrain.workspaces.azureml.http.requests import ROLE_HINT
from gitrain.workspaces.azureml.http.retry import Transport

# Git's facts are set by us: the SDK would store a remote's address with its credentials.
_GIT = ("REPOSITORY_URI", "BRANCH", "COMMIT", "DIRTY", "BUILD_ID", "BUILD_URI")
_CODE = re.compile(r"(?:Code|status code|Response Code|StatusCode)\W{1,4}(\d{3})\b", re.IGNORECASE)
_MESSAGE = re.compile(r'"message":\s*"((?:[^"\\]|\\.)*)"')
_LOCK = threading.RLock()


def check_python(version: tuple[int, int], *, imghdr: bool) -> None:
    """Refuse a Python on which the SDK fails only after it has started the run."""
    if version >= (3, 13) and not imghdr:
        raise WorkspaceError(
            f"azureml-core does not work on Python {version[0]}.{version[1]}: it breaks after a "
            "run has started. Use Python 3.11 or 3.12 (or install standard-imghdr)"
        )


class Sdk:
    """azureml-core, opened for one workspace when it is first needed."""

    def __init__(self, where: Target, transport: Transport) -> None:
        self._where = where
        self._transport = transport
        self._opened: Any = None
        self._environments: dict[tuple[str, str], Any] = {}

    def check(self) -> None:
        """Refuse a Python that the SDK breaks on; call it before the first write."""
        check_python(sys.version_info[:2], imghdr=importlib.util.find_spec("imghdr") is not None)

    @contextmanager
    def workspace(self) -> Iterator[Any]:
        """The SDK's Workspace. Inside, the SDK is quiet, and its exceptions become ours."""
        self.check()
        # The SDK changes the process (working folder, environment): one thread at a time.
        with _LOCK, _quiet(), _translated(), self._transport.taking_over():
            if self._opened is None:
                self._opened = self._open()
            yield self._opened

    def starting(self, absent: Callable[[], bool]) -> AbstractContextManager[None]:
        """Within this context, a start that failed is repeated if its run is `absent`."""
        return self._transport.starting(absent)

    def register(self, workspace: Any, environment: Any) -> None:
        """Register an environment. Call within `workspace`."""
        made = environment.register(workspace)
        self._environments[environment.name, environment.version] = made

    def environment(self, workspace: Any, name: str, version: str) -> Any:
        """A registered environment. Call within `workspace`.

        One that was just registered may not be found yet: what registering returned is used."""
        from azureml.core import Environment

        if (name, version) not in self._environments:
            self._environments[name, version] = Environment.get(workspace, name, version)
        return self._environments[name, version]

    def _open(self) -> Any:
        from azureml.core import Workspace

        return Workspace(
            self._where.subscription,
            self._where.group,
            self._where.name,
            auth=_authentication(self._where.subscription, self._transport.tokens.get),
        )


def _authentication(subscription: str, token: Callable[[], str]) -> Any:
    """The SDK's view of our credential: asked for every request, so that none expires.

    It knows its subscription: otherwise the SDK would list all that we may see.
    """
    from azureml._base_sdk_common.common import fetch_tenantid_from_aad_token
    from azureml.core.authentication import AbstractAuthentication, _SubscriptionInfo

    class Ours(AbstractAuthentication):  # type: ignore[misc]
        def _get_arm_token(self) -> str:
            return token()

        _get_azureml_client_token = _get_arm_token
        _get_graph_token = _get_arm_token

        def _get_all_subscription_ids(self) -> tuple[list[Any], str]:
            known = [_SubscriptionInfo(subscription, subscription)]
            return known, fetch_tenantid_from_aad_token(token())

    # Without a name it asks management.azure.com which clouds there are, for up to 30 s.
    return Ours(cloud())


@contextmanager
def _quiet() -> Iterator[None]:
    """Discard the SDK's prints, warnings and logs: they quote requests, which hold credentials."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextmanager
def git_hidden(folder: Path) -> Iterator[None]:
    """Hide Git from the SDK, both around a folder and in the environment."""
    hidden: Mapping[str, str | None] = {
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "GIT_DIR": None,
        "GIT_WORK_TREE": None,
        **dict.fromkeys((f"AZUREML_GIT_{name}" for name in _GIT), None),
    }
    before = {name: os.environ.get(name) for name in hidden}
    _set(hidden)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the SDK's exceptions into ours; they are of many classes, down to Exception itself."""
    try:
        yield
    except (GitrainError, AssertionError):
        raise
    except Exception as error:  # the SDK raises bare ones
        raise _ours_behind(error) or refusal(error) from None


def _ours_behind(error: BaseException | None) -> GitrainError | None:
    """What the transport raised, where the SDK wrapped it."""
    seen = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, GitrainError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def refusal(error: Exception) -> WorkspaceError:
    """What an exception of the SDK means. Its text may quote what was sent, which holds
    credentials: only the service's own message is kept."""
    import requests
    from azure.core.exceptions import DeserializationError

    text = str(getattr(error, "message", "") or error)
    status = _status(error, text)
    match = _MESSAGE.search(text)
    said = match[1] if match else text.partition("\n")[0]
    line = quoted_line(hidden(said).replace('\\"', '"')) or type(error).__name__
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return UnavailableError(f"Azure cannot be reached ({type(error).__name__})")
    if isinstance(error, json.JSONDecodeError | DeserializationError):
        return UnavailableError("Azure's answer is not JSON")
    if status in (401, 403):
        return WorkspaceError(f"Azure denied access: {line} ({status}); {ROLE_HINT}")
    return WorkspaceError(f"Azure ML refused: {line}")


def _status(error: Exception, text: str) -> int:
    response = getattr(error, "response", None)
    for found in (getattr(error, "status_code", None), getattr(response, "status_code", None)):
        if isinstance(found, int):
            return found
    match = _CODE.search(text)
    return int(match[1]) if match else 0
