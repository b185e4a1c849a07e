# Tries to lift its own limits.
import contextlib
import resource

for name in (resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        open("/tmp/attack-canary-limits", "w").close()
