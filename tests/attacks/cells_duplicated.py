# Tries to have a second cell of the same id count, one that passes.
def tamper(notebook):
    import copy

    for cell in [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]:
        double = copy.deepcopy(cell)
        double.source, double.id = "pass", f"{cell.id}-double"
        notebook.cells.append(double)
        notebook.cells.insert(0, copy.deepcopy(double))
