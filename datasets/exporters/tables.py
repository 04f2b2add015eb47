"""CSV and JSON lines: pictures with a table beside them, one folder a split.

`<split>/<id>.jpg` and `<split>/metadata.csv` (or .jsonl) with `file_name` first: pandas and
Hugging Face's `imagefolder` read it. There labels are text: for ClassLabel take the formats
`folders` or `parquet`.

The tables hold the columns that every picture fills. Readers guess each file's types from its
values, and Hugging Face refuses splits whose guesses differ, as they do where one split's
column is all null. The other columns are in manifest.jsonl, by `id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..tree.settings import check_link
from ..tree.tables import TOGETHER, csv_header, csv_lines, row_lines, text_file
from .features import table_of
from .folders import folder_names, place
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ..tree.finished import FinishedTree
    from .exporter import Advance, Places

    Names = tuple[str, ...]
    Columns = dict[str, Sequence[Any]]

_LOADING = """\
```python
import pandas
train = pandas.read_{reader}("./train/metadata.{kind}"{lines})  # file_name, label, label_id
```
```python
from datasets import load_dataset
dataset = load_dataset("imagefolder", data_dir=".")  # image and columns; labels are text
```
"""


@dataclass(frozen=True, slots=True)
class TableSettings:
    """`link` is copy, hard or sym; `val_name` names the val folder (None: as the tree does)."""

    link: str = "copy"
    val_name: str | None = None


def write_csv_tables(
    tree: FinishedTree, out: Path, settings: TableSettings, advance: Advance
) -> Places:
    """Write the pictures and a metadata.csv a split."""

    def write(path: Path, names: Names, blocks: Iterable[Columns]) -> None:
        with text_file(path) as file:
            file.write(csv_header(names))
            for columns in blocks:
                file.writelines(csv_lines([columns[name] for name in names]))

    return _write(tree, out, settings, advance, ("csv", "csv", ""), write)


def write_jsonl_tables(
    tree: FinishedTree, out: Path, settings: TableSettings, advance: Advance
) -> Places:
    """Write the pictures and a metadata.jsonl a split."""

    def write(path: Path, names: Names, blocks: Iterable[Columns]) -> None:
        with path.open("wb") as file:
            for columns in blocks:
                values = zip(*(columns[name] for name in names), strict=True)
                file.write(row_lines([dict(zip(names, row, strict=True)) for row in values]))

    return _write(tree, out, settings, advance, ("jsonl", "json", ", lines=True"), write)


def _write(
    tree: FinishedTree,
    out: Path,
    settings: TableSettings,
    advance: Advance,
    words: tuple[str, str, str],
    write: Callable[[Path, Names, Iterable[Columns]], None],
) -> Places:
    check_link(settings.link)
    folders = folder_names(tree, settings.val_name)
    kind, reader, lines = words
    table, names = table_of(tree), _filled(tree)
    table = table.only(name for name in names if name in table.kinds)

    def placed(split: str) -> Iterator[Columns]:
        """The rows of one split in blocks, each when its pictures have been put in their places."""
        waiting = iter(tree.of(split))
        while block := list(islice(waiting, TOGETHER)):
            for picture in block:
                source = f"{tree.root}/{picture.file_name}"
                place(source, f"{out}/{folders[split]}/{picture.id}.jpg", settings.link)
                advance(1)
            yield {
                **table.columns(block),
                "file_name": [f"{picture.id}.jpg" for picture in block],
                "label": [picture.label for picture in block],
                "label_id": [picture.label_id for picture in block],
            }

    for split in tree.splits:
        (out / folders[split]).mkdir()
        write(out / folders[split] / f"metadata.{kind}", names, placed(split))
    loading = _LOADING.replace("{reader}", reader).replace("{kind}", kind)
    write_readme(tree, out, loading.replace("{lines}", lines))
    return lambda picture: {"file_name": f"{folders[picture.split]}/{picture.id}.jpg"}


def _filled(tree: FinishedTree) -> Names:
    """The columns that every picture fills with one value, `file_name` and the label first."""
    kinds = tree.summary.columns().items()
    plain = [name for name, kind in kinds if kind not in ("hits", "numbers")]
    filled = filter(tree.summary.is_filled, plain)
    return tuple(dict.fromkeys(("file_name", "label", "label_id", *filled)))
