"""Pictures as vectors in which likeness of subject is nearness: the seam, and what needs no model.

`Classical` sees colour and the direction of edges, which tells a sunflower field from a plate and
little more. For more, give `onnx_model.OnnxEmbedder` the path of an image model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from .issues import HISTOGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from .issues import Head

    Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns pictures (RGB, any sizes) into rows of a float32 matrix, one a picture."""

    @property
    def head(self) -> Head:
        """How labels are best learned from the rows."""
        ...

    @property
    def identity(self) -> str:
        """What the rows depend on besides the picture."""
        ...

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed; the same picture gives the same row in any company."""
        ...


class Classical:
    """Colour histograms and edge directions on a grid, by hand: 900 numbers a picture."""

    head = HISTOGRAMS
    identity = "classical 1"

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed each picture squeezed to 128 x 128 pixels."""
        return np.stack([_classical(picture) for picture in pictures])


_SIDE: Final = 128
_CELLS: Final = 8  # a side: edge directions are counted in 8 x 8 cells
_TURNS: Final = 9  # directions in half a circle
_ZONES: Final = 3  # a side: colours are counted in 3 x 3 zones


def _classical(picture: Image.Image) -> Vectors:
    squeezed = picture.convert("RGB").resize((_SIDE, _SIDE))
    small = np.asarray(squeezed, dtype=np.float32) / np.float32(255)
    edges, colours = _edge_directions(small.mean(axis=2)), _colours(small)
    # Each half counts the same, whatever its length; roots keep a large plain area from drowning
    # the rest.
    halves = [np.sqrt(half / max(float(half.sum()), 1e-6)) for half in (edges, colours)]
    return np.concatenate(halves).astype(np.float32)


def _edge_directions(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    down, across = np.gradient(gray)
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) % np.pi) * (_TURNS / np.pi)
    bins = np.minimum(turn.astype(np.int64), _TURNS - 1)
    where = np.arange(_SIDE) * _CELLS // _SIDE
    cell = where[:, None] * _CELLS + where[None, :]
    counts = np.bincount(
        (cell * _TURNS + bins).ravel(), strength.ravel(), minlength=_CELLS * _CELLS * _TURNS
    )
    cells = counts.reshape(-1, _TURNS).astype(np.float32)
    # A cell's contrast says little about what it shows.
    evened: NDArray[np.float32] = cells / (np.linalg.norm(cells, axis=1, keepdims=True) + 0.3)
    return evened.ravel()


def _colours(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Count 36 colours (12 hues in 2 strengths, 12 grays) in each zone."""
    bright, dull = small.max(axis=2), small.min(axis=2)
    chroma = bright - dull
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    hue = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) % (2 * np.pi)
    hues = np.minimum((hue * (12 / (2 * np.pi))).astype(np.int64), 11)
    grays = 24 + np.minimum((bright * 12).astype(np.int64), 11)
    colour = np.where(chroma < 0.12, grays, hues + 12 * (chroma > 0.4))
    where = np.arange(_SIDE) * _ZONES // _SIDE
    zone = where[:, None] * _ZONES + where[None, :]
    counts = np.bincount((zone * 36 + colour).ravel(), minlength=_ZONES * _ZONES * 36)
    return counts.astype(np.float32)
