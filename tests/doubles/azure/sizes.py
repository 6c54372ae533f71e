"""VM sizes, quotas and usages of the region."""

from typing import Any

from .answers import Answer
from .routing import Call, routes

LOCATION = (
    "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}"
)

# name, family, vCPUs, GPUs, memory in GB
SIZES = (
    ("STANDARD_DS3_V2", "standardDSv2Family", 4, 0, 14.0),
    ("STANDARD_DS12_V2", "standardDSv2Family", 4, 0, 28.0),
    ("STANDARD_D2_V2", "standardDv2Family", 2, 0, 7.0),
    ("STANDARD_NC6", "standardNCFamily", 6, 1, 56.0),
    ("STANDARD_NC6S_V3", "standardNCSv3Family", 6, 1, 112.0),
    ("STANDARD_NC24S_V3", "standardNCSv3Family", 24, 4, 448.0),
    ("STANDARD_NC4AS_T4_V3", "standardNCASv3_T4Family", 4, 1, 28.0),
    ("STANDARD_NC24ADS_A100_V4", "standardNCADSA100v4Family", 24, 1, 220.0),
    ("STANDARD_ND96ASR_V4", "standardNDASv4_A100Family", 96, 8, 900.0),
)
CORES_ALLOWED = 200


def vm_sizes(service: Any, call: Call) -> Answer:
    sizes = [
        {
            "name": name,
            "family": family,
            "vCPUs": cores,
            "gpus": gpus,
            "memoryGB": memory,
            "osVhdSizeMB": 1047552,
            "maxResourceVolumeMB": 128000,
            "lowPriorityCapable": True,
            "premiumIO": True,
            "supportedComputeTypes": ["AmlCompute"],
        }
        for name, family, cores, gpus, memory in SIZES
    ]
    return Answer(body={"amlCompute": sizes, "value": sizes})


def usages(service: Any, call: Call) -> Answer:
    """Cores in use by family: nodes with a job times the cores of their size."""
    base = LOCATION.format(subscription=service.place.subscription, region=call["region"])
    return Answer(
        body={
            "value": [
                {
                    "id": f"{base}/usages/{family}",
                    "type": "Microsoft.MachineLearningServices/locations/usages",
                    "unit": "Count",
                    "currentValue": _cores_in_use(service, family),
                    "limit": CORES_ALLOWED,
                    "name": {"value": family, "localizedValue": family},
                }
                for family in _families()
            ]
        }
    )


def quotas(service: Any, call: Call) -> Answer:
    base = LOCATION.format(subscription=service.place.subscription, region=call["region"])
    return Answer(
        body={
            "value": [
                {
                    "id": f"{base}/quotas/{family}",
                    "type": "Microsoft.MachineLearningServices/quotas",
                    "limit": CORES_ALLOWED,
                    "unit": "Count",
                    "name": {"value": family, "localizedValue": family},
                }
                for family in _families()
            ]
        }
    )


def _families() -> list[str]:
    return sorted({family for _, family, *_ in SIZES})


def _cores_in_use(service: Any, family: str) -> int:
    cores = {name: count for name, of, count, *_ in SIZES if of == family}
    return sum(
        service.jobs.nodes_in_use(name) * cores.get(body["properties"]["properties"]["vmSize"], 0)
        for name, body in service.state.computes.items()
    )


ROUTES = routes(
    "compute",
    (f"GET {LOCATION}/vmSizes", vm_sizes),
    (f"GET {LOCATION}/usages", usages),
    (f"GET {LOCATION}/quotas", quotas),
)
