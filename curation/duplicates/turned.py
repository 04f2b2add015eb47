"""Mirrored and turned copies: found by the hash of every turn, left to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .filters import luma
from .pair_result import Kind
from .pair_rules import likeness as likeness_of
from .pair_rules import objections
from .registration import IDENTITY, correlation
from .residuals import compare
from .thresholds import PAIRS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..arrays import Floats
    from .filters import Pixels
    from .residuals import Rows


TURNS: tuple[Callable[[Pixels], Pixels], ...] = (
    lambda pictures: pictures[:, :, ::-1],
    lambda pictures: pictures[:, ::-1],
    lambda pictures: pictures[:, ::-1, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3),
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, :, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, ::-1, ::-1],
)


def turned_pairs(
    first: Pixels, second: Pixels, upright: Rows
) -> tuple[list[Kind], Floats, list[str]]:
    """Mirrored and turned copies are for a person: a turn can change what is shown."""
    gray = luma(first)
    ones = np.ones_like(gray)
    turned = [turn(second) for turn in TURNS]
    likely = np.argmax([correlation(gray, luma(other), ones) for other in turned], axis=0)
    chosen = np.stack([turned[turn][pair] for pair, turn in enumerate(likely.tolist())])
    starts = [(IDENTITY,)] * len(first)
    best = compare(first, chosen, starts, np.tile(np.array(IDENTITY), (len(first), 1)))
    likeness = likeness_of(best)
    fits = objections(best, np.zeros(len(best), dtype=np.int64)) == ""
    asked = (best["match"] >= PAIRS.review_match) & fits
    alike = (best["match"] >= PAIRS.loose_match) & (best["detail"] >= PAIRS.join_detail)
    alike |= (upright["match"] >= PAIRS.loose_match) & (upright["detail"] >= PAIRS.join_detail)
    kinds = [
        Kind.MAYBE if ask else Kind.LOOSE if like else Kind.OTHER
        for ask, like in zip(asked, alike, strict=True)
    ]
    words = {Kind.MAYBE: "mirrored or turned", Kind.LOOSE: "alike turned",
             Kind.OTHER: "other pictures"}  # fmt: skip
    likeness = np.where(asked, likeness, np.where(alike, likeness / 2, 0.0))
    return kinds, likeness, [words[kind] for kind in kinds]
