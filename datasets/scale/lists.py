"""Lists of addresses as rows: parquet, JSON lines, CSV and plain text, read as they stand.

A line that cannot be used is a row with a reason and ends nothing.
"""

from __future__ import annotations

import csv
import json
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..tree.columns import COLUMNS
from ..tree.tables import text_of_cell
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS: Final = (".parquet", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt")
# What a list may call the address of a picture, besides the manifest's own columns.
_ADDRESSES: Final = ("image_url", "url", "URL")
# What a list may say of where a picture comes from; it goes into the manifest as it is.
_CARRIED: Final = (
    *("stratum", "query", "query_lang", "engine", "page", "rank", "page_url", "thumb_url", "title"),
    *("alt_text", "caption", "author", "author_url", "license", "license_url", "attribution"),
    *("license_source", "tdm_reservation", "fetched_at", "http_status"),
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST = 10_000  # characters of one carried text
_MOST = 1 << 63  # from which on a number fits no column of an export


class Unusable(Exception):
    """Why a line of a list cannot be used, in a word (`why`) and more of it."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(f"{why}: {detail}")
        self.why = why


def check_list(source: str) -> None:
    """Raise UsageError for a list whose ending says nothing, or that is not there."""
    if Path(source).suffix.lower() not in ENDINGS:
        raise UsageError(f"{source}: expected a list that ends in {', '.join(ENDINGS)}")
    if "://" not in source and not Path(source).is_file():
        raise UsageError(f"{source}: no such list")


@contextmanager
def opened_list(source: str) -> Iterator[Path]:
    """A list as a file on this machine; it may be named by a URL."""
    if "://" in source:
        above, _, name = source.rpartition("/")
        with Store(above).local(name) as path:
            yield path
    else:
        yield Path(source)


def read_list(path: Path, source: str) -> Iterator[tuple[int, dict[str, Any] | Unusable]]:
    """Each row of a list with its number from 1; raises UsageError where it is of another kind."""
    ending = Path(source).suffix.lower()
    if ending == ".parquet":
        yield from _parquet(path, source)
    elif ending in (".csv", ".tsv"):
        yield from _csv(path, "\t" if ending == ".tsv" else ",")
    else:
        yield from _lines(path, text=ending == ".txt")


def _lines(path: Path, *, text: bool) -> Iterator[tuple[int, dict[str, Any] | Unusable]]:
    with path.open("rb") as file:
        for number, data in enumerate(file, 1):
            try:
                line = data.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError:
                yield number, Unusable("no-utf8", "the line is no UTF-8 text")
                continue
            if not line or (text and line.startswith("#")):
                continue
            yield number, {"url": line} if text else _object(line)


def _object(line: str) -> dict[str, Any] | Unusable:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    return row if isinstance(row, dict) else Unusable("no-json", line[:80])


def _csv(path: Path, comma: str) -> Iterator[tuple[int, dict[str, Any] | Unusable]]:
    with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        table = csv.DictReader(file, delimiter=comma)
        while True:
            try:
                row = next(table, None)
            except csv.Error as error:
                yield table.line_num, Unusable("no-csv", str(error))
                continue
            if row is None:
                return
            yield table.line_num, {name: text_of_cell(v or "") for name, v in row.items() if name}


def _parquet(path: Path, source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError(f"{source}: needs pyarrow: {how_to_install('ray')}") from None
    try:
        file = parquet.ParquetFile(path)
        number = 0
        for batch in file.iter_batches(batch_size=10_000):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        line = " ".join(str(error).split())[:200]
        raise UsageError(f"{source}: cannot be read as parquet ({line})") from None


def digest_in(row: dict[str, Any]) -> str | None:
    """The SHA-256 that a row says its picture's bytes have; raises Unusable for what is none."""
    digest = row.get("source_sha256")
    if digest in (None, ""):
        return None
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise Unusable("bad-digest", f"source_sha256 {str(digest)[:80]!r}")
    return digest


def origin_in(row: dict[str, Any]) -> dict[str, Any]:
    """What a row says of its picture's addresses and origin, each column of the manifest's type."""
    found = {name: _plain(COLUMNS[name], row.get(name)) for name in (*_CARRIED, "final_url")}
    address = next((row[name] for name in _ADDRESSES if row.get(name)), None)
    found["image_url"] = _plain("text", address)
    return {name: value for name, value in found.items() if value is not None}


def _plain(kind: str, value: Any) -> Any:
    if value in (None, "") or isinstance(value, (dict, list, bool)):
        return None
    if kind == "int":
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return number if abs(number) < _MOST else None
    # Half a surrogate pair has no UTF-8 form.
    return str(value)[:_LONGEST].encode("utf-8", "backslashreplace").decode()
