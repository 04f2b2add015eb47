"""Any Pillow mode to 8-bit sRGB: the one conversion, for measuring and for the training tree.

| source | becomes |
|---|---|
| embedded ICC profile | converted to sRGB; a profile that is broken is ignored, as loaders do |
| alpha, in palettes and as one transparent level too | flattened on white |
| CMYK, gray, palette, 1-bit, LAB | RGB |
| 16-bit, 32-bit, float | scaled to 8 bits, never clipped |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Converted:
    """An RGB picture, what was done to get there, and whether any pixel was less than opaque.

    `steps` are of `8bit`, `icc`, `white` (flattened), `rgb` (another mode), in this order.
    """

    picture: Image.Image
    steps: tuple[str, ...]
    has_alpha: bool


def to_rgb(image: Image.Image) -> Converted:
    """Convert a loaded picture."""
    profile = image.info.get("icc_profile")
    steps: list[str] = []
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        image = _with_transparency(eight_bits(image), image)
        steps.append("8bit")
        profile = None  # made for another depth
    if image.has_transparency_data:
        return _flatten(image, profile, steps)
    if image.mode not in {"RGB", "L", "CMYK", "LAB"}:
        image = image.convert("RGB")
        steps.append("rgb")
    converted = _to_srgb(image, profile, steps)
    if converted.mode == "LAB":
        converted = _from_lab(converted)
        steps.append("rgb")
    elif converted.mode != "RGB":
        converted = converted.convert("RGB")
        steps.append("rgb")
    return Converted(converted, tuple(steps), has_alpha=False)


def _flatten(image: Image.Image, profile: bytes | None, steps: list[str]) -> Converted:
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    alpha = image.getchannel("A")
    opaque = alpha.getextrema()[0] == 255
    picture = image
    if opaque or (profile and not is_srgb(profile)):
        picture = _to_srgb(image.convert("RGB"), profile, steps)
    if opaque:
        return Converted(picture, (*steps, "rgb"), has_alpha=False)
    white = Image.new("RGB", image.size, "white")
    white.paste(picture, mask=alpha)
    return Converted(white, (*steps, "white"), has_alpha=True)


def _with_transparency(gray: Image.Image, source: Image.Image) -> Image.Image:
    """Gray of 8 bits, transparent where the source has the one level that is said to be so."""
    level = source.info.get("transparency")
    if isinstance(level, int):
        gray.putalpha(
            Image.fromarray(np.where(np.asarray(source) == level, np.uint8(0), np.uint8(255)))
        )
    return gray


@lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether an embedded ICC profile calls itself sRGB (then there is nothing to convert)."""
    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return False
    return name.strip().lower().startswith(("srgb", "c2", "iec 61966-2-1", "iec61966-2.1"))


def _to_srgb(image: Image.Image, profile: bytes | None, steps: list[str]) -> Image.Image:
    """The picture in sRGB where a usable profile says what its numbers mean, else as it is."""
    if not profile or is_srgb(profile):
        return image
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        result = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # made for another colour space, or damaged: loaders ignore it too
    if result is None:
        return image
    steps.append("icc")
    return result


def in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """An RGB picture in sRGB, its numbers read as a profile says; as it is where they cannot be."""
    return _to_srgb(picture, profile, [])


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms

    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    result = ImageCms.applyTransform(image, transform)
    return result if result is not None else image.getchannel(0).convert("RGB")


# White of 16-bit gray: sensors put 8, 10 or 12 bits into 16, which would come out all but black.
_WHITES: Final = (255, 1023, 4095, 65535)


def eight_bits(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float gray scaled (not clipped) to 8 bits ("L").

    The values say what white is: the least of 1 (not for 16 bits), 255, 1023, 4095 and 65535 that
    none exceeds, else the largest. Where some are negative, the smallest is black. What is no
    number is black, the infinite is white.
    """
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        white = next(white for white in _WHITES if int(values.max(initial=0)) <= white)
        levels = np.rint(np.arange(white + 1) * (255.0 / white)).astype(np.uint8)
        return Image.fromarray(levels[values])
    return Image.fromarray(_scaled(values.astype(np.float32)))


def _scaled(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    finite = np.isfinite(values)
    known = values[finite] if not finite.all() else values
    low = min(0.0, float(known.min(initial=0)))
    high = max(low, float(known.max(initial=low)))
    white = high if low < 0 else next((w for w in (1, *_WHITES) if high <= w), high)
    np.nan_to_num(values, copy=False, nan=low, posinf=white, neginf=low)
    values -= np.float32(low)
    # Divided first: a difference of the largest floats is no float any more.
    values *= np.float32(255.0 / max(white - low, 1e-30))
    np.clip(np.rint(values, out=values), 0, 255, out=values)
    return values.astype(np.uint8)
