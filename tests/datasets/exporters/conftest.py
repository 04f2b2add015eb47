"""A small finished tree to export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.trees import lay_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A dataset folder's `ready/` with three labels, eight train and three val pictures each."""
    return lay_tree(tmp_path / "flowers" / "ready")
