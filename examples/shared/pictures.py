"""Pictures from files, addresses, uploads and base64 texts: upright RGB, or one clear line."""

from __future__ import annotations

import base64
import binascii
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import requests
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from collections.abc import Iterable

BYTES = 20 * 2**20  # the largest file that is read, from a disk, the web or a visitor
PIXELS = 50_000_000
SECONDS = 30  # until a server must have sent all of a picture
_DATA_URL = re.compile(r"data:[^,;]*(;[^,;]*)*;base64,", re.IGNORECASE)

# Pillow itself warns above this number, and refuses at twice as many: `opened` refuses above it.
Image.MAX_IMAGE_PIXELS = PIXELS


class PictureError(ValueError):
    """What was given is no picture that can be used; the text is one line for a person."""


def opened(data: bytes, name: str = "the picture") -> Image.Image:
    """Decode a picture as it is stored: its own mode, not turned; `.format` says its kind."""
    if len(data) > BYTES:
        raise PictureError(f"{name} is larger than {BYTES // 2**20} MB")
    try:
        picture = Image.open(BytesIO(data))
        _bounded(picture)
        picture.load()
    except Image.DecompressionBombError as error:
        raise PictureError(f"{name} has more than {PIXELS // 10**6} megapixels") from error
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
        raise PictureError(f"{name} is not a picture that can be read") from error
    return picture


def _bounded(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS:
        raise Image.DecompressionBombError


def upright(picture: Image.Image) -> Image.Image:
    """The picture as a viewer shows it: turned by its EXIF, RGB, on white where transparent."""
    turned = ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        layered = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    return turned.convert("RGB")


def read(data: bytes, name: str = "the picture") -> Image.Image:
    """Decode a picture to upright RGB; raises PictureError."""
    return upright(opened(data, name))


def read_place(place: str) -> Image.Image:
    """Read a picture from a path or an http(s) address; raises PictureError."""
    return read(_fetched(place) if re.match(r"https?://", place) else _from_disk(place), place)


def from_text(text: str) -> bytes:
    """The bytes of a base64 text, bare or as a browser's data: URL; raises ValueError."""
    payload = _DATA_URL.sub("", text, count=1)
    try:
        return base64.b64decode("".join(payload.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def batch(pictures: Iterable[Image.Image], size: tuple[int, int]) -> np.ndarray:
    """Pictures as (n, height, width, 3) floats to 255, each its largest centred part of the shape.

    The same cut as `crop_to_aspect_ratio=True` of Keras' folder reading and as `smart_resize`.
    """
    width_first = (size[1], size[0])
    cut = [ImageOps.fit(one, width_first, Image.Resampling.BILINEAR) for one in pictures]
    return np.stack([np.asarray(one, dtype="float32") for one in cut])


def _from_disk(place: str) -> bytes:
    path = Path(place)
    if not path.is_file():
        raise PictureError(f"{place}: there is no such file")
    with path.open("rb") as file:
        return file.read(BYTES + 1)


def _fetched(address: str) -> bytes:
    """What an address gives, no more than BYTES of it."""
    found = b""
    try:
        with requests.get(address, stream=True, timeout=SECONDS) as answer:
            answer.raise_for_status()
            for part in answer.iter_content(2**16):
                found += part
                if len(found) > BYTES:
                    break
    except requests.RequestException as error:
        raise PictureError(f"{address} could not be fetched: {error}") from error
    return found
