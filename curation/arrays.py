"""Names for the arrays that the rooms of this wing hand one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]  # where pictures stand in the caller's list
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.floating[Any]]
