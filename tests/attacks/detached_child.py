# Tries to leave a process behind that acts after grading.
# walls only
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(6)
        open("/tmp/attack-canary-detached", "w").close()
        open("/dev/shm/attack-canary-detached", "w").close()
    os._exit(0)
