# Tries to break files and database with text that cannot be stored.
def linreg(X, w, b):
    raise ValueError("\ud800\0\x1b[31m" + "x" * 1_000_000)


print("\ud800\0\x1b]0;owned\x07")
raise ValueError("\ud800\0" * 1000)
