"""The worker's template: imports once, computes nothing, and forks a walled-in process for each session.

Runs inside the sandbox (see `grader.sandbox`). Each byte with a descriptor on the control socket asks for one
session, which gets namespaces of its own: it is process 1, sees no other, has no network, and ends whole when killed.
"""

import argparse
import contextlib
import ctypes
import functools
import gc
import importlib
import os
import random
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PRELOAD = ("torch", "torch._dynamo", "numpy")
LIMITS = {
    resource.RLIMIT_AS: 6 * 2**30,
    resource.RLIMIT_CPU: 600,
    resource.RLIMIT_FSIZE: 64 * 2**20,
    resource.RLIMIT_NPROC: 48,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_CORE: 0,
}
SCRATCH = "/scratch"
NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x00020000 | 0x08000000 | 0x04000000 | 0x40000000
NOSUID_NODEV = 2 | 4
NOEXEC = 8
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
LIBC = ctypes.CDLL(None, use_errno=True)


def warm_up(modules: tuple[str, ...] = PRELOAD) -> None:
    """Import what sessions need, see that no thread was started, and freeze what is there.

    Raises:
        RuntimeError: a thread is running; a fork would leave its locks held.
    """
    for name in modules:
        importlib.import_module(name)
    status = Path("/proc/self/status").read_text().splitlines()
    (threads,) = [int(line.split()[1]) for line in status if line.startswith("Threads:")]
    if threads != 1:
        raise RuntimeError(f"the template has {threads} threads after importing {', '.join(modules)}; it must have one")
    gc.collect()
    gc.freeze()
    gc.enable()


def checked(result: int, what: str) -> None:
    """Raise OSError when a system call failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare() -> None:
    """Give this process a user of its own and its coming children all other namespaces."""
    user, group = os.getuid(), os.getgid()
    checked(LIBC.unshare(NEW_NAMESPACES), "new namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def private_mounts() -> None:
    """Mount an empty scratch folder, /tmp and shared memory, and a /proc that shows this session only."""
    checked(LIBC.mount(None, b"/", None, 0x4000 | 0x40000, None), "private mounts")  # MS_REC | MS_PRIVATE
    checked(LIBC.mount(b"proc", b"/proc", b"proc", NOSUID_NODEV | NOEXEC, None), "mount /proc")
    # An environment that lies under /tmp is hidden by a /tmp of the session's own, and shown again in it.
    shown = [path for path in dict.fromkeys((sys.prefix, sys.base_prefix)) if path.startswith("/tmp/")]
    kept = {path: os.open(path, os.O_PATH) for path in shown}
    for folder in (SCRATCH, "/tmp", "/dev/shm"):
        options = b"size=64m,nr_inodes=10000,mode=1777"
        checked(LIBC.mount(b"tmpfs", folder.encode(), b"tmpfs", NOSUID_NODEV, options), f"mount {folder}")
    for path, descriptor in kept.items():
        os.makedirs(path)
        source = f"/proc/self/fd/{descriptor}".encode()
        checked(LIBC.mount(source, path.encode(), None, 0x1000 | 0x4000, None), f"show {path}")  # MS_BIND | MS_REC


def drop_rights() -> None:
    """Give up every capability, the way to new ones, and the way to further namespaces."""
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    for capability in range(64):
        if LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    checked(LIBC.capset(header, (ctypes.c_uint32 * 6)()), "give up capabilities")
    checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def limit(memory: int) -> None:
    """Set the limits of one process."""
    for name, value in (LIMITS | {resource.RLIMIT_AS: memory}).items():
        resource.setrlimit(name, (value, value))


def start_session(descriptor: int, *, isolate: bool, memory: int) -> NoReturn:
    """Become a session on a socket; never return.

    The first byte sent is b"+", or b"-" and the reason why no session can be had.
    """
    connection = socket.socket(fileno=os.dup2(descriptor, 3))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        os.setsid()
        if isolate:
            unshare()
            if os.fork():
                os._exit(0)
            private_mounts()
            drop_rights()
            os.chdir(SCRATCH)
        else:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.closerange(4, 4096)
        limit(memory)
        random.seed(0)
        sys.modules["numpy"].random.seed(0)
        from grader import worker
        from grader.shell import Shell

        worker.quiet()
        connection.sendall(b"+")
    except Exception as error:
        connection.sendall(b"-" + f"{type(error).__name__}: {error}".encode()[:1000])
        os._exit(1)
    with contextlib.suppress(BaseException):
        worker.serve_session(connection, Shell.instance())
    os._exit(0)


def fork_on_request(control: int, become: Callable[[int], NoReturn]) -> None:
    """Say that all is ready, then fork for each request, until the control socket closes.

    Args:
        control: descriptor of the socket; each byte on it brings a descriptor along.
        become: called in the fork with that descriptor.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=control) as requests:
        requests.sendall(b"+")
        while True:
            asked, descriptors, _, _ = socket.recv_fds(requests, 1, 1)
            if not asked or not descriptors:
                return
            if os.fork() == 0:
                requests.close()
                become(descriptors[0])
            os.close(descriptors[0])


def main() -> None:
    """Warm up, say so, then fork a session for each request until the control socket closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--isolate", action="store_true")
    parser.add_argument("--memory", type=int, default=LIMITS[resource.RLIMIT_AS])
    parser.add_argument("--preload", action="append", default=[])
    args = parser.parse_args()
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    gc.disable()  # imports make much and drop little
    from grader.shell import make_shell

    make_shell()
    warm_up((*PRELOAD, "grader.worker", *args.preload))
    fork_on_request(args.control, functools.partial(start_session, isolate=args.isolate, memory=args.memory))


if __name__ == "__main__":
    main()
