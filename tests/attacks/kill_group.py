# Tries to kill everything in its session and group.
# walls only
import contextlib
import os
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
with contextlib.suppress(OSError):
    os.killpg(os.getpgrp(), signal.SIGTERM)
with contextlib.suppress(OSError):
    os.kill(-1, signal.SIGKILL)
