"""Any Pillow mode to 8-bit sRGB: profiles honoured, transparency on white, depth scaled."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def is_srgb(profile: bytes) -> bool:
    """Whether an embedded ICC profile calls itself sRGB (then there is nothing to convert)."""
    from PIL import ImageCms

    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return False
    return name.strip().lower().startswith(("srgb", "c2", "iec 61966-2-1", "iec61966-2.1"))


def to_rgb(image: Image, steps: list[str]) -> Image:
    """The loaded picture as RGB; what was done is appended to `steps`."""
    import PIL.Image

    profile = image.info.get("icc_profile")
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image = _eight_bits(image)
        steps.append("8bit")
        profile = None  # a profile of another depth
    if image.has_transparency_data:
        image = image.convert("RGBA")
        flat = _with_profile(image.convert("RGB"), profile, steps)
        alpha = image.getchannel("A")
        white = PIL.Image.new("RGB", flat.size, "white")
        white.paste(flat, mask=alpha)
        steps.append("white")
        return white
    if image.mode not in ("RGB", "L", "CMYK", "LAB"):
        image = image.convert("RGB")
        steps.append("rgb")
    converted = _with_profile(image, profile, steps)
    if converted.mode == "LAB":
        return _from_lab(converted, steps)
    if converted.mode != "RGB":
        steps.append("rgb")
        return converted.convert("RGB")
    return converted


def _with_profile(image: Image, profile: bytes | None, steps: list[str]) -> Image:
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


def _from_lab(image: Image, steps: list[str]) -> Image:
    from PIL import ImageCms

    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    result = ImageCms.applyTransform(image, transform)
    steps.append("rgb")
    return result if result is not None else image.convert("L").convert("RGB")


def _eight_bits(image: Image) -> Image:
    """Gray of 16 bits, 32 bits or float, scaled by its type's range, not clipped."""
    import numpy as np
    import PIL.Image

    pixels = np.asarray(image).astype(np.float64)
    if image.mode.startswith("I;16"):
        # Sensors put 8, 10 or 12 bits into 16, which would come out all but black.
        pixels *= 255 / next(white for white in (255, 1023, 4095, 65535) if pixels.max() <= white)
    else:
        # 32-bit integers and floats say nothing of their range: the values must.
        finite = np.nan_to_num(pixels, nan=0.0, posinf=0.0, neginf=0.0)
        low, high = min(0.0, float(finite.min())), float(finite.max())
        top = next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
        if low < 0:
            pixels, top = finite - low, high - low
        pixels = finite if low == 0 else pixels
        pixels = pixels * (255 / top)
    return PIL.Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
