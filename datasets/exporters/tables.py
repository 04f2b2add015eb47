"""CSV and JSON lines: pictures with a table beside them, one folder a side.

`<side>/<id>.jpg` and `<side>/metadata.csv` (or .jsonl) with `file_name` first: pandas and
Hugging Face's `imagefolder` read it. There labels are text: for ClassLabel take the formats
`folders` or `parquet`.

The tables hold the columns that every picture fills. Readers guess each file's types from its
values, and Hugging Face refuses sides whose guesses differ, as they do where one side's column
is all null. The other columns are in manifest.jsonl, by `id`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..tree.columns import cell
from .features import Table, table_of
from .folders import check, place
from .form import Places, Settings, write_csv, write_jsonl
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from .tree import Tree

Names = tuple[str, ...]
Row = dict[str, Any]

_LOADING = """\
```python
import pandas
train = pandas.read_{reader}("{dir}/train/metadata.{kind}"{lines})  # file_name, label, label_id
```
```python
from datasets import load_dataset
dataset = load_dataset("imagefolder", data_dir="{dir}")  # image and columns; labels are text
```
"""


def write_tables_csv(
    tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]
) -> Places:
    """Write the pictures and a metadata.csv a side."""

    def write(path: Path, names: Names, rows: Iterable[Row]) -> None:
        write_csv(path, names, ([cell(row[name]) for name in names] for row in rows))

    return _write(tree, out, settings, advance, ("csv", "csv", ""), write)


def write_tables_jsonl(
    tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]
) -> Places:
    """Write the pictures and a metadata.jsonl a side."""

    def write(path: Path, names: Names, rows: Iterable[Row]) -> None:
        write_jsonl(path, ({name: row[name] for name in names} for row in rows))

    return _write(tree, out, settings, advance, ("jsonl", "json", ", lines=True"), write)


def _write(
    tree: Tree,
    out: Path,
    settings: Settings,
    advance: Callable[[int], None],
    words: tuple[str, str, str],
    write: Callable[[Path, Names, Iterable[Row]], None],
) -> Places:
    folders = check(tree, settings)
    kind, reader, lines = words
    rows = _rows(tree)
    names = _filled(table_of(tree), rows)
    places = {}
    for side in tree.sides:
        folder = out / folders[side]
        folder.mkdir()
        write(folder / f"metadata.{kind}", names, (rows[p.id] for p in tree.on(side)))
        for picture in tree.on(side):
            place(tree.path(picture), folder / f"{picture.id}.jpg", settings.link)
            places[picture.id] = {"file_name": f"{folders[side]}/{picture.id}.jpg"}
            advance(1)
    loading = _LOADING.replace("{reader}", reader).replace("{kind}", kind)
    write_readme(tree, out, loading.replace("{lines}", lines))
    return places


def _rows(tree: Tree) -> dict[str, Row]:
    table = table_of(tree)
    return {
        p.id: {
            **table.row(p),
            "file_name": f"{p.id}.jpg",
            "label": p.label,
            "label_id": p.label_id,
        }
        for p in tree.pictures
    }


def _filled(table: Table, rows: Mapping[str, Row]) -> Names:
    plain = [name for name, kind in table.kinds.items() if kind not in ("hits", "numbers")]
    filled = (name for name in plain if all(row[name] not in (None, "") for row in rows.values()))
    return tuple(dict.fromkeys(("file_name", "label", "label_id", *filled)))
