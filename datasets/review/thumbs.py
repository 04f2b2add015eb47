"""Pictures for the page, scaled on the fly: JPEG of our own making, never the web's bytes."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

SIDES = {"thumb": 256, "image": 1400}  # pixels, the longer side
_KEPT = 4_000  # thumbs in memory, about 10 kB each


@lru_cache(maxsize=_KEPT)
def scaled(path: Path, side: int) -> bytes | None:
    """A picture's file as JPEG with the longer side at most `side`; None if it cannot be read.

    The file's name carries its content's hash, so what was made once stays true.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as opened:
            opened.draft("RGB", (2 * side, 2 * side))
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((side, side))
            if "A" in picture.getbands() or picture.mode == "P":
                picture = _on_checks(picture.convert("RGBA"))
            out = BytesIO()
            picture.convert("RGB").save(out, "JPEG", quality=82)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError):
        return None  # Pillow's many ways to say that bytes are no picture
    return out.getvalue()


def _on_checks(picture: Image.Image) -> Image.Image:
    """Transparency on a grey that is neither black nor white, so that it can be seen."""
    from PIL import Image

    ground = Image.new("RGBA", picture.size, (128, 132, 140, 255))
    ground.alpha_composite(picture)
    return ground
