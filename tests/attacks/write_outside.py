# Tries to write into the environment, the system and the grader.
# walls only
import contextlib
import sys

for folder in (sys.prefix, sys.path[-1], "/usr/lib", "/etc", "/room/grader", "/room", "/", "/dev", "/root", "/var/tmp"):
    with contextlib.suppress(OSError), open(f"{folder}/attack-canary-written.py", "w") as file:
        file.write("raise SystemExit(0)")
