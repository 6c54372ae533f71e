"""Memory that the C library gives back to the system too soon."""

import ctypes
from contextlib import suppress


def keep_freed_memory() -> None:
    """Make the C library reuse freed memory.

    It returns large blocks to the system at once, and a training on a CPU then spends up to two
    thirds of its time on getting the same pages again.
    """
    # From malloc.h. Only glibc has mallopt; elsewhere nothing changes.
    trim_threshold, mmap_max = -1, -4
    with suppress(AttributeError, OSError, TypeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(trim_threshold, 2**31 - 1)
        libc.mallopt(mmap_max, 0)
