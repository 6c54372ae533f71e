"""What a supervisor asks of Linux that Python's library has no call for. Elsewhere: nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36
_SECOND = 1


class _Event(ctypes.Structure):
    """`struct sigevent`; a zero `notify` is SIGEV_SIGNAL."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("padding", ctypes.c_char * 64),
    )


class _Times(ctypes.Structure):
    """`struct itimerspec`: how often, and when first; each in seconds and nanoseconds."""

    _fields_ = (("every", ctypes.c_long * 2), ("first", ctypes.c_long * 2))


def adopt_orphans() -> None:
    """Become the parent of every process below us whose own parent ends.

    So a daemon that a command leaves behind stays below us, whatever it does to its group, its
    session and its variables.
    """
    with suppress(OSError, AttributeError):
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def never_stop_for_long() -> None:
    """Have the kernel send us SIGCONT every second: stopped, we continue by then.

    A run can stop its supervisor, and no timeout or cancel would end it.
    """
    # A signal that is ignored, as this one is by default, would end the timer.
    signal.signal(signal.SIGCONT, lambda *_: None)
    timer = ctypes.c_void_p()
    event = _Event(signo=signal.SIGCONT)
    times = _Times((_SECOND, 0), (_SECOND, 0))
    with suppress(OSError, AttributeError):
        _call("timer_create", 1, ctypes.byref(event), ctypes.byref(timer))  # CLOCK_MONOTONIC
        _call("timer_settime", timer, 0, ctypes.byref(times), None)


def reap_orphans(ours: frozenset[int]) -> None:
    """Reap the adopted processes that have ended; `ours` are the children that we started, and are
    waited for by whoever started them. Returns at the first of these that has ended."""
    if sys.platform != "linux":
        return
    look = os.WEXITED | os.WNOHANG | os.WNOWAIT
    with suppress(ChildProcessError):
        while (ended := os.waitid(os.P_ALL, 0, look)) is not None and ended.si_pid not in ours:
            os.waitpid(ended.si_pid, 0)


def _call(name: str, *arguments: object) -> None:
    if sys.platform != "linux":
        return
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
