# Tries to fill the machine with threads.
# walls only
import threading
import time

try:
    for _ in range(5000):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
except RuntimeError:
    pass
