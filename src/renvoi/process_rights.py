"""What a process asks the kernel about itself: its rights, and whose life it depends on (capabilities(7), prctl(2))."""

import ctypes
import os
import signal
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 24, 36, 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_CHOWN, _DAC_OVERRIDE, _FOWNER, _SETPCAP = (1 << bit for bit in (0, 1, 3, 8))
FILES_OF_OTHERS = _CHOWN | _DAC_OVERRIDE | _FOWNER
"""Capabilities that root needs for files which belong to others."""


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when process `parent` dies, even by SIGKILL.

    Raises:
        OSError: the kernel refused, or the parent is gone already.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError(f"the parent process {parent} is gone")


def adopt_orphans(adopts: bool = True) -> None:
    """Become the parent of each process whose parent ends, of those that descend from this one; or no more.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, int(adopts))


def confine_root(kept: int = FILES_OF_OTHERS) -> None:
    """Keep only the capabilities `kept` of root's, for good, also across exec; nothing is done where we are not root.

    Raises:
        OSError: the kernel refused.
    """
    if os.geteuid() != 0:
        return
    data = _capget()
    # In a container root may lack the right to give up rights; what it starts with is little then.
    if not data[0] & _SETPCAP:
        return
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for number in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text("ascii")) + 1):
        if not kept >> number & 1:
            _prctl(_PR_CAPBSET_DROP, number)
    data[0], data[1], data[2] = data[0] & kept, data[1] & kept, 0
    data[3] = data[4] = data[5] = 0
    _capset(data)


def use_capabilities(use: bool) -> None:
    """Put the capabilities that this process may have into effect, or out of it.

    Raises:
        OSError: the kernel refused.
    """
    data = _capget()
    for word in (0, 3):
        data[word] = data[word + 1] if use else 0
    _capset(data)


def drop_capabilities() -> None:
    """Give up every capability of this process, for good.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _capset(_Capabilities())


# Twice effective, permitted, inheritable: the lower 32 capabilities, then the upper ones (capset(2)).
_Capabilities = ctypes.c_uint32 * 6


def _capget() -> "ctypes.Array[ctypes.c_uint32]":
    header, data = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), _Capabilities()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(ctypes.byref(header), ctypes.byref(data)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be read")
    return data


def _capset(data: "ctypes.Array[ctypes.c_uint32]") -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        raise OSError(ctypes.get_errno(), "capabilities cannot be set")


def _prctl(option: int, argument: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(argument), *[ctypes.c_ulong(0)] * 3) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")
