"""The first screen: colour and coarse structure of very many pairs, without laying them over.

Crowds of one kind (mugs of one outline, centre-lit night scenes) make millions of candidate pairs
of which next to none are copies. Here a pair costs about a microsecond: the correlation of 16 x 16
cells of brightness, and for drawn things and products the colours cell by cell. What is beyond any
copy on record is an other picture; everything else goes on.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

import numpy as np
import simplejpeg
from PIL import Image

from .candidates import BY_DHASH, BY_PHASH
from .filters import neighbourhood
from .flat_colours import FlatColours, filled, grained
from .screen_thresholds import COARSE_SCREEN
from .thresholds import THUMB_SIDE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ..arrays import Mask, Places

    Cells = NDArray[np.uint8]  # pictures x side x side x 3: brightness, blue, red (128 is gray)

SIDE = COARSE_SCREEN.side


class Drawn(Protocol):
    """Which pictures are judged closely by their colours, told when it is asked."""

    def __getitem__(self, places: Places, /) -> Mask:
        """Of each of `places`."""
        ...


def cells_of(thumb: bytes) -> Cells:
    """A thumb of Facts as SIDE x SIDE x 3, by the JPEG decoder's own scaling: no pixel is made."""
    if simplejpeg.decode_jpeg_header(thumb)[:3] == (THUMB_SIDE, THUMB_SIDE, "YCbCr"):
        # as below, without a parser that takes longer than the decoder
        how = ("YCbCr", "", THUMB_SIDE // SIDE, 0)  # raw mode, colours as stored, scale, no draft
        return np.asarray(Image.frombytes("YCbCr", (SIDE, SIDE), thumb, "jpeg", *how))
    with Image.open(io.BytesIO(thumb)) as picture:
        picture.draft("YCbCr", (SIDE, SIDE))
        small = picture if picture.mode == "YCbCr" else picture.convert("YCbCr")
        if small.size != (SIDE, SIDE):
            small = small.resize((SIDE, SIDE), Image.Resampling.BOX)
        return np.asarray(small)


def drawn_in_fills(thumb: bytes) -> bool:
    """Whether a thumb shows areas that are filled with one colour."""
    cells = cells_of(thumb)
    low, high = neighbourhood(cells[None])
    return filled(cells, (high[0] - low[0]).max(-1))


def cut_out(thumb: bytes) -> bool:
    """Whether a thumb with a plain ground shows a piece of a photograph on it."""
    with Image.open(io.BytesIO(thumb)) as picture:
        return grained(cells_of(thumb), np.asarray(picture.convert("L")))


class CoarseScreen:
    """Screens pairs of places; `drawn` marks pictures whose colours are judged closely.

    A picture is a thumb of Facts, or the cells that `cells_of` made of one. It is opened when a
    pair of it is first asked about.
    """

    def __init__(self, pictures: Sequence[bytes] | Cells, drawn: Mask | Drawn) -> None:
        count = len(pictures)
        self._pictures = pictures
        self._drawn = drawn
        self._flats = FlatColours(count)
        self._looked_at = np.zeros(count, dtype=bool)
        # memory that is not written to is none
        self._cells: Cells = np.zeros((count, SIDE, SIDE, 3), np.uint8)
        self._low, self._high = np.zeros_like(self._cells), np.zeros_like(self._cells)
        self._shape = np.zeros((count, SIDE * SIDE), np.float32)
        self._gray = np.zeros(count, dtype=bool)
        self._palette = np.zeros((count, 2), np.float32)

    def cells(self, places: Places) -> Cells:
        """What places show, SIDE x SIDE x 3 each."""
        self._look_at(places)
        return self._cells[places]

    def _look_at(self, places: Places) -> None:
        asked = np.zeros_like(self._looked_at)
        asked[places] = True
        new = np.flatnonzero(asked & ~self._looked_at)
        self._looked_at[new] = True
        for start in range(0, len(new), COARSE_SCREEN.opened):
            some = new[start : start + COARSE_SCREEN.opened]
            if isinstance(self._pictures, np.ndarray):
                found = self._pictures[some]
            else:
                found = np.stack([cells_of(self._pictures[place]) for place in some.tolist()])
            self._cells[some] = found
            luma = found[..., 0].reshape(len(some), SIDE * SIDE).astype(np.float32)
            luma = luma - luma.mean(1, keepdims=True)
            power = np.sqrt((luma * luma).sum(1, keepdims=True) + COARSE_SCREEN.noise)
            self._shape[some] = luma / power
            drawn = self._drawn[some]
            self._look_at_colours(some[drawn], found[drawn])

    def _look_at_colours(self, places: Places, found: Cells) -> None:
        """What only drawn things are asked for."""
        colours = found[..., 1:].reshape(len(found), SIDE * SIDE, 2).astype(np.float32)
        self._gray[places] = np.abs(colours - 128).mean((1, 2)) < COARSE_SCREEN.gray
        low, high = neighbourhood(found)
        self._low[places], self._high[places] = low, high
        for place, cells, ranges in zip(places.tolist(), found, (high - low).max(-1), strict=True):
            self._flats.look_at(place, cells, ranges)
        far = np.abs(colours - np.median(colours, axis=1, keepdims=True)).sum(2)
        far = np.maximum(far, 1e-3)[..., None]
        self._palette[places] = (colours * far).sum(1) / far.sum(1)  # of what stands out

    def flat(self, places: Places) -> Mask:
        """Which of places may hold nothing at this size: their thumbs have to be looked at."""
        at = np.linspace(-1, 1, SIDE, dtype=np.float32)
        ramps = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
        terms = np.column_stack([np.ones(SIDE * SIDE, np.float32), ramps])
        terms = terms / np.linalg.norm(terms, axis=0)
        flat: Mask = np.zeros(len(places), dtype=bool)
        for start in range(0, len(places), COARSE_SCREEN.opened):
            some = slice(start, start + COARSE_SCREEN.opened)
            whole = self.cells(places[some]).reshape(-1, SIDE * SIDE, 3).astype(np.float32)
            left = np.abs(whole - terms @ (terms.T @ whole)).mean(1).max(1)
            flat[some] = left < COARSE_SCREEN.flat
        return flat

    def worth(self, one: Places, two: Places, reason: int, dhash: NDArray[np.uint64]) -> Mask:
        """Which candidates of one reason (of candidates.py) have to be looked at.

        `dhash` are the places'.
        """
        if reason == BY_DHASH:
            near = np.bitwise_count(dhash[one] ^ dhash[two]) <= COARSE_SCREEN.near
            least = np.where(near, COARSE_SCREEN.near_match, COARSE_SCREEN.dhash_match)
            return self.open(one, two, least)
        plain = np.full(len(one), COARSE_SCREEN.phash_match) if reason == BY_PHASH else None
        return self.open(one, two, plain)

    def open(self, one: Places, two: Places, least: NDArray[np.floating[Any]] | None) -> Mask:
        """Which pairs have to be looked at; `least` is each one's correlation as they lie.

        Without it (crops, borders, turns) only the colours count.
        """
        opened = np.ones(len(one), dtype=bool)
        if least is None:  # only the colours of drawn things are asked for
            both = self._drawn[one] & self._drawn[two]
            self._look_at(np.concatenate([one[both], two[both]]))
        else:
            self._look_at(np.concatenate([one, two]))
        for start in range(0, len(one), COARSE_SCREEN.block):
            some = slice(start, start + COARSE_SCREEN.block)
            first, second = one[some], two[some]
            both = self._drawn[first] & self._drawn[second]
            art = np.flatnonzero(both & (self._flats.filled[first] | self._flats.filled[second]))
            if len(art):
                opened[start + art] = ~self._flats.others(first[art], second[art])
            if least is not None:
                at = np.flatnonzero(opened[some])
                match = np.einsum("ij,ij->i", self._shape[first[at]], self._shape[second[at]])
                opened[start + at] = match >= least[start + at]
            drawn = np.flatnonzero(opened[some] & both)
            if len(drawn):
                far = self._other_colours(first[drawn], second[drawn], lying=least is not None)
                opened[start + drawn[far]] = False
        return opened

    def _other_colours(self, one: Places, two: Places, *, lying: bool) -> Mask:
        """Whether the worst cells' colours are further apart than those of any copy."""
        if not lying:  # crops and turns move the cells: compare what colours there are
            return self._other_palette(one, two)
        beyond = np.minimum(self._beyond(one, two), self._beyond(two, one))
        half = SIDE // 2
        worst = beyond.reshape(len(one), half, 2, half, 2, 3).mean((2, 4)).max((1, 2))
        colour = np.where(self._gray[one] | self._gray[two], 0, np.hypot(worst[:, 1], worst[:, 2]))
        far: Mask = (worst[:, 0] > COARSE_SCREEN.tone) | (colour > COARSE_SCREEN.colour)
        return far

    def _beyond(self, one: Places, two: Places) -> NDArray[np.int16]:
        """How far each cell lies outside its own and its neighbours' range in the other."""
        cell = self._cells[two].astype(np.int16)
        below, above = self._low[one] - cell, cell - self._high[one]
        beyond: NDArray[np.int16] = np.maximum(np.maximum(below, above), 0)
        return beyond

    def _other_palette(self, one: Places, two: Places) -> Mask:
        gray = self._gray[one] | self._gray[two]
        apart = self._palette[one] - self._palette[two]
        far_apart: Mask = ~gray & (np.hypot(apart[:, 0], apart[:, 1]) > COARSE_SCREEN.palette)
        return far_apart
