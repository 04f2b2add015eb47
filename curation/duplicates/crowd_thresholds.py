"""When many pictures are of one template (screenshots, receipts, barcodes, plates from above)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Crowd:
    """How a crowd is told, and what its pictures have of their own (crowds.py)."""

    phash: int = 10  # bits between neighbours: drawings are grouped by these ...
    dhash: int = 8  # ... and then whatever is left by these as well
    least: int = 16  # pictures
    asked: int = 32  # pairs, by which it is told from one picture's versions ...
    doubts: float = 0.25  # ... least share of doubts among them
    copies: float = 0.125  # ... and most of copies
    unlike: int = 20  # thumb blocks of 64 that fit nothing in photographs of other things: ...
    # plates 20 to 38, cells under a microscope 28 to 35; a viral picture's cuts to 3, frames of a
    # dashboard camera to 11
    side: int = 256  # pixels at which its pictures are compared ...
    folds: int = 8  # ... of which so many are added up: 8,192 numbers a picture
    bands: tuple[float, float] = (1.5, 12.0)  # blurs (pixels) between which their detail lies
    colour: float = 4.0  # weight of a cell's colour beside a pixel's brightness
    most: int = 2048  # pictures whose likeness is one matrix
    shared: tuple[float, float] = (0.1, 0.6)  # nearest first: those that tell what is shared
    own: float = 0.82  # correlation of their own: copies from 0.9, 99.9 % of others to 0.73


CROWD: Final = Crowd()
