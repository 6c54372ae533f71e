"""What is known of Azure's VM sizes."""

from __future__ import annotations

import pytest

from gitrain.catalog import look_up, similar


@pytest.mark.parametrize(
    ("size", "gpus", "gpu"),
    [
        ("Standard_NC4as_T4_v3", 1, "T4"),
        ("Standard_NC64as_T4_v3", 4, "T4"),
        ("Standard_NC24rs_v3", 4, "V100"),
        ("Standard_ND40rs_v2", 8, "V100"),
        ("Standard_NC96ads_A100_v4", 4, "A100"),
        ("Standard_ND96isr_H100_v5", 8, "H100"),
        ("Standard_NV6ads_A10_v5", 1, "A10"),
    ],
)
def test_gpu_sizes_have_their_gpus(size, gpus, gpu):
    known = look_up(size)

    assert known is not None
    assert (known.name, known.gpus, known.gpu) == (size, gpus, gpu)


@pytest.mark.parametrize(
    "size",
    [
        *("Standard_DS3_v2", "Standard_D2_v2", "Standard_D4ads_v5", "Standard_E4-2ds_v5"),
        *("Standard_F4s_v2", "Standard_M128dms_v2", "Standard_HB120rs_v3", "Standard_L8as_v3"),
        *("Standard_B2ms", "Standard_A1_v2", "Standard_DC4as_cc_v5", "standard_d13_v2_promo"),
    ],
)
def test_cpu_sizes_have_no_gpus(size):
    known = look_up(size)

    assert known is not None
    assert known.gpus == 0


def test_case_is_ignored():
    assert look_up("STANDARD_NC6") == look_up("standard_nc6") == look_up("Standard_NC6")


@pytest.mark.parametrize(
    "size", ["Standard_NC6", "Standard_NC12", "Standard_NC24", "Standard_NC24r"]
)
def test_the_tutorials_k80_sizes_are_gone_and_have_a_successor(size):
    known = look_up(size)

    assert known is not None
    assert known.gpu == "K80"
    assert known.retired == "2023-09-06"
    assert known.successor == "Standard_NC4as_T4_v3"


def test_every_successor_is_a_size_that_is_not_retired():
    for name in (
        "Standard_NC6",
        "Standard_NC6s_v2",
        "Standard_NC24rs_v3",
        "Standard_NV6",
        "Standard_ND6s",
    ):
        known = look_up(name)
        assert known is not None
        successor = look_up(known.successor)
        assert successor is not None
        assert successor.retired == ""


@pytest.mark.parametrize(
    "size", ["", "Standard_NX1", "Standard_ND999_v9", "T4", "Standard_", "Standard_D"]
)
def test_an_unknown_size_is_unknown_and_no_error(size):
    assert look_up(size) is None


def test_a_misspelt_size_has_a_suggestion():
    assert similar("Standard_NC4as_T4_V2") == "Standard_NC4as_T4_v3"
    assert similar("NC4as_T4_v3") == "Standard_NC4as_T4_v3"
    assert similar("standard_nc24ads_a100_v3") == "Standard_NC24ads_A100_v4"
    assert similar("bicycle") == ""
