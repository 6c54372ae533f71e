"""Azure's VM sizes: their GPUs, and which of them are retired; and an image to start with.

For GPU-hours, warnings and suggestions. A size that is not listed is unknown, which is not an
error: Azure adds sizes every month, and the service has the last word.

Sources. GPUs: Azure's published size tables, as generally known; not checked online. Retirement of
NC, NCv2, ND and NV: "Retired Azure VM sizes", of NCv3: its migration guide, both in Microsoft's
documentation on GitHub; of NVv3 and NVv4: Azure update 516070, read second-hand.
"""

from __future__ import annotations

import difflib
import re

import msgspec


class Size(msgspec.Struct, frozen=True):
    """A VM size as Azure spells it.

    `gpus` is the number of devices in a node; a size with a share of a device has 1, so that
    GPU-hours are never underestimated. `gpu` is the model. `retired` is the day it was or will be
    switched off (YYYY-MM-DD), or empty; `successor` is a size to use instead, or empty.
    """

    name: str
    gpus: int
    gpu: str = ""
    retired: str = ""
    successor: str = ""


BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
"""An image to start with, for suggestions."""

# model | retired | successor | name without "Standard_", "=", GPUs …
_TABLE = """
K80     |2023-09-06|NC4as_T4_v3     |NC6=1 NC12=2 NC24=4 NC24r=4
K80     |2023-09-06|NC4as_T4_v3     |NC6_Promo=1 NC12_Promo=2 NC24_Promo=4 NC24r_Promo=4
P100    |2023-09-06|NC24ads_A100_v4 |NC6s_v2=1 NC12s_v2=2 NC24s_v2=4 NC24rs_v2=4
P40     |2023-09-06|NC24ads_A100_v4 |ND6s=1 ND12s=2 ND24s=4 ND24rs=4
M60     |2023-09-06|NV36ads_A10_v5  |NV6=1 NV12=2 NV24=4 NV6_Promo=1 NV12_Promo=2 NV24_Promo=4
M60     |          |NV36ads_A10_v5  |NV6s_v2=1 NV12s_v2=2 NV24s_v2=4
M60     |2026-09-30|NV36ads_A10_v5  |NV12s_v3=1 NV24s_v3=2 NV48s_v3=4
MI25    |2026-09-30|NV36ads_A10_v5  |NV4as_v4=1 NV8as_v4=1 NV16as_v4=1 NV32as_v4=1
A10     |          |                |NV6ads_A10_v5=1 NV12ads_A10_v5=1 NV18ads_A10_v5=1
A10     |          |                |NV36ads_A10_v5=1 NV36adms_A10_v5=1 NV72ads_A10_v5=2
V100    |2025-09-30|NC24ads_A100_v4 |NC6s_v3=1
V100    |2025-09-30|NC48ads_A100_v4 |NC12s_v3=2
V100    |2025-09-30|NC96ads_A100_v4 |NC24s_v3=4 NC24rs_v3=4
V100    |          |                |ND40rs_v2=8
T4      |          |                |NC4as_T4_v3=1 NC8as_T4_v3=1 NC16as_T4_v3=1 NC64as_T4_v3=4
A100    |          |                |NC24ads_A100_v4=1 NC48ads_A100_v4=2 NC96ads_A100_v4=4
A100    |          |                |ND96asr_v4=8 ND96amsr_A100_v4=8
H100    |          |                |NC40ads_H100_v5=1 NC80adis_H100_v5=2 NCC40ads_H100_v5=1
H100    |          |                |ND96isr_H100_v5=8
H200    |          |                |ND96isr_H200_v5=8
MI300X  |          |                |ND96isr_MI300X_v5=8
"""

# Families without GPUs: A, B, D (DC, DS), E (EC), F (FX), G, H (HB, HC, HX), L and M.
_CPU = re.compile(
    r"standard_(?:a|b|dc?s?|ec?|fx?|gs?|h[bcx]?|l|m)\d+(?:-\d+)?[a-z]*(?:_cc)?(?:_v\d+)?(?:_promo)?",
    re.I,
)


def _read(table: str) -> dict[str, Size]:
    sizes = {}
    for line in table.strip().splitlines():
        gpu, retired, successor, names = (column.strip() for column in line.split("|"))
        for word in names.split():
            name, _, gpus = word.partition("=")
            full = f"Standard_{name}"
            instead = f"Standard_{successor}" if successor else ""
            sizes[full.lower()] = Size(full, int(gpus), gpu, retired, instead)
    return sizes


_SIZES = _read(_TABLE)


def look_up(size: str) -> Size | None:
    """The VM size of this name, ignoring case; None if it is unknown.

    CPU sizes are recognised by the form of their name, and keep the name as given.
    """
    known = _SIZES.get(size.lower())
    if known is None and _CPU.fullmatch(size):
        return Size(size, 0)
    return known


def gpus_of(size: str) -> int | None:
    """The number of GPUs in a node of this size; None if the size is unknown."""
    known = look_up(size)
    return known.gpus if known else None


def similar(size: str) -> str:
    """The known size with the closest name to an unknown one; empty if none is close.

    Never suggests a retired size.
    """
    names = [name for name, known in _SIZES.items() if not known.retired]
    wanted = size.lower()
    if not wanted.startswith("standard_"):
        wanted = f"standard_{wanted}"
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.9)
    return _SIZES[near[0]].name if near else ""
