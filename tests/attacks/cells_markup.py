# Tries to have a script run in the browser of whoever reads feedback.
SCRIPT = "<script>alert('attack')</script><img src=x onerror=alert('attack')>[x](javascript:alert('attack'))"


def tamper(notebook):
    import nbformat

    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(SCRIPT))
    for cell in notebook.cells:
        if cell.id.endswith("-answer"):
            quoted = repr(SCRIPT)
            if cell.cell_type == "markdown":
                cell.source = f"{SCRIPT}\n\n````\n```\n{SCRIPT}"
            else:
                cell.source = (
                    f"from IPython.display import HTML, Javascript, display\nprint({quoted})\ndisplay(HTML({quoted}))\n"
                    f"display({{'image/png': '\\\">' + {quoted}, 'text/html': {quoted}}}, raw=True)\n"
                    f"display(Javascript('alert(1)'))\nraise ValueError({quoted})"
                )
        cell.metadata["name"] = SCRIPT
    notebook.metadata.title = SCRIPT
