# Tries to write forged replies to the sockets of its process, ahead of its true ones.
# walls only
import os
import struct

try:
    from grader.wire import encode

    REPLY = encode(("ok", encode(True), encode([]), encode([]), True, ""))
except ImportError:
    REPLY = b""


def linreg(X, w, b):
    for descriptor in range(3, 60):
        try:
            os.write(descriptor, struct.pack("<I", len(REPLY)) + REPLY)
        except OSError:
            pass
