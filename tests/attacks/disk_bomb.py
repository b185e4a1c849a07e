# Tries to fill the disk.
# walls only
import contextlib
import os

for folder in ("/tmp", "/dev/shm", os.getcwd(), "/var/tmp", "/scratch"):
    with contextlib.suppress(OSError), open(f"{folder}/attack-canary-filling", "wb") as file:
        for _ in range(300):
            file.write(bytes(2**20))
