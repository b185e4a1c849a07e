"""A class on one server: JupyterHub with the accounts of the system and nbgrader's exchange. Root runs it.

.venv/bin/jupyterhub --config grader/jupyterhub_config.py
"""

import shutil
import sys
from pathlib import Path

c = get_config()
course = Path(__file__).resolve().parents[1]

# Who grades: the account that owns the course's folder. Whoever else has an account here is a student.
INSTRUCTOR = course.owner()
if INSTRUCTOR == "root":
    raise SystemExit(f"{course} must belong to the instructor's account, not to root: `chown --recursive NAME: .`")
c.PAMAuthenticator.allow_all = True
c.JupyterHub.load_groups = {"instructors": {"users": [INSTRUCTOR]}}

# Only this machine reaches it: what stands in front of it, such as nginx, has the certificate and speaks HTTPS.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# What the hub keeps for itself: who is logged in, and the key to their cookies.
state = Path("/srv/jupyterhub")
state.mkdir(mode=0o700, parents=True, exist_ok=True)
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# Where nbgrader looks for the exchange. Everybody may write there; with this mode nobody may move what is another's.
exchange = Path("/usr/local/share/nbgrader/exchange")
exchange.mkdir(parents=True, exist_ok=True)
exchange.chmod(0o1777)

# Students' servers run from the course's environment and import `helpers`. Answers, tests and students' work, git's
# memory of them included, are the instructor's alone. Whatever else comes to lie here is closed at the next start.
OPEN = {".venv", "helpers"}
course.chmod(0o711)
for name in ("class", "build"):
    (course / name).mkdir(exist_ok=True)
    shutil.chown(course / name, INSTRUCTOR, course.group())
for entry in course.iterdir():
    if entry.name not in OPEN and not entry.is_symlink():
        entry.chmod(entry.stat().st_mode & 0o700)

# A student finds the assignments in JupyterLab's menu (Nbgrader, Assignment List). The instructor lands in formgrader,
# on a page of its own: JupyterHub lets no page stand inside another, so the menu's Formgrader stays blank here.
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.args = ["--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=False"]
c.Spawner.group_overrides = {
    "instructors": {
        "groups": ["instructors"],
        "spawner_override": {
            "args": [],
            "default_url": "/formgrader/manage_assignments",
            "environment": {"JUPYTER_CONFIG_PATH": str(course)},  # where nbgrader_config.py lies
            "notebook_dir": str(course),
        },
    }
}
