"""The example notebook runs as it is, and is kept with small outputs."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NOTEBOOK = EXAMPLES / "notebook.ipynb"


def runner() -> Any:
    spec = importlib.util.spec_from_file_location("run_notebook", EXAMPLES / "run_notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(cell: Any) -> list[str]:
    return sorted(kind for one in cell["outputs"] for kind in one.get("data", {}))


def test_the_notebook_is_kept_executed_and_small() -> None:
    assert NOTEBOOK.stat().st_size < 500_000
    cells = code_cells(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [one for cell in cells for one in cell["outputs"] if one["output_type"] == "error"]
    assert any("data:image/jpeg;base64," in str(cell["outputs"]) for cell in cells)


@pytest.mark.browser
@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser"))),
    reason="no Chromium or Chrome on PATH: see drivers.md",
)
def test_the_notebook_runs_and_shows_what_it_showed(tmp_path: Path) -> None:
    pytest.importorskip("nbclient", reason="nbclient is not installed (extra: dev)")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (extra: dev)")
    fresh = runner().execute(NOTEBOOK, tmp_path)
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert [shown(one) for one in code_cells(fresh)] == [shown(one) for one in code_cells(kept)]
    assert (tmp_path / "pizza" / "ready" / "train" / "pizza").is_dir()
    assert (tmp_path / "pizza-csv").is_dir()
