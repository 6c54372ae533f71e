"""Who and where the emulated workspace is: names, scopes and the hosts' addresses."""

from dataclasses import dataclass

ARM_HOST = "management.azure.com"
LOGIN_HOST = "login.microsoftonline.com"
BLOB_SUFFIX = ".blob.core.windows.net"


@dataclass(frozen=True)
class Place:
    """The workspace's names; the defaults do for every test that needs no other."""

    subscription: str = "5ab5c71b-0000-4000-8000-000000000001"
    group: str = "rg-gitrain"
    workspace: str = "pets"
    workspace_id: str = "3f0ba0f5-0000-4000-8000-000000000002"
    region: str = "eastus"
    tenant: str = "7e4a4170-0000-4000-8000-000000000003"
    client_id: str = "c11e4700-0000-4000-8000-000000000004"
    client_secret: str = "emulated~client~secret"
    account: str = "emul"
    mode: str = "http"
    port: int = 0

    @property
    def scope(self) -> str:
        """The workspace's ARM id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"
        )

    @property
    def address(self) -> str:
        """The emulator's own address on the loopback."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def arm(self) -> str:
        return f"https://{ARM_HOST}" if self.mode == "proxy" else self.address

    @property
    def services(self) -> str:
        """The data plane: history, execution, content, artifacts, metrics, …"""
        return f"https://{self.services_host}" if self.mode == "proxy" else self.address

    @property
    def services_host(self) -> str:
        return f"{self.region}.api.azureml.ms"

    @property
    def blob_host(self) -> str:
        return f"{self.account}{BLOB_SUFFIX}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The real names that the proxy answers for; any other is refused."""
        return (ARM_HOST, LOGIN_HOST, self.services_host, self.blob_host)
