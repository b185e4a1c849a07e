# Tries to become root, and to run programs that would make it so.
# walls only
import contextlib
import os
import subprocess

DONE = []
for become in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0])):
    with contextlib.suppress(OSError):
        become()
        DONE.append(True)
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount", "-t", "tmpfs", "x", "/mnt"], ["unshare", "-r", "id"]):
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        result = subprocess.run(command, capture_output=True, timeout=2, stdin=subprocess.DEVNULL)
        DONE += [True] if result.returncode == 0 else []


def linreg(X, w, b):
    assert DONE and os.getuid() == 0
    return X @ w + b
