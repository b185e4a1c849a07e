"""The walls around student code: bubblewrap outside, a namespace of its own for each session inside.

Inside there is a read-only system, the Python environment, the few files of the worker, and nothing of the course:
no tests, no solutions, no other student's work, no gradebook, no network, no environment variables of ours.
"""

import os
import shutil
import sys
from pathlib import Path

from grader.places import ROOT, GraderError

NOBODY = 65534
ROOM = "/room"
WORKER_FILES = (
    *("__init__.py", "channel.py", "wire.py", "shared.py", "shell.py", "worker.py", "template.py"),
    *("copies.py", "modules.py", "replies.py", "stubs.py"),
)
SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/alternatives",
    "/sys/kernel/mm/transparent_hugepage",  # where glibc looks whether there are huge pages: see QUICK_FORK
)
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# A fork copies page tables: with memory in huge pages it takes less time. Python's own small objects stay where Python
# puts them: with PYTHONMALLOC=malloc the fork is shorter still, but all that comes after it takes 7 % longer.
QUICK_FORK = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
AUTOGRADE = {"NBGRADER_EXECUTION": "autograde"}  # as nbgrader tells a kernel
HOW = (
    "Grading runs students' code, so it needs Linux and bubblewrap: `make system-packages`, or `apt-get install "
    "bubblewrap`. Typing --no-sandbox grades without walls: only people you trust, on a machine you can lose."
)
NO_NAMESPACES = (
    "This system does not let you make user namespaces, of which the walls are made; its administrator can, with "
    "`sysctl user.max_user_namespaces=10000`, and where they exist `kernel.unprivileged_userns_clone=1` and "
    "`kernel.apparmor_restrict_unprivileged_userns=0`."
)


def advice(problem: str) -> str:
    """What to do about walls that could not be built, by what bubblewrap or the kernel said."""
    return f"{NO_NAMESPACES} {HOW}" if "namespace" in problem or "uid map" in problem else HOW


class NoSandbox(GraderError):
    """The walls cannot be had; the message says why and what to do."""


def environment(home: str) -> dict[str, str]:
    """Environment variables of a process that runs student code."""
    return {
        **dict.fromkeys(ONE_THREAD, "1"),
        **QUICK_FORK,
        **{"HOME": home, "TMPDIR": home, "IPYTHONDIR": f"{home}/.ipython", "MPLCONFIGDIR": f"{home}/.matplotlib"},
        **{"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **AUTOGRADE,
    }


def check() -> None:
    """Raise NoSandbox where there is plainly no sandbox to be had; the template finds out the rest."""
    if not sys.platform.startswith("linux"):
        raise NoSandbox(f"There is no sandbox on {sys.platform}. {HOW}")
    if shutil.which("bwrap") is None:
        raise NoSandbox(f"bubblewrap (`bwrap`) is not installed. {HOW}")
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        raise NoSandbox(f"Started as root, the grader drops its rights with `setpriv`, which is missing. {HOW}")


def visible() -> list[tuple[Path, str]]:
    """Files and folders that student code may read, and where it finds them."""
    places = [(Path(path), path) for path in SYSTEM if os.path.exists(path)]
    prefixes = dict.fromkeys(str(Path(path)) for path in (sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix)))
    places += [(Path(path), path) for path in prefixes if not path.startswith("/usr/")]
    here = Path(__file__).resolve().parent
    places += [(here / name, f"{ROOM}/grader/{name}") for name in WORKER_FILES]
    return places + ([(ROOT / "helpers", f"{ROOM}/helpers")] if (ROOT / "helpers").is_dir() else [])


def binds(*, again: bool = False) -> list[str]:
    """Arguments for bubblewrap that show the visible paths, read-only; `again` if they were moved already."""
    arguments, made = [], set()
    for source, target in visible():
        for parent in reversed(Path(target).parents[:-1]):
            if parent not in made and not str(parent).startswith("/usr"):
                arguments += ["--perms", "0755", "--dir", str(parent)]
                made.add(parent)
        if source.is_symlink() and len(Path(target).parts) == 2:
            arguments += ["--symlink", os.readlink(source), target]
        else:
            arguments += ["--ro-bind", target if again else str(source), target]
    return arguments


def inner(*, again: bool) -> list[str]:
    """bubblewrap as an ordinary user: everything apart, everything read-only."""
    apart = [
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    rest = ["--perms", "0755", "--dir", "/tmp", "--perms", "0755", "--tmpfs", "/scratch"]
    devices = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    chosen = [part for name, value in environment("/scratch").items() for part in ("--setenv", name, value)]
    return [
        *("bwrap", *apart, *rest, *binds(again=again), *devices, "--remount-ro", "/"),
        *("--clearenv", *chosen, "--setenv", "PYTHONPATH", ROOM),
        *("--chdir", "/", "--die-with-parent", "--new-session", "--"),
    ]


def outer() -> list[str]:
    """bubblewrap as root: make the environment readable to nobody in particular, then become nobody."""
    everything = ["--perms", "0755", "--dir", "/tmp", "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    rights = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
    return ["bwrap", *binds(), *everything, "--die-with-parent", "--", "setpriv", *rights, "--inh-caps=-all", "--"]


def command(*arguments: str) -> list[str]:
    """Command line of a Python module inside the walls.

    Raises:
        NoSandbox: there are none to be had.
    """
    check()
    root = os.getuid() == 0
    return [*(outer() if root else []), *inner(again=root), sys.executable, *arguments]
