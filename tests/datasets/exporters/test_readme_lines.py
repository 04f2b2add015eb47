"""An export's README: its lines run as they stand, in the folder, whatever that is called."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.exporters import export

if TYPE_CHECKING:
    from pathlib import Path

READ = {
    "webdataset": ("webdataset", "print(sum(1 for _ in train))", "24"),
    "parquet": ("datasets", "print(dataset['train'].num_rows)", "24"),
    "csv": ("datasets", "print(dataset['train'].num_rows)", "24"),
    "jsonl": ("pandas", "print(len(train))", "24"),
}


@pytest.mark.parametrize("form", READ)
def test_the_lines_of_an_exports_readme_run_in_its_folder(
    form: str, tree: Path, tmp_path: Path
) -> None:
    package, count, pictures = READ[form]
    out = tmp_path / "whatever it's called"
    export(tree, form, out)
    blocks = re.findall(r"```python\n(.*?)```", (out / "README.md").read_text("utf-8"), re.DOTALL)
    block = next(block for block in blocks if re.search(rf"(import|from) {package}\b", block))
    home = {"HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{block}\n{count}"],
        cwd=out,
        env=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split()[-1:] == [pictures], done.stderr
