"""An IPython shell for the worker: cells and magics as in a notebook, without kernel, history and slow tracebacks."""

import base64
import io
import signal
import sys
import traceback
from types import FrameType

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MAX_PRINTED = 1_000_000
MAX_SHOWN = 20_000
MAX_PICTURE = 400_000
MAX_OUTPUTS = 200
KEPT_TYPES = ("text/plain", "image/png")


class OutputLimit(BaseException):
    """A cell printed more than it may. Not an Exception: a cell that prints in a loop must stop."""


class CellTimeout(KeyboardInterrupt):
    """A cell ran longer than it may. What interrupts a cell in a notebook is a KeyboardInterrupt, so this is one."""


class Printed(io.TextIOBase):
    """Standard output and error of a cell, up to a limit that also stops the cell."""

    def __init__(self, name: str, outputs: list[dict]) -> None:
        self.name, self.outputs, self.size = name, outputs, 0

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep text; raise OutputLimit when a cell has printed too much."""
        text = str(text)
        room = MAX_PRINTED - self.size
        self.size += len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == self.name:
            last["parts"].append(text[:room])
        elif len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append({"output_type": "stream", "name": self.name, "parts": [text[:room]]})
        if len(text) > room:
            raise OutputLimit(f"more than {MAX_PRINTED:,} characters printed")
        return len(text)


def kept(data: dict) -> dict[str, str]:
    """Keep of an output what feedback shows: text and small pictures, never HTML or scripts."""
    found = {}
    for kind in KEPT_TYPES:
        value = data.get(kind)
        if kind == "image/png" and isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        if isinstance(value, str) and len(value) <= MAX_PICTURE:
            found[kind] = value if kind != "text/plain" else value[:MAX_SHOWN]
    return found


class Publisher(DisplayPublisher):
    """Collects what cells display."""

    outputs: list[dict]

    def publish(self, data: dict, metadata: dict | None = None, **kwargs: object) -> None:
        """Keep one displayed output."""
        if len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append({"output_type": "display_data", "data": kept(data), "metadata": {}})


class Hook(DisplayHook):
    """Collects the value of a cell's last line."""

    outputs: list[dict]

    def __call__(self, result: object = None) -> None:
        """Keep how a result shows itself."""
        if result is None:
            return
        data, _ = self.shell.display_formatter.format(result, include=set(KEPT_TYPES))
        self.update_user_ns(result)
        if len(self.outputs) < MAX_OUTPUTS:
            number = self.shell.execution_count
            self.outputs.append(
                {"output_type": "execute_result", "execution_count": number, "data": kept(data), "metadata": {}}
            )


class Shell(InteractiveShell):
    """IPython's shell; errors are reported by `run` and shown nowhere else."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def showtraceback(self, *args: object, **kwargs: object) -> None:
        """Do nothing: rendering a deep traceback takes IPython longer than most cells."""

    showsyntaxerror = showindentationerror = showtraceback

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: `%matplotlib inline` asks for it, and there are no windows here."""


def make_shell() -> Shell:
    """Make the shell that every forked worker inherits."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return Shell.instance(config=config)


def run(shell: Shell, source: str, seconds: float) -> tuple[tuple[str, str, list[str]] | None, list[dict]]:
    """Run one cell as a notebook would.

    Args:
        shell: made by `make_shell`.
        source: Python, with magics.
        seconds: an interrupt is sent after so long; who ignores it is killed from outside.

    Returns:
        (name, message, traceback) of what the cell raised or None, and its outputs as nbformat has them.
    """
    outputs: list[dict] = []
    shell.display_pub.outputs = shell.displayhook.outputs = outputs
    streams = sys.stdout, sys.stderr

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise CellTimeout(f"the cell ran longer than {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        sys.stdout, sys.stderr = Printed("stdout", outputs), Printed("stderr", outputs)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        result = shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except (OutputLimit, CellTimeout) as stopped:
        error = stopped
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        sys.stdout, sys.stderr = streams
    return (None if error is None else described(error)), [plain(output) for output in outputs]


def plain(output: dict) -> dict:
    """Join the parts of a stream."""
    if "parts" not in output:
        return output
    return {"output_type": "stream", "name": output["name"], "text": "".join(output["parts"])[:MAX_PRINTED]}


def described(error: BaseException) -> tuple[str, str, list[str]]:
    """Give an exception's class name, message and a traceback of at most the last ten calls."""
    name = "CellTimeoutError" if isinstance(error, CellTimeout) else type(error).__name__
    try:
        message = str(error)[:MAX_SHOWN]
    except Exception:
        message = "(its message could not be read)"
    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-10, chain=False)
    except Exception:
        lines = [f"{name}: {message}"]
    return name, message, [line[:MAX_SHOWN] for line in lines]
