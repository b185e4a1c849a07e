# Tries to read the expected value in the memory of its parent process.
# walls only
import os
import re


def linreg(X, w, b):
    parent = os.getppid()
    for line in open(f"/proc/{parent}/maps"):
        start, end = (int(part, 16) for part in re.match(r"(\w+)-(\w+)", line).groups())
        with open(f"/proc/{parent}/mem", "rb") as memory:
            memory.seek(start)
            if b"ref_y_hat" in memory.read(min(end - start, 2**20)):
                return X @ w + b
