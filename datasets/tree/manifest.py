"""The manifest of a tree: one row a picture, with its provenance, as JSON lines and as CSV.

Every column is in every row; what is not known is null, never guessed.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ...curation.printable import json_text
from ..errors import UsageError
from ..recipe.hosts import host_of
from .columns import COLUMNS
from .json_rows import read_jsonl
from .manifest_files import CSV
from .manifest_row import JSONL
from .tables import blocks_of, read_columns, row_lines, write_csv
from .write import WrittenPicture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ..catalogue.decisions import Standing
    from ..catalogue.placements import Measured, Origin
    from ..curate import Kept

Row = dict[str, Any]
ATTRIBUTION = "ATTRIBUTION.csv"
CLASS_NAMES = "class_names.json"
FILES = (JSONL, CSV, ATTRIBUTION)  # what `write_manifest` and `write_attribution` write
_LICENCE = "unknown"  # where no source states one; the card says what that means
_BEGUN: Row = dict.fromkeys(COLUMNS) | {
    "label_source": "folder",
    "label_verified": False,
    "license": _LICENCE,
    "license_source": "none",
    "mode": "RGB",
    "status": "kept",
}


def row(split: str, label: str, label_id: int, group: str, written: WrittenPicture) -> Row:
    """A row with what every tree knows of a picture; all other columns are null."""
    id_, file_name, sha256, size, width, height, how = written
    return _BEGUN | {
        "id": id_,
        "file_name": file_name,
        "split": split,
        "label": label,
        "label_id": label_id,
        "group_id": group[:16],
        "hits": [],
        "sha256": sha256,
        "bytes": size,
        "width": width,
        "height": height,
        "transform": how,
    }


def add_source(row: Row, measured: Measured) -> None:
    """Fill in what was measured of the source."""
    row |= {
        "source_sha256": measured.sha256,
        "source_bytes": measured.bytes,
        "source_format": measured.format,
        "source_width": measured.width,
        "source_height": measured.height,
        "phash": measured.phash,
        "dhash": measured.dhash,
        # Six digits; `round(value, 6)` takes four times as long.
        "quality": {name: round(value * 1e6) / 1e6 for name, value in measured.scores.items()},
    }


def add_origin(row: Row, origins: Sequence[Origin]) -> None:
    """Fill in where the picture was found: its best place under its label, the rest as hits."""
    ordered = sorted(origins, key=lambda origin: origin.label != row["label"])
    row["hits"] = [
        {"query": o.term, "engine": o.engine, "rank": o.rank, "label": o.label} for o in ordered[1:]
    ]
    if not ordered:
        return
    best = ordered[0]
    final = best.final_url or best.fetched_url
    page_host = host_of(best.page_url or "") or None
    row |= {
        "label_source": "folder" if best.source == "import" else "query",
        "stratum": best.stratum if best.label == row["label"] else None,
        "query": best.term,
        "query_lang": best.lang,
        "engine": best.engine,
        "rank": best.rank,
        "image_url": best.image_url,
        "page_url": best.page_url,
        "thumb_url": _web(best.preview_url),
        "final_url": _web(final),
        "host": host_of(best.image_url or "") or page_host,
        "title": best.title,
        **_licence(ordered),
        "x_robots_tag": best.x_robots_tag,
        "fetched_at": best.fetched_at,
        "http_status": best.status,
        "content_type": best.content_type,
        "etag": best.etag,
        "last_modified": best.last_modified,
    }


def _licence(ordered: Sequence[Origin]) -> Row:
    """The licence that a source states of the picture, else whether one was asked for.

    A source's statement holds for the picture wherever else the same bytes were seen.
    """
    stated = next((one for one in ordered if one.licence), None)
    if stated is None:
        asked = any(one.licence_asked for one in ordered[:1])
        return {"license_source": "filter" if asked else "none"}
    return {
        "license": stated.licence,
        "license_url": stated.licence_url,
        "license_source": stated.engine,
        "author": stated.creator,
        "author_url": stated.creator_url,
        "attribution": _attribution(stated),
    }


def _attribution(stated: Origin) -> str:
    """The line that a licence asks for: title, creator, source, licence."""
    title = f'"{stated.title}"' if stated.title else "Untitled"
    creator = f" by {stated.creator}" if stated.creator else ""
    page = f", {stated.page_url}" if stated.page_url else ""
    terms = f" ({stated.licence_url})" if stated.licence_url else ""
    return f"{title}{creator}{page}, {stated.licence}{terms}"


def add_decisions(row: Row, kept: Kept, stand: Standing | None) -> None:
    """Fill in who vouches for the label."""
    row["label_verified"] = kept.reviewed
    if kept.relabelled or kept.reviewed:
        row["label_source"] = "human"
    elif stand is not None and stand.label:
        row["label_source"] = "rule"
    if kept.reviewed and stand is not None and stand.person is not None:
        row |= {"verified_by": "person", "verified_at": stand.person.made_at}


def write_attribution(tree: Path, rows: Sequence[Row]) -> None:
    """Write ATTRIBUTION.csv: creator, licence, page and address of each picture."""
    names = (
        *("id", "file_name", "title", "author", "author_url", "license", "license_url"),
        *("page_url", "image_url", "attribution"),
    )
    write_csv(tree / ATTRIBUTION, names, map(itemgetter(*names), rows))


def read_manifest(tree: Path) -> list[Row]:
    """The rows of a tree's manifest.jsonl; empty where there is none, or it is damaged."""
    try:
        return list(read_jsonl(tree / JSONL))
    except UsageError:
        return []


def says(tree: Path, rows: Iterable[Row]) -> bool:
    """Whether a tree's manifest.jsonl is what `write_manifest` would write of these rows."""
    try:
        with (tree / JSONL).open("rb") as file:
            for block in blocks_of(rows):
                lines = row_lines(block)
                if file.read(len(lines)) != lines:
                    return False
            return not file.read(1)
    except OSError:
        return False


def written_before(tree: Path) -> dict[str, WrittenPicture]:
    """The pictures a tree holds according to its manifest, by id."""
    found = {}
    names = ("id", "file_name", "sha256", "bytes", "width", "height", "transform")
    try:
        # The table is read in a fifth of the time that the lines of JSON take.
        for id_, file_name, sha256, size, width, height, how in read_columns(tree / CSV, names):
            found[id_] = WrittenPicture(
                id_, file_name, sha256, int(size), int(width), int(height), how
            )
    except (UsageError, ValueError):  # missing, damaged or another tool's: all are made anew
        return {}
    return found


def class_texts(names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The texts of classes.txt (label order) and class_names.json (slug → name, definition)."""
    shown = {slug: dict(names[slug]) for slug in sorted(names)}
    return {
        "classes.txt": "".join(f"{slug}\n" for slug in shown),
        CLASS_NAMES: json_text(shown, indent=2) + "\n",
    }


def _web(url: str | None) -> str | None:
    """An http(s) URL, or None: a data: or import: name leads nowhere."""
    return url if url and url.startswith(("http://", "https://")) else None


def sort_rows(rows: Iterable[Row]) -> list[Row]:
    """Rows in the order of their files: the same set always gives the same manifest."""
    return sorted(rows, key=lambda row: str(row["file_name"]))
