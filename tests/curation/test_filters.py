"""Filters in bands and blocks give what the plain way gives."""

from __future__ import annotations

import numpy as np
import pytest
from pixset.curation.duplicates.filters import blurred
from pixset.curation.duplicates.registration import Sampling
from scipy.ndimage import gaussian_filter1d


def planes(side: int, count: int = 3) -> np.ndarray:
    return np.random.default_rng(side).uniform(0, 255, (count, side, side)).astype(np.float32)


@pytest.mark.parametrize("side", [200, 248, 256])
@pytest.mark.parametrize("sigma", [0.8, 1.5, 6.0])
def test_a_large_plane_is_blurred_as_scipy_does(side, sigma):
    wanted = planes(side)
    for axis in (-2, -1):
        wanted = gaussian_filter1d(wanted, sigma, axis=axis, mode="nearest", truncate=3.0)
    assert np.allclose(blurred(planes(side), sigma), wanted, atol=1e-3)


@pytest.mark.parametrize("side", [64, 96, 104, 130, 192])
@pytest.mark.parametrize("sigma", [0.8, 1.5, 6.0])
def test_a_small_plane_is_blurred_by_the_weights_that_lie_within_it(side, sigma):
    at = np.arange(side)
    weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    weights /= weights.sum(1, keepdims=True)
    wanted = weights @ planes(side) @ weights.T
    assert np.allclose(blurred(planes(side), sigma), wanted, atol=0.02)


@pytest.mark.parametrize("side", [64, 96, 256])
def test_a_plane_is_sampled_between_its_pixels(side):
    alignments = np.array([[1.0, 0.0, 1.0, 0.0], [0.8, 0.1, 0.9, 0.05], [1.2, -0.1, 1.1, 0.02]])
    sampling = Sampling(side, alignments)
    across, down = np.meshgrid(np.arange(side), np.arange(side))
    ramp = np.broadcast_to((across + 1000 * down).astype(np.float32), (3, side, side))
    laid = sampling(ramp)
    centres = (np.arange(side) + 0.5) / side
    for (wide, left, tall, top), shown, inside in zip(
        alignments, laid, sampling.inside, strict=True
    ):
        x = np.clip((wide * centres + left) * side - 0.5, 0, side - 1)
        y = np.clip((tall * centres + top) * side - 0.5, 0, side - 1)
        wanted = (x[None, :] + 1000 * y[:, None]) * inside
        assert np.allclose(shown, wanted, rtol=1e-5, atol=0.1)
