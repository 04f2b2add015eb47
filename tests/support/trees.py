"""A small finished tree of drawn pictures, in the shape that `pixset split` leaves."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("daisy", "rose", "tulip")
COLOURS = {"daisy": (240, 240, 250), "rose": (200, 20, 40), "tulip": (240, 150, 20)}
PER_SIDE = {"train": 8, "val": 3}
# Text that tests escaping; None in the first rows, as a column of the web often is.
TITLES = (None, None, None, None, None, None, 'a "rose", by any\nname', "Gänseblümchen 🌼", "")


def draw(label: str, number: int) -> bytes:
    """A baseline JPEG of one label, unlike any other."""
    picture = Image.new("RGB", (64 + number, 48), (20 * number, 90, 30))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((5 + number, 5, 40 + number, 40), fill=COLOURS[label])
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=90)
    return data.getvalue()


def row(label: str, side: str, number: int, data: bytes, source: bytes) -> dict[str, Any]:
    """One row of the manifest."""
    digest = hashlib.sha256(source).hexdigest()
    url = f"https://example.org/{label}/{number}.png"
    return {
        "id": digest[:16],
        "file_name": f"{side}/{label}/{digest[:16]}.jpg",
        "split": side,
        "label": label,
        "label_id": CLASSES.index(label),
        "label_verified": number % 2 == 0,
        "stratum": None,
        "group_id": digest[:16],
        "engine": "bing",
        "rank": number + 1,
        "hits": [{"query": label, "engine": "google", "rank": 9, "label": label}][: number % 2],
        "image_url": url if number else None,
        "thumb_url": f"data:{digest}" if not number else None,
        "title": TITLES[number % len(TITLES)],
        "license": "unknown",
        "fetched_at": f"2026-03-0{number % 9 + 1}T10:00:00+00:00",
        "http_status": 200 if number else None,
        "source_sha256": digest,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "quality": {"blur": 0.5 + number, "entropy": 7.25} if number else None,
        "a_later_column": {"of": ["a", "newer", "pixset"]},
    }


def lay_tree(root: Path) -> Path:
    """Write the tree below `root`."""
    rows = []
    for label in CLASSES:
        for number in range(sum(PER_SIDE.values())):
            side = "train" if number < PER_SIDE["train"] else "val"
            data = draw(label, number)
            made = row(label, side, number, data, b"source" + data)
            path = root / made["file_name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            rows.append(made)
    lines = "".join(json.dumps(made) + "\n" for made in rows)
    (root / "manifest.jsonl").write_text(lines, "utf-8")
    (root / "classes.txt").write_text("".join(f"{label}\n" for label in CLASSES), "utf-8")
    (root / "README.md").write_text("---\nlicense: unknown\n---\n\n# Flowers\n", "utf-8")
    (root / "dataset.json").write_text(json.dumps({"name": "Three flowers"}), "utf-8")
    (root / "ATTRIBUTION.csv").write_text("id,author\n", "utf-8")
    return root
