"""A credential for the plain http mode, where azure-core refuses to send a bearer token.

Imports azureml-core: only for tests that use the SDK in their own process.
"""

from typing import Any

from azureml.core.authentication import AbstractAuthentication, _SubscriptionInfo

from .service import Service


class EmulatedAuthentication(AbstractAuthentication):
    """Hands out a new token of the emulator for every request."""

    def __init__(self, emulator: Service) -> None:
        super().__init__("AzureCloud")
        self._emulator = emulator

    def _get_arm_token(self) -> str:
        return self._emulator.tokens.mint()

    _get_azureml_client_token = _get_arm_token
    _get_graph_token = _get_arm_token

    def _get_all_subscription_ids(self) -> tuple[list[Any], str]:
        subscription = self._emulator.place.subscription
        return [_SubscriptionInfo(subscription, subscription)], self._emulator.place.tenant
