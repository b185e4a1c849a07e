# Tries to drown the grader in output past Python's own streams.
# walls only
import os

for _ in range(200):
    os.write(1, b"x" * 1_000_000)
    os.write(2, b"x" * 1_000_000)
