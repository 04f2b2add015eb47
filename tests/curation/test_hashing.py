"""Fingerprints: imagehash's own, bit for bit, and what happens to them when pictures turn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pixset.curation import dhash, phash
from pixset.curation.duplicates.thresholds import CROP_RADIUS
from pixset.curation.images.hashes import (
    CENTRE_CROPS,
    WHOLE,
    bits_above_median,
    crop_windows,
    inside,
    phash_and_dhash,
    to_array,
    transpose_bits,
    turned,
    window_hashes,
)


def scene(seed: int, width: int, height: int) -> Image.Image:
    """Soft random shapes: what a photograph is to a hash."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    grain = rng.normal(0, 6, (height, width, 3))
    large = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)) + grain
    return Image.fromarray(np.clip(large, 0, 255).astype(np.uint8))


def apart(one: int, two: int) -> int:
    return (one ^ two).bit_count()


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), width=st.integers(9, 700), height=st.integers(9, 500))
def test_hashes_equal_imagehash_bit_for_bit_at_every_size(seed, width, height):
    image = scene(seed, width, height)
    assert phash_and_dhash(np.asarray(image.convert("L"))) == (phash(image), dhash(image))


def test_hashes_equal_imagehash_on_real_photos_decoded_in_full(samples):
    photos = sorted((samples / "images" / "photos").rglob("*.jpg"))[::17]
    assert len(photos) > 20
    for path in photos:
        with Image.open(path) as image:
            luma = np.asarray(image.convert("L"))
            assert phash_and_dhash(luma) == (phash(image), dhash(image)), path.name


@pytest.mark.parametrize("share", sorted(CENTRE_CROPS.values()))
def test_a_window_hash_is_the_hash_of_the_picture_cut_to_that_window(share):
    image = scene(4, 600, 480)
    gray = np.asarray(image.resize((64, 64), Image.Resampling.BOX).convert("L"), dtype=np.float64)
    left, top, right, bottom = window = inside(WHOLE, share)
    box = (int(left * 600), int(top * 480), int(right * 600), int(bottom * 480))
    found = window_hashes(gray, {"cut": window})["cut"]
    assert apart(found, phash(image.crop(box))) <= 4


def test_most_crops_of_a_tenth_lie_near_a_window_wherever_they_were_cut():
    places = [0.01, 0.03, 0.05, 0.07, 0.09]
    near = []
    for seed in range(8):
        image = scene(seed, 600, 480)
        gray = np.asarray(image.resize((64, 64), Image.Resampling.BOX).convert("L"))
        windows = window_hashes(gray.astype(np.float64), crop_windows(WHOLE, 600, 480))
        for west, north in product(places, places):
            left, top = round(west * 600), round(north * 480)
            cut = phash(image.crop((left, top, left + 540, top + 432)))
            near.append(min(apart(cut, bits) for bits in windows.values()) <= CROP_RADIUS)
    assert np.mean(near) >= 0.9


def test_no_windows_give_no_hashes():
    assert window_hashes(np.zeros((64, 64)), {}) == {}


TRANSPOSES = {
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "half": Image.Transpose.ROTATE_180,
    "transpose": Image.Transpose.TRANSPOSE,
    "left": Image.Transpose.ROTATE_90,
    "right": Image.Transpose.ROTATE_270,
    "transverse": Image.Transpose.TRANSVERSE,
}


@pytest.mark.parametrize("name", sorted(TRANSPOSES))
def test_the_hash_of_a_turned_picture_comes_from_the_bits_alone(name):
    image = scene(11, 320, 320).filter(ImageFilter.GaussianBlur(2))
    guess = int(turned(to_array([phash(image)]))[name][0])
    assert apart(guess, phash(image.transpose(TRANSPOSES[name]))) <= 10


def test_transposing_bits_twice_gives_them_back():
    hashes = np.random.default_rng(0).integers(0, 2**64, 50, dtype=np.uint64)
    assert np.array_equal(transpose_bits(transpose_bits(hashes)), hashes)


def test_rounding_noise_decides_no_bit():
    exact = np.zeros((8, 8))
    exact[0, 0] = 900
    noise = np.random.default_rng(1).normal(0, 1e-9, (8, 8))
    assert bits_above_median(exact) == bits_above_median(exact + noise) == 1 << 63
