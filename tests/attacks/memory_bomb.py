# Tries to take all memory.
# walls only
HELD = []
try:
    while True:
        HELD.append(bytearray(512 * 2**20))
except MemoryError:
    HELD.clear()
