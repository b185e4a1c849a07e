# Tries to use up the file system's inodes and its own descriptors.
# walls only
import contextlib

KEPT = []
with contextlib.suppress(OSError):
    for number in range(200_000):
        open(f"/tmp/attack-canary-{number}", "w").close()
with contextlib.suppress(OSError):
    while True:
        KEPT.append(open("/dev/null"))
