"""The contact sheet: one picture to look at, a band for each label, sides told by the foot.

It lies beside the tree, not in it: a picture at a tree's root is one more thing for a loader to
take for data.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from .manifest import Row

SIDE, FOOT, GAP, BAND, COLUMNS = 104, 4, 4, 20, 10
CELL = SIDE + FOOT + GAP
_MOST_LABELS = 60  # beyond that nobody looks at one picture any more
_SIDES = {"train": (70, 110, 180), "val": (220, 140, 40), "test": (90, 160, 90)}


def contact_sheet(tree: Path, rows: Sequence[Row], out: Path, *, lines: int = 2) -> None:
    """Write a JPEG with `lines` rows of pictures for each label, drawn by a hash of their ids.

    The same tree gives the same bytes. Feet: train blue, val orange, test green.
    """
    import PIL.Image
    import PIL.ImageDraw

    labels = sorted({str(row["label"]) for row in rows})[:_MOST_LABELS]
    bands = [(label, _drawn(rows, label, lines * COLUMNS)) for label in labels]
    heights = [BAND + -(-len(chosen) // COLUMNS) * CELL for _, chosen in bands]
    sheet = PIL.Image.new("RGB", (COLUMNS * CELL, BAND + sum(heights)), "white")
    draw = PIL.ImageDraw.Draw(sheet)
    _legend(draw, {str(row["split"]) for row in rows})
    top = BAND
    for (label, chosen), height in zip(bands, heights, strict=True):
        total = sum(row["label"] == label for row in rows)
        draw.text((GAP, top + 4), f"{label}  ({total})", fill="black")
        for place, row in enumerate(chosen):
            left = place % COLUMNS * CELL
            upper = top + BAND + place // COLUMNS * CELL
            foot = (left + GAP, upper + SIDE, left + GAP + SIDE - 1, upper + SIDE + FOOT - 1)
            draw.rectangle(foot, fill=_SIDES[str(row["split"])])
            sheet.paste(_small(tree / str(row["file_name"])), (left + GAP, upper))
        top += height
    partial = out.with_name(f".{out.name}.partial")
    sheet.save(partial, "JPEG", quality=85)
    partial.replace(out)


def _drawn(rows: Sequence[Row], label: str, number: int) -> list[Row]:
    mine = [row for row in rows if row["label"] == label]
    order = sorted(mine, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    return sorted(order[:number], key=lambda row: list(_SIDES).index(str(row["split"])))


def _small(path: Path) -> Image:
    import PIL.Image
    import PIL.ImageOps

    with PIL.Image.open(path) as image:
        image.draft("RGB", (SIDE, SIDE))
        return PIL.ImageOps.fit(image.convert("RGB"), (SIDE, SIDE))


def _legend(draw: ImageDraw, sides: set[str]) -> None:
    left = GAP
    for side, colour in ((s, c) for s, c in _SIDES.items() if s in sides):
        draw.rectangle((left, 5, left + 10, 15), fill=colour)
        draw.text((left + 14, 4), side, fill="black")
        left += 70
