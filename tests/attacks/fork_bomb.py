# Tries to fill the machine with processes.
# walls only
import os
import time

for _ in range(2000):
    try:
        if os.fork() == 0:
            try:
                while True:
                    os.fork()
                    time.sleep(0.1)
            finally:
                os._exit(0)
    except OSError:
        break
