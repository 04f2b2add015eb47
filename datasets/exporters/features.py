"""Columns in the words of Hugging Face: as an info's features and as a card's YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..tree.columns import HIT, PLAIN, typed
from ..tree.tables import columns_of, kept_in_lines, row_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..tree.finished import FinishedTree, TreePicture

_DTYPES = {"text": "string", "int": "int64", "float": "float64", "bool": "bool"}


@dataclass(frozen=True)
class FeatureTable:
    """The columns of a tree's rows: name → type, and the names that `numbers` columns use.

    `label` and `label_id` are not among them: Hugging Face's ClassLabel says both. `is_typed` says
    that rows are known to hold all these columns, each value of its type.
    """

    kinds: Mapping[str, str]
    numbers: Mapping[str, tuple[str, ...]]
    is_typed: bool = False

    def columns(self, pictures: Iterable[TreePicture]) -> dict[str, Sequence[Any]]:
        """The rows of pictures (one or more) as columns: every column there, each of its type."""
        rows = [picture.data for picture in pictures]
        columns, nothing = columns_of(rows), [None] * len(rows)
        return {
            name: _typed(columns.get(name, nothing), kind, self.numbers.get(name, ()))
            for name, kind in self.kinds.items()
        }

    def lines(self, pictures: Sequence[TreePicture]) -> list[bytes]:
        """The rows of pictures (one or more) as JSON: every column there, each of its type."""
        if self.is_typed:
            cut = [_without_label(picture) for picture in pictures]
            if None not in cut:
                return kept_in_lines(b"".join(filter(None, cut))).splitlines()
        columns = self.columns(pictures)
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return row_lines(rows).splitlines()

    def only(self, names: Iterable[str]) -> FeatureTable:
        """The table of some of these columns."""
        return FeatureTable({name: self.kinds[name] for name in names}, self.numbers)


def _without_label(picture: TreePicture) -> bytes | None:
    """A row's line without what stands in a column of its own; None where it is not found."""
    label = f',"label":"{picture.label}","label_id":{picture.label_id},'.encode()
    before, found, after = picture.line.partition(label)
    return before + b"," + after if found else None


def _typed(values: Sequence[Any], kind: str, names: tuple[str, ...]) -> Sequence[Any]:
    as_is = PLAIN.get(kind, frozenset())
    if as_is.issuperset(map(type, values)):  # as nearly always
        return values
    if kind == "numbers":
        return [_numbers(value, names) for value in values]
    return [value if type(value) in as_is else typed(value, kind, names) for value in values]


def _numbers(value: Any, names: tuple[str, ...]) -> Any:
    if isinstance(value, dict) and len(value) == len(names):  # so it has them all, and no other
        row = {name: value.get(name) for name in names}
        if PLAIN["float"].issuperset(map(type, row.values())):
            return row
    return typed(value, "numbers", names)


def table_of(tree: FinishedTree) -> FeatureTable:
    """The table of a tree; a `numbers` column that is empty everywhere is left out."""
    all_of = tree.summary
    kinds = {k: v for k, v in all_of.columns().items() if k not in ("label", "label_id")}
    numbers = {name: all_of.number_names(name) for name, kind in kinds.items() if kind == "numbers"}
    return FeatureTable(
        {name: kind for name, kind in kinds.items() if numbers.get(name, True)},
        numbers,
        is_typed=all_of.is_typed,
    )


def info(classes: tuple[str, ...], table: FeatureTable) -> str:
    """The `huggingface` metadata of a parquet schema: image, label and the table's columns."""
    features: dict[str, Any] = {
        "image": {"_type": "Image"},
        "label": {"names": list(classes), "_type": "ClassLabel"},
    }
    for name, kind in table.kinds.items():
        features[name] = _feature(kind, table.numbers.get(name, ()))
    return json.dumps({"info": {"features": features}})


def yaml_of(table: FeatureTable) -> list[dict[str, Any]]:
    """The table's columns as a card's `features` list."""
    return [_yaml(name, kind, table.numbers.get(name, ())) for name, kind in table.kinds.items()]


def label_yaml(name: str, classes: tuple[str, ...]) -> dict[str, Any]:
    """A ClassLabel column as a card spells it."""
    names = {str(number): label for number, label in enumerate(classes)}
    return {"name": name, "dtype": {"class_label": {"names": names}}}


def _feature(kind: str, numbers: tuple[str, ...]) -> Any:
    if kind == "hits":
        # The list form is read by every release; the type `List` only by newer ones.
        return [{name: _feature(of, ()) for name, of in HIT.items()}]
    if kind == "numbers":
        return {name: _feature("float", ()) for name in numbers}
    return {"dtype": _DTYPES[kind], "_type": "Value"}


def _yaml(name: str, kind: str, numbers: tuple[str, ...]) -> dict[str, Any]:
    if kind == "hits":
        return {"name": name, "list": [_yaml(key, of, ()) for key, of in HIT.items()]}
    if kind == "numbers":
        return {"name": name, "struct": [_yaml(number, "float", ()) for number in numbers]}
    return {"name": name, "dtype": _DTYPES[kind]}
