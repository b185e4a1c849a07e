# Tries to have the notebook run by a kernel of its own.
def tamper(notebook):
    command = ["bash", "-c", "touch /tmp/attack-canary-kernel"]
    notebook.metadata.kernelspec = {"name": "../../evil", "display_name": "evil", "language": "bash", "argv": command}
