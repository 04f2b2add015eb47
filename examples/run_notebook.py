"""Execute the notebook in an empty folder, and keep its outputs small.

    python examples/run_notebook.py            # writes examples/notebook.ipynb anew
    python examples/run_notebook.py OUT.ipynb  # writes another file

Progress bars are not kept: their widgets live only while the notebook runs. Needs nbclient and
ipykernel (the extra `dev`) and a browser.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")
TIMEOUT = 600  # seconds for one cell


def execute(source: Path, folder: Path) -> Any:
    """The notebook with fresh outputs; raises nbclient's CellExecutionError where a cell does."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": folder}})
    client.execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("language_info", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if not _is_progress(one)]
    return notebook


def _is_progress(output: Any) -> bool:
    if output.output_type == "stream":
        return bool(output.name == "stderr")
    return "application/vnd.jupyter.widget-view+json" in output.get("data", {})


def main() -> None:
    """Execute and write."""
    import nbformat

    out = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTEBOOK
    with tempfile.TemporaryDirectory() as folder:
        notebook = execute(NOTEBOOK, Path(folder))
    nbformat.write(notebook, out)
    print(f"{out}: {out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
