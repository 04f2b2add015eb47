"""The contact sheet: one picture to look at, a band for each label, the split named at its foot.

It lies beside the tree, not in it: a picture at a tree's root is one more thing for a loader to
take for data.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..files import whole_file, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

    from .manifest import Row

CELL_SIDE, FOOT, GAP, BAND, COLUMNS = 104, 4, 4, 20, 10
CELL = CELL_SIDE + FOOT + GAP
SHEET_LINES = 24  # rows of pictures on one sheet
_DRAWN = 2 * COLUMNS  # pictures of a label where not all are shown
_MOST_LABELS = 60  # beyond that one picture shows too little of each
_MARK = '<meta name="generator" content="pixset report --sheets">'
_COLOURS = {"train": (70, 110, 180), "val": (220, 140, 40), "test": (90, 160, 90)}


@dataclass(frozen=True, slots=True)
class _Band:
    """A title over pictures of one label."""

    title: str
    rows: Sequence[Row]

    @property
    def height(self) -> int:
        return BAND + self.lines * CELL

    @property
    def lines(self) -> int:
        return -(-len(self.rows) // COLUMNS)


def contact_sheet(tree: Path, rows: Sequence[Row], out: Path) -> None:
    """Write a JPEG with some pictures of each label, drawn by a hash of their ids.

    The same tree gives the same bytes. Feet: train blue, val orange, test green. Over each label
    stands how many pictures it has, and how many in each split.
    """
    bands = [
        _Band(_title(label, mine), _drawn(mine))
        for label, mine in list(_by_label(rows).items())[:_MOST_LABELS]
    ]
    _write_sheet(tree, bands, out)


def contact_sheets(
    tree: Path, rows: Sequence[Row], folder: Path, *, whole: bool = False
) -> list[Path]:
    """Write sheets of every label, as many as it takes, and index.html to leaf through them.

    `whole` shows every picture, else some of each label. Returns the sheets' paths. Raises
    UsageError where somebody's own index.html or sheets would be replaced.
    """
    index = folder / "index.html"
    there = [one for one in (index, *folder.glob("sheet-[0-9][0-9][0-9].jpg")) if one.exists()]
    if there and not (index.is_file() and _MARK in index.read_text("utf-8", errors="replace")):
        raise UsageError(f"{there[0]}: is there already and not pixset's: name another folder")
    bands = []
    for label, mine in _by_label(rows).items():
        title = _title(label, mine)
        if not whole:
            bands.append(_Band(title, _drawn(mine)))
            continue
        step = SHEET_LINES * COLUMNS
        for start in range(0, len(mine), step):
            part = mine[start : start + step]
            place = f": {start + 1} to {start + len(part)}" if len(mine) > step else ""
            bands.append(_Band(f"{title}{place}", part))
    pages = list(_pages(bands))
    sheets = [folder / f"sheet-{number:03}.jpg" for number in range(1, len(pages) + 1)]
    write_text(index, _index(tree, sheets))  # first: it marks the sheets of a killed run as ours
    for page, sheet in zip(pages, sheets, strict=True):
        _write_sheet(tree, page, sheet)
    return sheets


def sheet_within(sheet: Path, size: tuple[int, int]) -> bytes:
    """A sheet of our own as a JPEG that fits into `size` (width, height in pixels)."""
    import PIL.Image

    out = io.BytesIO()
    with PIL.Image.open(sheet) as picture:
        picture.thumbnail(size)
        picture.save(out, "JPEG", quality=70)
    return out.getvalue()


def _by_label(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Each label's pictures, train first, then by id."""
    order = list(_COLOURS)
    found: dict[str, list[Row]] = {label: [] for label in sorted({str(r["label"]) for r in rows})}
    for row in sorted(rows, key=lambda row: (order.index(str(row["split"])), str(row["id"]))):
        found[str(row["label"])].append(row)
    return found


def _title(label: str, rows: Sequence[Row]) -> str:
    counts = Counter(str(row["split"]) for row in rows)
    listed = ", ".join(f"{counts[split]} {split}" for split in _COLOURS if counts[split])
    return f"{label}  ({len(rows)}: {listed})"


def _pages(bands: Sequence[_Band]) -> Iterator[list[_Band]]:
    page: list[_Band] = []
    for band in bands:
        if page and sum(one.lines for one in page) + band.lines > SHEET_LINES:
            yield page
            page = []
        page.append(band)
    if page:
        yield page


def _index(tree: Path, sheets: Sequence[Path]) -> str:
    """A page with every sheet below the other, which needs no script and no outside address."""
    shown = "\n".join(
        f'<p><img src="{one.name}" alt="sheet {number} of {len(sheets)}" loading="lazy"></p>'
        for number, one in enumerate(sheets, start=1)
    )
    name = escape(tree.resolve().parent.name)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{_MARK}'
        f"<title>{name}: contact sheets</title>"
        "<style>body { font: 1rem system-ui, sans-serif; margin: 1rem; color-scheme: light dark }"
        " img { max-width: 100% }</style></head>\n"
        f"<body><main><h1>{name}: contact sheets</h1>\n{shown}\n</main></body></html>\n"
    )


def _write_sheet(tree: Path, bands: Sequence[_Band], out: Path) -> None:
    import PIL.Image
    import PIL.ImageDraw

    height = BAND + sum(band.height for band in bands)
    sheet = PIL.Image.new("RGB", (COLUMNS * CELL, height), "white")
    draw = PIL.ImageDraw.Draw(sheet)
    _legend(draw, {str(row["split"]) for band in bands for row in band.rows})
    top = BAND
    for band in bands:
        draw.text((GAP, top + 4), band.title, fill="black")
        for place, row in enumerate(band.rows):
            left = GAP + place % COLUMNS * CELL
            upper = top + BAND + place // COLUMNS * CELL
            foot = (left, upper + CELL_SIDE, left + CELL_SIDE - 1, upper + CELL_SIDE + FOOT - 1)
            draw.rectangle(foot, fill=_COLOURS[str(row["split"])])
            sheet.paste(_small(tree / str(row["file_name"])), (left, upper))
        top += band.height
    with whole_file(out) as beside:
        sheet.save(beside, "JPEG", quality=85)


def _drawn(mine: Sequence[Row]) -> list[Row]:
    order = sorted(mine, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    return sorted(order[:_DRAWN], key=lambda row: list(_COLOURS).index(str(row["split"])))


def _small(path: Path) -> Image:
    """A picture as one cell; a crossed one for what can no longer be read, which `verify` names."""
    import PIL.Image
    import PIL.ImageDraw
    import PIL.ImageOps

    from ...curation.images.decode import DECODER_ERRORS

    try:
        with PIL.Image.open(path) as image:
            image.draft("RGB", (CELL_SIDE, CELL_SIDE))
            return PIL.ImageOps.fit(image.convert("RGB"), (CELL_SIDE, CELL_SIDE))
    except DECODER_ERRORS:
        crossed = PIL.Image.new("RGB", (CELL_SIDE, CELL_SIDE), "white")
        PIL.ImageDraw.Draw(crossed).line((0, 0, CELL_SIDE, CELL_SIDE), "red", 3)
        PIL.ImageDraw.Draw(crossed).line((0, CELL_SIDE, CELL_SIDE, 0), "red", 3)
        return crossed


def _legend(draw: ImageDraw, splits: set[str]) -> None:
    left = GAP
    for split, colour in ((s, c) for s, c in _COLOURS.items() if s in splits):
        draw.rectangle((left, 5, left + 10, 15), fill=colour)
        draw.text((left + 14, 4), split, fill="black")
        left += 70
