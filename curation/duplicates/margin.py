"""What differs in the frame's margin: a site's name that one has, or another date in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .filters import blurred
from .thresholds import CLOSER

if TYPE_CHECKING:
    from ..arrays import Floats
    from .filters import Planes
    from .residuals import Rows


def within(planes: Planes) -> Planes:
    """Planes without the frame's margin: a view of them."""
    margin = round(CLOSER.margin * planes.shape[1])
    return planes[:, margin:-margin, margin:-margin]


def fill_in_margin(found: Rows, one: Planes, two: Planes, signed: Planes) -> None:
    """Fill in `inked`, `one_way` and `kin` of CLOSE rows in whose margin something stands out.

    `signed` is what no tone explains of the brightness of `one` and `two`, levels.
    """
    margin = signed.copy()
    within(margin)[:] = 0
    at = np.flatnonzero(np.abs(margin).max((1, 2)) > CLOSER.stands_out_spot)
    if len(at):
        found["inked"][at], found["one_way"][at], found["kin"][at] = _inked(
            one[at], two[at], margin[at]
        )


def _inked(one: Planes, two: Planes, margin: Planes) -> tuple[Floats, Floats, Floats]:
    """How many times more strokes one picture has than the other where the margin differs, how much
    of that difference is one way, brighter or darker (0 to 1), and how strong the strokes beside it
    are that both have, against those in it: where only one has writing there are none of its kind.
    """
    left = np.abs(margin)
    differs = left > np.maximum(CLOSER.stands_out_spot, left.max((1, 2), keepdims=True) / 2)
    one_way = np.abs((margin * differs).sum((1, 2))) / ((left * differs).sum((1, 2)) + 1)
    strokes = [np.abs(planes - blurred(planes, 1.0)) for planes in (one, two)]
    inks = [(some * differs).sum((1, 2)) + 1 for some in strokes]
    # blurs of what differs: above a small weight lies all that is a character's, or a line's, away
    spots = differs.astype(np.float32)
    written = blurred(spots, CLOSER.character) > np.float32(0.03)
    near = blurred(spots, CLOSER.beside * one.shape[1]) > np.float32(0.004)
    kin = _strongest(np.minimum(*strokes) * (near & ~written))
    kin /= _strongest(np.maximum(*strokes) * written) + 1
    return np.maximum(*inks) / np.minimum(*inks), one_way, kin


def _strongest(strokes: Planes) -> Floats:
    """How strong the strongest strokes of each plane are, levels."""
    cubes = strokes * strokes * strokes
    strength: Floats = (cubes * strokes).sum((1, 2)) / (cubes.sum((1, 2)) + 1)
    return strength
