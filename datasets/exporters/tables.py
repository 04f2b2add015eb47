"""CSV and JSON lines: pictures with a table beside them, one folder a side.

`<side>/<id>.jpg` and `<side>/metadata.csv` (or .jsonl) with `file_name` first: pandas, Keras'
`flow_from_dataframe` and Hugging Face's `imagefolder` read it. There labels are text: for
ClassLabel take the formats `folders` or `parquet`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .columns import cell
from .features import Table, table_of
from .folders import check, place
from .form import Places, Settings, write_csv, write_jsonl
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .tree import Picture, Tree

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
    """Write the pictures and a metadata.csv a side; lists and mappings are JSON in their cell."""
    table = table_of(tree)
    names = ("file_name", "label", "label_id", *(n for n in table.kinds if n != "file_name"))

    def write(path: Path, pictures: Iterable[Picture]) -> None:
        rows = (_row(table, picture) for picture in pictures)
        write_csv(path, names, ([cell(row[name]) for name in names] for row in rows))

    return _write(tree, out, settings, advance, ("csv", "csv", ""), write)


def write_tables_jsonl(
    tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]
) -> Places:
    """Write the pictures and a metadata.jsonl a side."""
    table = table_of(tree)

    def write(path: Path, pictures: Iterable[Picture]) -> None:
        write_jsonl(path, (_row(table, picture) for picture in pictures))

    return _write(tree, out, settings, advance, ("jsonl", "json", ", lines=True"), write)


def _row(table: Table, picture: Picture) -> dict[str, Any]:
    named = {"file_name": f"{picture.id}.jpg", "label": picture.label}
    rest = table.row(picture)
    rest.pop("file_name", None)
    return {**named, "label_id": picture.label_id, **rest}


def _write(
    tree: Tree,
    out: Path,
    settings: Settings,
    advance: Callable[[int], None],
    words: tuple[str, str, str],
    write: Callable[[Path, Iterable[Picture]], None],
) -> Places:
    names = check(settings)
    kind, reader, lines = words
    places = {}
    for side in tree.sides:
        folder = out / names[side]
        folder.mkdir()
        write(folder / f"metadata.{kind}", tree.on(side))
        for picture in tree.on(side):
            place(tree.path(picture), folder / f"{picture.id}.jpg", settings.link)
            places[picture.id] = {"file_name": f"{names[side]}/{picture.id}.jpg"}
            advance(1)
    loading = _LOADING.replace("{reader}", reader).replace("{kind}", kind)
    write_readme(tree, out, loading.replace("{lines}", lines))
    return places
