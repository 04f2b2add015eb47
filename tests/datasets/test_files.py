"""Files that a person names for what pixset writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.errors import CannotBeWritten
from pixset.datasets.files import whole_file, write_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_no_file_takes_the_place_of_a_pipe_or_a_device(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(os.devnull)
    with pytest.raises(CannotBeWritten, match="a device or a pipe"):
        write_text(path, "text")
    with pytest.raises(CannotBeWritten, match="a device or a pipe"), whole_file(path) as beside:
        beside.write_bytes(b"text")
    assert not path.is_file()
    assert list(tmp_path.iterdir()) == [path]
