# Tries to add cells with ids and points of its own.
def tamper(notebook):
    import nbformat

    for number in range(5):
        cell = nbformat.v4.new_code_cell("pass")
        cell.metadata.nbgrader = {
            "grade_id": f"extra-{number}", "grade": True, "points": 100, "solution": False, "locked": True,
            "schema_version": 3, "task": False,
        }  # fmt: skip
        notebook.cells.append(cell)
