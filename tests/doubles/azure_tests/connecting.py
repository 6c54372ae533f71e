"""The ways to open the workspace: by secret, by assertion of GitHub or, in plain http, by token."""

import functools
import os
from pathlib import Path
from typing import Any

from azure.identity import ClientAssertionCredential
from azureml.core import Workspace
from azureml.core.authentication import (
    AbstractAuthentication,
    ServicePrincipalAuthentication,
    TokenAuthentication,
    _SubscriptionInfo,
)


class Fixed(AbstractAuthentication):
    """For plain http: a token from outside, and no request for the subscriptions."""

    def _get_arm_token(self) -> str:
        return Path(os.environ["TOKEN_FILE"]).read_text()

    _get_azureml_client_token = _get_graph_token = _get_arm_token

    def _get_all_subscription_ids(self) -> tuple[list[Any], str]:
        subscription = os.environ["SUBSCRIPTION"]
        return [_SubscriptionInfo(subscription, subscription)], os.environ["AZURE_TENANT_ID"]


def by_assertion() -> TokenAuthentication:
    """As GitHub Actions does it without a secret."""
    names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
    credential = ClientAssertionCredential(*(os.environ[name] for name in names), lambda: "github")

    def token(audience: str) -> str:
        return credential.get_token(audience.rstrip("/") + "/.default").token

    return TokenAuthentication(token, cloud="AzureCloud")


def by_secret(secret: str) -> ServicePrincipalAuthentication:
    """A service principal, with this or another secret."""
    tenant, client = os.environ["AZURE_TENANT_ID"], os.environ["AZURE_CLIENT_ID"]
    return ServicePrincipalAuthentication(tenant, client, secret)


def open_workspace(auth: Any) -> Workspace:
    """The workspace that the config.json names."""
    return Workspace.from_config(path=os.environ["CONFIG"], auth=auth)


@functools.cache
def workspace() -> Workspace:
    """The workspace by service principal or, in plain http, by a fixed token."""
    if "ARM_CLOUD_METADATA_URL" in os.environ:
        return open_workspace(Fixed("AzureCloud"))
    return open_workspace(by_secret(os.environ["AZURE_CLIENT_SECRET"]))
