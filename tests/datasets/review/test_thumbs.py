"""Scaled pictures for the page: what is kept of them in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.datasets.review.thumbs import SIDES, Thumbs
from support.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def thumbs() -> Iterator[Thumbs]:
    made = Thumbs()
    yield made
    made.close()


@pytest.mark.parametrize(("kind", "kept"), [("thumb", True), ("image", False)])
def test_small_pictures_are_kept_by_the_thousand_and_large_ones_are_not(
    thumbs: Thumbs, tmp_path: Path, kind: str, *, kept: bool
) -> None:
    places = [tmp_path / f"{n}.jpg" for n in range(150)]
    for place in places:
        place.write_bytes(jpeg(1))
        assert thumbs.get(place, SIDES[kind])
        place.unlink()
    assert (thumbs.get(places[0], SIDES[kind]) is not None) == kept
