"""What keeps a project's code from the network, from other programs and from everything but a scratch folder.

Stands alone, as whatever runs in the sandbox does: it is loaded by its path into interpreters without Dovetail.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
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
SHARED = ("/run", "/var/run", "/tmp", "/var/tmp", "/dev/shm")
"""Where services listen and other programs leave their files."""
_USER, _MOUNTS, _NETWORK, _PROCESSES = 0x10000000, 0x00020000, 0x40000000, 0x20000000
_PRIVATE, _RECURSIVE, _BIND = 0x40000, 0x4000, 0x1000


def isolate(scratch: str, needed: tuple[str, ...]) -> str:
    """No network, nothing writable but the scratch folder, no other process; "" where the platform cannot.

    Returns in a new process: all that it starts ends with it. The one that called waits for that, and ends.

    needed: places that stay to be seen.
    """
    libc, apart = _spaces() if sys.platform == "linux" else (None, False)
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        # whoever is left of the group, where there are no namespaces that end with their first process
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(0)
    if libc is None:
        return ""
    die_with_parent = 1
    libc.prctl(die_with_parent, signal.SIGKILL, 0, 0, 0)
    try:
        closed = _closed(libc, scratch, needed, apart)
    except OSError:
        closed = False
    return "no network, nothing writable but a scratch folder" if closed else "no network"


def _spaces() -> tuple[Any, bool]:
    """(the C library, whether processes are apart too) in namespaces of their own; None where there are none."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        user, group = os.getuid(), os.getgid()
        spaces = _USER | _MOUNTS | _NETWORK
        apart = not libc.unshare(spaces | _PROCESSES)
        if not apart and libc.unshare(spaces):
            return None, False
        with contextlib.suppress(OSError):
            _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
        with contextlib.suppress(OSError):
            _loopback()
    except (OSError, AttributeError):
        return None, False
    return libc, apart


def _closed(libc: Any, scratch: str, needed: tuple[str, ...], apart: bool) -> bool:
    """Mount what is hidden, and everything but the scratch folder to be read alone; then give up all powers."""
    here = scratch.encode()
    if libc.mount(b"none", b"/", None, _PRIVATE | _RECURSIVE, None):
        return False
    kept = [place for one in (scratch, *needed) for place in (os.path.abspath(one), os.path.realpath(one))]
    kept = sorted({place for place in kept if os.path.exists(place)})
    places = _hidden(scratch)
    if not all(_hide(libc, place, [one for one in kept if one.startswith(place + os.sep)]) for place in places):
        return False
    if not any(scratch.startswith(place + os.sep) for place in places) and libc.mount(here, here, None, _BIND, None):
        return False
    no_setuid_devices_programs = 2 | 4 | 8
    if apart:  # some containers forbid it: then others' processes can be seen there, and not touched
        libc.mount(b"proc", b"/proc", b"proc", no_setuid_devices_programs, None)
    read_only = (ctypes.c_uint64 * 4)(1, 0, 0, 0)
    writable = (ctypes.c_uint64 * 4)(0, 1, 0, 0)
    mount_setattr, everywhere = 442, 0x8000
    if libc.syscall(mount_setattr, -100, b"/", everywhere, read_only, 32):
        return False
    return not libc.syscall(mount_setattr, -100, here, 0, writable, 32) and _powerless(libc)


def _hidden(scratch: str) -> list[str]:
    """Where keys and passwords lie, services listen and other users write, as far as it is there."""
    import pwd

    home = pwd.getpwuid(os.getuid()).pw_dir
    around = os.path.dirname(scratch)
    wanted = [*SHARED, *(os.path.join(home, one) for one in PRIVATE)]
    if not f"{os.path.realpath(home)}{os.sep}".startswith(around.rstrip(os.sep) + os.sep):
        wanted.append(around)  # no stranger's configuration beside the copy is read
    places = sorted({os.path.realpath(place) for place in wanted if os.path.exists(place)})
    return [one for one in places if not any(one.startswith(other + os.sep) for other in places)]


def _hide(libc: Any, place: str, kept: list[str]) -> bool:
    """Put nothing in the place of a folder or file, but for what is kept below it; kept: outer before inner."""
    if not os.path.isdir(place):
        return not libc.mount(b"/dev/null", place.encode(), None, _BIND, None)
    held = [(one, os.open(one, os.O_PATH)) for one in kept]
    if libc.mount(b"none", place.encode(), b"tmpfs", 0, b"size=1m,mode=755"):
        return False
    for one, descriptor in held:
        source = f"/proc/self/fd/{descriptor}"
        if not os.path.exists(one):
            if os.path.isdir(source):
                os.makedirs(one)
            else:
                os.makedirs(os.path.dirname(one), exist_ok=True)
                _write(one, "")
            if libc.mount(source.encode(), one.encode(), None, _BIND | _RECURSIVE, None):
                return False
        os.close(descriptor)
    return True


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
