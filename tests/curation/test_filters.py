"""Filters that take short ways give what the plain way gives."""

from __future__ import annotations

import numpy as np
import pytest
from pixset.curation.duplicates.filters import blurred, upper_median
from pixset.curation.duplicates.registration import Sampling, halved, in_common
from scipy.ndimage import gaussian_filter


def planes(side: int, count: int = 3) -> np.ndarray:
    return np.random.default_rng(side).uniform(0, 255, (count, side, side)).astype(np.float32)


SIGMAS = [0.6, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0]


def shown(side: int) -> np.ndarray:
    """Something to see, with little detail of single pixels: noise of two pixels' width."""
    return np.stack([gaussian_filter(plane, 2.0) for plane in planes(side)])


@pytest.mark.parametrize("side", [200, 248, 256])
@pytest.mark.parametrize("sigma", SIGMAS)
def test_a_large_plane_is_blurred_much_as_scipy_does(side, sigma):
    wanted = np.stack([gaussian_filter(plane, sigma, mode="nearest") for plane in shown(side)])
    assert (blurred(shown(side), sigma) - wanted).std() < 0.04 * shown(side).std()


@pytest.mark.parametrize("side", [64, 96, 104, 130, 192])
@pytest.mark.parametrize("sigma", SIGMAS)
def test_a_small_plane_is_blurred_by_the_weights_that_lie_within_it(side, sigma):
    at = np.arange(side)
    weights = np.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    weights /= weights.sum(1, keepdims=True)
    wanted = weights @ shown(side) @ weights.T
    assert (blurred(shown(side), sigma) - wanted).std() < 0.04 * shown(side).std()


@pytest.mark.parametrize("side", [96, 256])
@pytest.mark.parametrize("sigma", SIGMAS)
def test_a_blur_leaves_what_is_even_and_spreads_a_point_by_its_variance(side, sigma):
    assert np.allclose(blurred(np.full((2, side, side), 7, dtype=np.float32), sigma), 7, rtol=1e-5)
    point = np.zeros((1, side, side), dtype=np.float32)
    point[0, side // 2, side // 2] = 1
    spread = blurred(point, sigma)[0]
    away = (np.arange(side) - side // 2) ** 2
    assert np.isclose(spread.sum(), 1, rtol=1e-4)
    assert np.isclose((spread.sum(0) * away).sum(), sigma**2, rtol=0.05)
    assert np.isclose((spread.sum(1) * away).sum(), sigma**2, rtol=0.05)
    assert np.allclose(spread, spread.T, atol=1e-6)


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


@pytest.mark.parametrize("side", [64, 256])
def test_colours_are_sampled_band_by_band(side):
    sampling = Sampling(side, np.array([[0.8, 0.1, 0.9, 0.05], [1.2, -0.1, 1.1, 0.02]]))
    pictures = np.stack([planes(side, 2), planes(side, 2) / 2, planes(side, 2) + 9], axis=-1)
    bands = np.stack([sampling(pictures[..., band]) for band in range(3)], axis=-1)
    assert np.allclose(sampling(pictures), bands, rtol=1e-5)


def test_the_median_of_each_row_is_that_of_its_own_known_values():
    values = planes(64)[:, 0]
    known = np.arange(64) < np.array([[64], [31], [2]])
    wanted = [
        sorted(row[some])[len(row[some]) // 2] for row, some in zip(values, known, strict=True)
    ]
    assert upper_median(values, known).tolist() == wanted


def test_colours_are_halved_as_each_of_their_planes_is():
    colours = np.stack([planes(side)[:, :65, :65] for side in (66, 68, 70)], axis=-1)
    wanted = np.stack([halved(colours[..., band]) for band in range(3)], axis=-1)
    assert np.array_equal(halved(colours), wanted)
    assert wanted[0, 0, 0, 0] == pytest.approx(colours[0, :2, :2, 0].mean())


@pytest.mark.parametrize("seed", range(20))
def test_what_both_pictures_show_is_one_window_of_each(seed):
    rng = np.random.default_rng(seed)
    across, down = rng.uniform(0.6, 1.65, 2)
    shifts = [rng.uniform(0.5 - scale, 0.5) for scale in (across, down)]
    alignment = np.array([across, shifts[0], down, shifts[1]])
    first, second = (np.array(window) for window in in_common(alignment, 1 / 128))
    for window in (first, second):
        assert (window > 0).all()
        assert (window < 1).all()
        assert (window[:2] < window[2:]).all()
    scale, shift = alignment[[0, 2, 0, 2]], alignment[[1, 3, 1, 3]]
    np.testing.assert_allclose(scale * second + shift, first)
