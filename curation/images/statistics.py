"""Cheap statistics of one decoded picture that the checks share: tones and edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from .sample import Sample

_EDGE: Final = 10  # levels between neighbours: above what JPEG noise does to a plain area
_HARD: Final = 48  # levels between neighbours: ink on paper, seldom light on things
_WINDOW: Final = 9  # levels that count as one tone: a plain tone after JPEG, antialiasing left out


@dataclass(frozen=True, slots=True)
class Tones:
    """What the histogram of luma says.

    `darkest` and `brightest` level, the 1st (`dark`) and 99th (`light`) percentile, the share of
    the `commonest` tone, the share of the `rest` beside the two commonest, and the entropy in bits.
    """

    darkest: int
    dark: int
    light: int
    brightest: int
    commonest: float
    rest: float
    entropy: float


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
    rows = sample.luma[::2]
    counts = np.array(Image.fromarray(rows).histogram())
    total = rows.size
    levels = np.flatnonzero(counts)
    dark, light = np.searchsorted(np.cumsum(counts), (0.01 * total, 0.99 * total))
    windows = np.convolve(counts, np.ones(_WINDOW, np.int64), "same")
    first = int(windows.argmax())
    others = counts.copy()
    others[max(0, first - _WINDOW // 2) : first + _WINDOW // 2 + 1] = 0
    second = int(np.convolve(others, np.ones(_WINDOW, np.int64), "same").max())
    shares = counts[levels] / total
    return Tones(
        darkest=int(levels[0]),
        dark=int(dark),
        light=int(light),
        brightest=int(levels[-1]),
        commonest=float(windows[first]) / total,
        rest=(total - int(windows[first]) - second) / total,
        entropy=float(-(shares * np.log2(shares)).sum()),
    )


def edges(sample: Sample) -> Edges:
    """Compare neighbours along every third row and column."""
    steep = hard = flat = total = 0
    bends = coarse = 0.0
    for lines in (sample.luma[::3], sample.luma[:, ::3].T):
        levels = lines.astype(np.float32, order="C")
        steps = levels[:, 1:] - levels[:, :-1]
        bend = (steps[:, 1:] - steps[:, :-1]).ravel()
        wide = (steps[:, 1:] + steps[:, :-1]).ravel()
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
