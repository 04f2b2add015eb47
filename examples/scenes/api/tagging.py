"""From base64 texts to tags: what is accepted, how it is refused, and the rule for tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared import pictures
from shared.trees import spoken

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from PIL import Image

ALONE, TOGETHER = 0.9, 0.5
UNKNOWN = "Unknown"
BATCH = 32
IMAGES = 256  # pictures in one request
FORMATS = ("JPEG", "MPO", "PNG")  # an MPO is a JPEG that holds a second view
MODES = ("RGB", "RGBA", "CMYK")


class RequestError(ValueError):
    """A request that is refused whole; `entry` is the place (from 0) of the picture at fault."""

    def __init__(self, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.entry = entry


def entries(body: Any) -> list[Any]:
    """The list of images of a request's JSON."""
    if not isinstance(body, dict) or "images" not in body:
        raise RequestError("Missing parameter 'images'")
    images = body["images"]
    if not isinstance(images, list):
        raise RequestError("Bad format: 'images' parameter must be a list")
    if len(images) > IMAGES:
        raise RequestError(f"Too many images: at most {IMAGES} in one request")
    return images


def accepted(entry: Any, place: int) -> Image.Image:
    """One entry as an upright RGB picture; RequestError says what is wrong with it."""
    try:
        data = pictures.from_text(entry) if isinstance(entry, str) else b""
    except ValueError:
        data = b""
    if not data:
        raise RequestError("Entry in 'images' list is not a base64 image", place)
    try:
        picture = pictures.opened(data)
    except pictures.PictureError as error:
        if len(data) > pictures.BYTES or "megapixels" in str(error):
            raise RequestError(f"Entry in 'images' list: {error}", place) from error
        raise RequestError("Entry in 'images' list is not a base64 image", place) from error
    if picture.format not in FORMATS:
        raise RequestError("Unsupported file extension. Use .jpg or .png", place)
    if picture.mode not in MODES:
        raise RequestError("Unsupported color mode. Accepted: RGB, RGBA and CMYK", place)
    return pictures.upright(picture)


def tags(shares: np.ndarray, labels: Sequence[str]) -> list[str]:
    """The best label alone if it is surer than 0.9; the best two if they pass 0.5; else Unknown."""
    first, second = np.argsort(shares)[::-1][:2]
    if shares[first] > ALONE:
        return [spoken(labels[first])]
    if shares[first] + shares[second] > TOGETHER:
        return [spoken(labels[first]), spoken(labels[second])]
    return [UNKNOWN]


def tag_all(model: keras.Model, labels: Sequence[str], images: Sequence[Any]) -> list[list[str]]:
    """Tags for each entry, in the order asked; nothing is predicted where one is refused."""
    size = model.input_shape[1:3]
    # Only the cut pixels are kept: a whole batch of full pictures would fill the memory.
    cut = [pictures.batch([accepted(one, place)], size) for place, one in enumerate(images)]
    found = []
    for start in range(0, len(cut), BATCH):
        shares = np.asarray(model.predict_on_batch(np.concatenate(cut[start : start + BATCH])))
        found += [tags(row, labels) for row in shares]
    return found
