"""What every exporter takes and gives: settings in, files in a fresh folder, places out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from .tree import Tree

# id → the manifest's columns that are another in this export (file_name, shard, …)
Places = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What an export may be told; each format reads what concerns it.

    `link` is copy, hard or sym (formats of loose pictures); `val_name` names the val folder
    (None: as the tree does);
    `flat` leaves the side folders out; `shard_size` counts pictures; `seed` orders shards;
    `url` and `published` (YYYY-MM-DD) go into croissant.json.
    """

    link: str = "copy"
    val_name: str | None = None
    flat: bool = False
    shard_size: int = 1_000
    seed: int = 0
    url: str | None = None
    published: str | None = None


class Exporter(Protocol):
    """Write `tree` into the empty folder `out`; call `advance` with each picture written."""

    def __call__(
        self, tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]
    ) -> Places:
        """Return where each picture lies now; raise UsageError for a setting that cannot be."""
        ...


def json_line(value: Mapping[str, Any]) -> str:
    """One row as a line of JSON, its keys in the row's own order."""
    return json.dumps(value, ensure_ascii=False) + "\n"


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines (UTF-8, newline \\n on every machine)."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json_line(row) for row in rows)


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a CSV file (UTF-8, newline \\n on every machine)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
