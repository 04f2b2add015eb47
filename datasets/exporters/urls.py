"""A set shared as addresses and hashes, without a picture: `pixset fetch` rebuilds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..tree.manifest_row import addresses
from ..tree.tables import write_csv
from .readme import write_readme

if TYPE_CHECKING:
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture
    from .exporter import Advance, Places

_COLUMNS = ("url", "label", "split", "id", "source_sha256", "license", "page_url")
_LOADING = """\
```sh
pixset fetch manifest.jsonl --into rebuilt   # fetches, compares hashes, reports link rot
```
{inline}urls.csv is for other downloaders, such as img2dataset
(`--url_list urls.csv --input_format csv --url_col url`).
"""
_INLINE = """\
{} of the pictures are previews that stood in a result page itself and have no address: neither
way brings those back. Their `url` is the original's, which is another file (`--source original`
takes originals from the start).

"""


@dataclass(frozen=True, slots=True)
class UrlSettings:
    """A list of addresses has none."""


def write(tree: FinishedTree, out: Path, settings: UrlSettings, advance: Advance) -> Places:
    """Write urls.csv; the manifest that goes along holds every address and hash."""
    del settings
    write_csv(out / "urls.csv", _COLUMNS, map(_row, tree.pictures))
    inline = tree.summary.in_page
    write_readme(tree, out, _LOADING.replace("{inline}", _INLINE.format(inline) if inline else ""))
    advance(len(tree.pictures))
    return {}


def _row(picture: TreePicture) -> tuple[object, ...]:
    data = picture.data  # read anew at each access
    found = addresses(data)
    rest = (data.get(column) for column in ("source_sha256", "license", "page_url"))
    return (found[0] if found else None, picture.label, picture.split, picture.id, *rest)
