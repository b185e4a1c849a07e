"""What the browser tests share: a real JupyterLab on loopback, Debian's Chromium, and what a page's notebook holds."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
REASON = "Chromium is not installed: `make system-packages` installs it"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
TOKEN = "a-token-of-the-tests"
START_SECONDS = 60  # after which a server that does not answer has failed
PATIENCE = 120_000  # milliseconds after which a page's state will not come any more

# Timing is recorded so that a finished cell can be told from one with an old number; no news, no autosave prompts.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"recordTiming": True},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

LAPTOP, PHONE = {"width": 1366, "height": 900}, {"width": 390, "height": 844}

# What a page can be asked about the notebook in front.
READY = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === 'idle'"
MODEL = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
RAN = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.every(cell =>
    cell.cell_type !== 'code' || cell.metadata.execution?.['shell.execute_reply'])"""
ASK_KERNEL = """async expression => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const request = { code: '', silent: true, store_history: false, user_expressions: { answer: expression } };
    const { answer } = (await kernel.requestExecute(request).done).content.user_expressions;
    return answer.status === 'ok' ? answer.data['text/plain'] : `${answer.ename}: ${answer.evalue}`;
}"""


def need_chromium() -> str:
    """Path of Chromium; without it skip, and under CI=true fail instead."""
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(REASON)
    return CHROMIUM


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        address: its root, with a slash at the end.
        root: the folder that it serves.
    """

    address: str
    root: Path

    def url(self, path: str = "lab") -> str:
        """Address of a page, with the token, and without the tabs that were open before."""
        return f"{self.address}{path}?token={TOKEN}&reset"


@contextmanager
def jupyterlab(root: Path, scratch: Path, imports: Path) -> Iterator[Lab]:
    """Start JupyterLab on a folder and end it with all its kernels.

    Args:
        root: the folder to serve.
        scratch: a folder for everything that Jupyter writes about itself.
        imports: where the server and its kernels find `helpers` and `grader`.
    """
    folders = {name: scratch / name.lower() for name in ("CONFIG", "DATA", "RUNTIME")}
    lab_settings = scratch / "settings"
    for name, values in SETTINGS.items():
        file = lab_settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = os.environ | {
        **{f"JUPYTER_{name}_DIR": str(folder) for name, folder in folders.items()},
        "JUPYTERLAB_SETTINGS_DIR": str(lab_settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": os.pathsep.join([str(imports), os.environ.get("PYTHONPATH", "")]),
    }
    flags = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        "--expose-app-in-browser",
    ]
    flags += [f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={TOKEN}"]
    with (scratch / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *flags],
            cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield Lab(_address(server, folders["RUNTIME"], scratch / "server.log"), root)
        finally:
            _end(server)


def _address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """The address that a starting server writes down once it listens."""
    said = runtime / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while not said.exists() or not said.read_text().endswith("}"):
        assert server.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return json.loads(said.read_text())["url"]


def _end(server: subprocess.Popen) -> None:
    """End a server: asked, it ends its kernels and itself; whatever is left of its session is killed."""
    server.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium, with an empty profile and no way past loopback, and end it."""
    executable = need_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def tab(browser: Browser, viewport: dict[str, int]) -> Iterator[Page]:
    """Open a tab that shares nothing with others."""
    with browser.new_context(viewport=viewport) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def open_notebook(page: Page, lab: Lab, path: str) -> None:
    """Open a notebook as a link does, and wait for its kernel."""
    page.goto(lab.url(f"lab/tree/{path}"))
    page.wait_for_function(READY)


def choose(page: Page, *names: str) -> None:
    """Choose an entry of the menu bar, such as "Run", "Run All Cells"."""
    for name in names:
        page.get_by_role("menuitem", name=name, exact=True).click()


def run_all(page: Page) -> NotebookNode:
    """Run every cell through the menu; give the notebook as it is when the last has been answered."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(RAN)
    return nbformat.from_dict(page.evaluate(MODEL))


def ask_kernel(page: Page, expression: str) -> object:
    """Value of an expression in the kernel of the notebook in front; it must be a literal."""
    return ast.literal_eval(page.evaluate(ASK_KERNEL, expression))


def end_kernels(page: Page, lab: Lab) -> None:
    """End every kernel, so that a next chapter has the machine to itself."""
    for session in page.request.get(lab.url("api/sessions")).json():
        page.request.delete(lab.url(f"api/sessions/{session['id']}"))
