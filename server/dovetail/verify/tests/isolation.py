"""What keeps a project's code from the network, from other programs and from everything but a scratch folder.

Stands alone, as whatever runs in the sandbox does: it is loaded by its path into interpreters without Dovetail.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import sys
from typing import Any

PRIVATE = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config", ".mozilla", ".thunderbird", ".password-store",
    ".local/share/keyrings", ".netrc", ".pypirc", ".npmrc", ".git-credentials", ".pgpass", ".my.cnf", ".env",
    ".cargo/credentials", ".cargo/credentials.toml",
)  # fmt: skip
"""Of the home folder."""
_USER, _MOUNTS, _NETWORK, _PROCESSES = 0x10000000, 0x00020000, 0x40000000, 0x20000000


def isolate(scratch: str, needed: tuple[str, ...], apart: bool = False) -> str:
    """No network and nothing writable but the scratch folder; "" where the platform cannot, with no harm done.

    needed: places that stay to be seen. apart: the next process that is forked, and what that starts, sees no other
    process, and ends with it.
    """
    if sys.platform != "linux" or not hasattr(os, "fork"):
        return ""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        user, group = os.getuid(), os.getgid()
        spaces = _USER | _MOUNTS | _NETWORK
        if not (apart and not libc.unshare(spaces | _PROCESSES)) and libc.unshare(spaces):
            return ""
        with contextlib.suppress(OSError):
            _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
        with contextlib.suppress(OSError):
            _loopback()
        private, recursive, bind = 0x40000, 0x4000, 0x1000
        here = scratch.encode()
        if libc.mount(b"none", b"/", None, private | recursive, None) or libc.mount(here, here, None, bind, None):
            return "no network"
        for place in _hidden((scratch, *needed)):
            if os.path.isdir(place):
                libc.mount(b"none", place.encode(), b"tmpfs", 0, b"size=64k")
            else:
                libc.mount(b"/dev/null", place.encode(), None, bind, None)
        read_only = (ctypes.c_uint64 * 4)(1, 0, 0, 0)
        writable = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
        mount_setattr, everywhere = 442, 0x8000
        if libc.syscall(mount_setattr, -100, b"/", everywhere, read_only, 32):
            return "no network"
        if libc.syscall(mount_setattr, -100, here, 0, writable, 32) or not _powerless(libc):
            return "no network"
    except (OSError, AttributeError):
        return ""
    return "no network, nothing writable but a scratch folder"


def _hidden(needed: tuple[str, ...]) -> list[str]:
    """Where keys and passwords lie and services listen, as far as it is there and nothing that is needed lies in it."""
    import pwd

    home = pwd.getpwuid(os.getuid()).pw_dir
    places = [os.path.realpath(place) for place in ("/run", "/var/run", *(os.path.join(home, one) for one in PRIVATE))]
    kept = [place for one in needed for place in (os.path.abspath(one), os.path.realpath(one))]
    return [
        place
        for place in dict.fromkeys(places)
        if os.path.exists(place) and not any(one.startswith(place + os.sep) for one in kept)
    ]


def _loopback() -> None:
    """A test may ask a server that it started itself: the new network's own loopback, which nobody else is on."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        set_flags, up = 0x8914, 1
        fcntl.ioctl(one, set_flags, struct.pack("16sh14x", b"lo", up))


def _powerless(libc: Any) -> bool:
    """Give up what a new namespace gives, for good: who keeps it could make everything writable again."""
    no_new_privileges, version = 38, 0x20080522
    header = (ctypes.c_uint32 * 2)(version, 0)
    none = (ctypes.c_uint32 * 6)()
    return not libc.prctl(no_new_privileges, 1, 0, 0, 0) and not libc.capset(header, none)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
