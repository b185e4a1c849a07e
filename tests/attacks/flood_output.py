# Tries to drown the grader in output.
# walls only
while True:
    print("x" * 1_000_000)
