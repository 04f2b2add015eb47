"""One picture laid over another, and what a closer look says of the two."""

from __future__ import annotations

import numpy as np
import pytest
from pixset.curation.duplicates.closer_look import CloseLook, look_for_moments
from pixset.curation.duplicates.registration import IDENTITY, Alignment, Sampling, align
from pixset.curation.duplicates.residuals import again
from pixset.curation.duplicates.starts import cropped
from scipy.ndimage import gaussian_filter


def scenes(side: int, count: int, seed: int = 0) -> np.ndarray:
    """Hills and dales of all sizes, count x side x side."""
    noise = np.random.default_rng(seed).normal(size=(count, side, side))
    hills = [sum(gaussian_filter(one, side / n) * side / n for n in (8, 16, 32)) for one in noise]
    return np.stack([128 + 40 * one / one.std() for one in hills]).astype(np.float32)


def coloured(planes: np.ndarray, tint: tuple[float, float, float]) -> np.ndarray:
    return np.clip(planes[..., None] * np.array(tint, dtype=np.float32), 0, 255)


@pytest.mark.parametrize("off", [0.01, 0.06, 0.12])
def test_more_pixels_mend_what_fewer_have_laid_wrongly(off):
    whole = scenes(128, 4)
    true = np.tile([0.8, 0.1, 0.85, 0.05], (4, 1))
    part = Sampling(128, true)(whole)
    found = again(whole, part, true + np.array([off, -off / 2, 0.0, 0.0]))
    assert np.abs(found - true).max() < 0.002


def test_walks_that_meet_do_not_lose_the_pair_that_each_is_of():
    whole = scenes(64, 3)
    true = np.array([[0.9, 0.05, 0.9, 0.05], [0.84, 0.02, 0.86, 0.1], [1.0, 0.0, 1.0, 0.0]])
    part = Sampling(64, true)(whole)
    near = Alignment(0.9, 0.05, 0.9, 0.05)
    starts = [[IDENTITY, near, near, *cropped(0.9, 0.9)], [IDENTITY, *cropped(0.82, 0.82)], [near]]
    match, found = align(whole, part, starts)
    assert match.min() > 0.99
    assert np.abs(found - true).max() < 0.005


@pytest.mark.parametrize("side", [128, 256])
def test_of_pairs_that_are_no_copies_a_shorter_look_tells_as_much_of_moments(side):
    first = coloured(scenes(side, 3), (1.0, 0.9, 0.8))
    second = coloured(scenes(side, 3) + 0.3 * (scenes(side, 3, seed=1) - 128), (0.9, 1.0, 0.8))
    second[2] = coloured(scenes(side, 1, seed=2), (1.0, 1.0, 1.0))[0]
    every = np.ones(3, dtype=bool)
    look = CloseLook(first, second, levelled=~every)
    look.tell(every)
    short = look_for_moments(first, second, every)
    assert np.allclose(short["coarse"], look.found["coarse"], atol=1e-4)
    assert np.allclose(short["stir"][:2], look.found["stir"][:2], atol=1e-4)
    assert look.found["coarse"][2] < 0.6


def test_a_look_says_of_every_pair_what_it_is_asked_once():
    first = coloured(scenes(128, 2), (1.0, 0.9, 0.8))
    second = first.copy()
    second[1, 40:60, 40:60] = 255
    look = CloseLook(first, second, levelled=np.zeros(2, dtype=bool))
    assert look.found["edge"][0] == 0 < look.found["edge"][1]
    told = look.found[1].copy()
    look.tell(np.ones(2, dtype=bool))
    assert look.found[1] == told
