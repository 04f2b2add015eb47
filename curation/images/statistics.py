"""Cheap statistics of one decoded picture that the checks share: tones and edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageFilter

from .sample import levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .sample import Sample

_EDGE: Final = 10  # levels between neighbours: above what JPEG noise does to a plain area
_HARD: Final = 48  # levels between neighbours: ink on paper, seldom light on things
_STANDS_OUT: Final = 12  # levels from the ground: a stroke of one pixel, scaled to an eighth
_WHITE: Final = 245  # the least level of a page
_SHAPE: Final = (0.025, 0.5)  # shares of the pixels that a plain shape takes
_COMPACT: Final = 17  # outline² / area: a circle's is some 11, a square's 16, a letter's from 40
_EVEN: Final = 20  # levels of one tone within a shape, after JPEG
_WINDOW: Final = 9  # levels that count as one tone: a plain tone after JPEG, antialiasing left out


@dataclass(frozen=True, slots=True)
class Tones:
    """What the histogram of luma says.

    `darkest` and `brightest` level, the 1st (`dark`) and 99th (`light`) percentile, the share of
    the `commonest` tone, and the share of the `rest` beside the two commonest.
    """

    darkest: int
    dark: int
    light: int
    brightest: int
    commonest: float
    rest: float


@dataclass(frozen=True, slots=True)
class Edges:
    """What neighbours along every third row and column differ by.

    Shares of all pairs: any edge, a `hard` one, `flat` (none). `sharpness` is the finest detail
    against the next coarser one.
    """

    share: float
    hard: float
    flat: float
    sharpness: float


def tones(sample: Sample) -> Tones:
    """Read the histogram of every second row."""
    rows = np.ascontiguousarray(sample.luma[::2])
    height, width = rows.shape
    counts = np.array(Image.frombuffer("L", (width, height), rows, "raw", "L", 0, 1).histogram())
    total = rows.size
    present = np.flatnonzero(counts)
    dark, light = np.searchsorted(np.cumsum(counts), (0.01 * total, 0.99 * total))
    windows = _by_window(counts)
    first = int(windows.argmax())
    others = counts.copy()
    others[max(0, first - _WINDOW // 2) : first + _WINDOW // 2 + 1] = 0
    second = int(_by_window(others).max())
    return Tones(
        darkest=int(present[0]),
        dark=int(dark),
        light=int(light),
        brightest=int(present[-1]),
        commonest=float(windows[first]) / total,
        rest=(total - int(windows[first]) - second) / total,
    )


def _by_window(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each level the pictures' pixels within the window around it."""
    sums = np.zeros(len(counts) + _WINDOW, np.int64)
    half = _WINDOW // 2
    np.cumsum(counts, out=sums[half + 1 : half + 1 + len(counts)])
    sums[half + 1 + len(counts) :] = sums[half + len(counts)]
    return sums[_WINDOW:] - sums[:-_WINDOW]


def ink(sample: Sample) -> int:
    """Count the pixels that stand out from the plain ground around them.

    Thin strokes, stars and small icons do; compression, a scanner's noise, a faint gradient and a
    few specks of dust do not.
    """
    ground = Image.fromarray(sample.luma)
    around = ground.filter(ImageFilter.BoxBlur(max(2, min(ground.size) // 8)))
    apart = np.abs(sample.luma.astype(np.int16) - levels(around))
    noise = 1.5 * float(np.median(apart))
    return int(np.count_nonzero(apart > max(_STANDS_OUT, 6 * noise)))


def is_plain_shape(sample: Sample) -> bool:
    """Whether one large, compact shape of one tone on white is all there is: a sign, a button.

    What is small may be a thing far away, and what is thin is drawn or written: neither counts.
    """
    luma = sample.luma
    ground = int(np.median(luma))
    shape = luma < ground - _STANDS_OUT
    area = np.count_nonzero(shape)
    if ground < _WHITE or not _SHAPE[0] <= area / luma.size <= _SHAPE[1]:
        return False
    inner = _inner(shape)
    outline = area - np.count_nonzero(inner)
    if outline**2 > _COMPACT * area:
        return False
    core = _inner(_inner(inner))  # without its soft edge
    low, high = np.percentile(luma[3:-3, 3:-3][core], (2, 98)) if core.any() else (0, 255)
    return bool(high - low <= _EVEN)


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The places whose four neighbours are marked as they are; one less on each side."""
    inner: NDArray[np.bool_] = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1]
    return inner & mask[1:-1, :-2] & mask[1:-1, 2:]


def edges(sample: Sample) -> Edges:
    """Compare neighbours along every third row and column."""
    steep = hard = flat = total = 0
    bends = coarse = 0.0
    # Laid out so that neighbours lie a whole line apart: no difference has to be gathered.
    for lines in (sample.luma[::3].T, sample.luma[:, ::3]):
        levels = lines.astype(np.float32, order="C")
        steps = levels[1:] - levels[:-1]
        bend = (steps[1:] - steps[:-1]).ravel()
        wide = (steps[1:] + steps[:-1]).ravel()
        bends += float(bend @ bend)
        coarse += float(wide @ wide)
        np.abs(steps, out=steps)
        steep += int(np.count_nonzero(steps > _EDGE))
        hard += int(np.count_nonzero(steps > _HARD))
        flat += int(np.count_nonzero(steps <= 1))
        total += steps.size
    total = max(1, total)
    return Edges(
        share=steep / total,
        hard=hard / total,
        flat=flat / total,
        # No detail at all is not blur: a blank picture is reported as blank.
        sharpness=(bends / coarse) ** 0.5 if coarse else 1.0,
    )
