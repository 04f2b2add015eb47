"""Pictures whose brightness carries next to nothing: met, and compared, by their colours.

pHash and dHash see brightness alone, and of red cloth on blue of one brightness that is noise. The
few such pictures are told by scores that every look has; only their thumbs are opened, for a pHash
of the stronger colour plane. What agrees in colours alone is a question, never a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..images.hashes import window_hashes
from .filters import opponents
from .pair_result import Kind, PairResult
from .residuals import pixels
from .thresholds import COLOUR_PRINT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..arrays import Floats
    from ..images.facts import Facts
    from .filters import Pixels
    from .prints import Carried


def colour_prints(facts: Sequence[Facts]) -> Carried:
    """The colour hashes of the pictures that have nothing else, and their places."""
    hashes, places = [], []
    for place, fact in enumerate(facts):
        if _is_even(fact):
            planes = _colours(pixels(fact.thumb))
            plane = planes[int(np.argmax(planes.std((1, 2))))]
            if plane.std() >= COLOUR_PRINT.least:
                hashes.append(window_hashes(plane, {"whole": (0.0, 0.0, 1.0, 1.0)})["whole"])
                places.append(place)
    return np.array(hashes, dtype=np.uint64), np.array(places, dtype=np.int64)


def compared_by_colours(first: Pixels, second: Pixels) -> PairResult:
    """What two thumbs, side x side x 3, are whose brightness says nothing."""
    one, two = (_colours(thumb) for thumb in (first, second))
    flat = [planes - planes.mean((1, 2), keepdims=True) for planes in (one, two)]
    powers = [float((planes * planes).sum()) for planes in flat]
    match = float((flat[0] * flat[1]).sum()) / np.sqrt(powers[0] * powers[1] + 1)
    difference = round(float(np.abs(first - second).mean()), 2)
    if match < COLOUR_PRINT.match:
        return PairResult(Kind.OTHER, 0.0, difference, "other pictures")
    return PairResult(Kind.MAYBE, round(match, 4), difference, "they agree in colours alone")


def _is_even(fact: Facts) -> bool:
    bright, dim = fact.scores.get("dark"), fact.scores.get("light")
    return bright is not None and dim is not None and bright - dim <= COLOUR_PRINT.contrast


def _colours(thumb: Pixels) -> Floats:
    """Two planes of colour, x side x side."""
    inside = np.ones((1, *thumb.shape[:2]), dtype=np.float32)
    planes: Floats = np.concatenate(opponents(thumb[None], inside)).astype(np.float64)
    return planes
