# Tries to have an answer count as a test with points.
def tamper(notebook):
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution") and cell.cell_type == "code":
            cell.source = "pass"
            meta.update(grade=True, points=50, solution=False, locked=True)
