"""What `verify` remembers of a tree's pictures: beside the tree, as `dedupe FOLDER` does.

Facts and pairs are kept by content: a picture that was written to since is looked at anew. They
spare the look for copies, never the decoding. Nothing is written into a tree, and where nothing can
be written beside it (a medium that is only read), nothing is remembered.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..files import SUMS
from ..names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...curation.duplicates.memory import PairMemory
    from ...curation.folders.cache import Cache


@contextmanager
def remembered(root: Path) -> Iterator[tuple[Cache, PairMemory | None]]:
    """Yield the facts of a tree's pictures by content, and its pairs."""
    from ...curation.folders.cache import Cache, cache_path
    from ...curation.folders.folder import pair_memory
    from ...curation.folders.walk import absolute

    here = absolute(root)
    inside = _is_inside_a_tree(here)
    with Cache(None if inside else cache_path(here), here) as facts:
        yield facts, None if inside else pair_memory(here)


def _is_inside_a_tree(here: Path) -> bool:
    """Whether what lies beside a folder lies in a tree: `ready/train`, another's `val`."""
    named = not RESERVED.isdisjoint({here.name.lower(), here.parent.name.lower()})
    return named or any((above / SUMS).exists() for above in here.parents)
