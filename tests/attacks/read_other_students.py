# Tries to copy the answer of another student from the folders beside its own.
# walls only
import glob
import json

for path in glob.glob("../../*/*/*.ipynb") + glob.glob("/**/submitted/**/*.ipynb", recursive=True):
    try:
        for cell in json.load(open(path))["cells"]:
            source = "".join(cell["source"])
            if source.startswith("def linreg") and "NotImplementedError" not in source:
                exec(source, globals())
    except (OSError, ValueError, KeyError):
        pass
