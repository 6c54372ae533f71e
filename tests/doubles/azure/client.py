"""What a client needs in its environment to take the emulator for Azure."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .service import Service


def trust(service: "Service") -> dict[str, str]:
    """The proxy and the authority behind it; a job gets these too."""
    authority = str(service.folder / "tls" / "ca.pem")
    found = {
        "HTTPS_PROXY": service.place.address,
        "NO_PROXY": "127.0.0.1,localhost",
        "REQUESTS_CA_BUNDLE": authority,
        "SSL_CERT_FILE": authority,
    }
    if service.place.mode == "http":
        found["ARM_CLOUD_METADATA_URL"] = f"{service.place.address}/metadata/endpoints"
    return found


def environment(service: "Service") -> dict[str, str]:
    """Everything for a client process: trust, a home of its own, credentials, quick retries."""
    home = service.folder / "home"
    place = service.place
    return trust(service) | {
        "HOME": str(home),
        "AZUREML_AUTH_CONFIG_DIR": str(home / ".azureml" / "auth"),
        "AZUREML_CURRENT_CLOUD": "AzureCloud",
        "AZUREML_SERVICE_PRINCIPAL_TENANT_ID": place.tenant,
        "AZUREML_SERVICE_PRINCIPAL_ID": place.client_id,
        "AZUREML_SERVICE_PRINCIPAL_PASSWORD": place.client_secret,
        "AZURE_TENANT_ID": place.tenant,
        "AZURE_CLIENT_ID": place.client_id,
        "AZURE_CLIENT_SECRET": place.client_secret,
        "AZUREML_DEFAULT_BACKOFF": "1",
        "AZUREML_DEFAULT_500_BACKOFF": "1",
        "AZUREML_DEFAULT_503_BACKOFF": "1",
    }
