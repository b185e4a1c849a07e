# Tries to meet other submissions over an abstract socket, to trade answers.
import contextlib
import socket
import time

with contextlib.suppress(OSError):
    server = socket.socket(socket.AF_UNIX)
    server.bind("\0attack-meeting")
    server.listen()
PEER = None
for _ in range(5):
    with contextlib.suppress(OSError):
        PEER = socket.socket(socket.AF_UNIX)
        PEER.settimeout(0.1)
        PEER.connect("\0attack-meeting-other")
        break
    time.sleep(0.05)
