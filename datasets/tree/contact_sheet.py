"""The contact sheet: one picture to look at, a band for each label, the split named at its foot.

It lies beside the tree, not in it: a picture at a tree's root is one more thing for a loader to
take for data.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..files import whole_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from .manifest import Row

CELL_SIDE, FOOT, GAP, BAND, COLUMNS = 104, 4, 4, 20, 10
CELL = CELL_SIDE + FOOT + GAP
_MOST_LABELS = 60  # beyond that one picture shows too little of each
_COLOURS = {"train": (70, 110, 180), "val": (220, 140, 40), "test": (90, 160, 90)}


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
            foot = (
                left + GAP,
                upper + CELL_SIDE,
                left + GAP + CELL_SIDE - 1,
                upper + CELL_SIDE + FOOT - 1,
            )
            draw.rectangle(foot, fill=_COLOURS[str(row["split"])])
            sheet.paste(_small(tree / str(row["file_name"])), (left + GAP, upper))
        top += height
    with whole_file(out) as beside:
        sheet.save(beside, "JPEG", quality=85)


def _drawn(rows: Sequence[Row], label: str, number: int) -> list[Row]:
    mine = [row for row in rows if row["label"] == label]
    order = sorted(mine, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    return sorted(order[:number], key=lambda row: list(_COLOURS).index(str(row["split"])))


def _small(path: Path) -> Image:
    import PIL.Image
    import PIL.ImageOps

    with PIL.Image.open(path) as image:
        image.draft("RGB", (CELL_SIDE, CELL_SIDE))
        return PIL.ImageOps.fit(image.convert("RGB"), (CELL_SIDE, CELL_SIDE))


def _legend(draw: ImageDraw, splits: set[str]) -> None:
    left = GAP
    for split, colour in ((s, c) for s, c in _COLOURS.items() if s in splits):
        draw.rectangle((left, 5, left + 10, 15), fill=colour)
        draw.text((left + 14, 4), split, fill="black")
        left += 70
