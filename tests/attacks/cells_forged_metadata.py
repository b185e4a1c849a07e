# Tries to bring a score, a checksum and a schema of its own along.
def tamper(notebook):
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta:
            meta.update(schema_version=99, checksum="0" * 32, score=1000, grade_id=[meta["grade_id"]])
    notebook.metadata.nbgrader = {"score": 1000}
