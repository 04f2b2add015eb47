"""Croissant: class folders described by a croissant.json that mlcroissant reads offline."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import counted
from ..files import write_json
from ..tree.manifest_files import CSV
from ..tree.manifest_row import JSONL
from . import folders
from .features import FeatureTable, table_of
from .folders import FolderSettings

if TYPE_CHECKING:
    from pathlib import Path

    from ..tree.finished import FinishedTree
    from .exporter import Advance, Places

_CONTEXT: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES: Final = {"int": "sc:Integer", "float": "sc:Float", "bool": "sc:Boolean"}


@dataclass(frozen=True, slots=True)
class CroissantSettings(FolderSettings):
    """Class folders' settings; `url` is the set's home, `published` its day (YYYY-MM-DD)."""

    url: str | None = None
    published: str | None = None


def write(tree: FinishedTree, out: Path, settings: CroissantSettings, advance: Advance) -> Places:
    """Write class folders."""
    return folders.write(tree, out, settings, advance)


def finish(tree: FinishedTree, out: Path, settings: CroissantSettings) -> None:
    """Write croissant.json, which holds the hash of the manifest.csv beside it."""
    write_json(out / "croissant.json", describe(tree, table_of(tree), out, settings))


def describe(
    tree: FinishedTree, table: FeatureTable, out: Path, settings: CroissantSettings
) -> dict[str, Any]:
    """The description of an export whose manifest.csv lies in `out`."""
    with (out / CSV).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    count, labels = len(tree.pictures), len(tree.classes)
    # schema.org wants an address; a name is what is left without one.
    licences = sorted(tree.summary.licence_addresses)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": tree.name,
        "description": (
            f"{counted(count, 'picture')} with {counted(labels, 'label')}, prepared by pixset."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": f"@misc{{{tree.name}, title = {{{tree.name}}}, note = {{sha256 {digest}}}}}",
        "license": licences[0] if len(licences) == 1 else licences,
        # Without a home the set is named by its content, which is true wherever it lies.
        "url": settings.url or f"urn:sha256:{digest}",
        "version": "1.0.0",
        "datePublished": settings.published or _published(tree),
        "distribution": _files(tree, settings, digest),
        "recordSet": [_pictures(settings), _manifest(table)],
    }


def _published(tree: FinishedTree) -> str:
    """The day of the newest fetch; for a set that was never fetched, the day its tree was built."""
    if tree.summary.newest_fetch:
        return tree.summary.newest_fetch[:10]
    made = (tree.root / JSONL).stat().st_mtime
    return datetime.fromtimestamp(made, UTC).date().isoformat()


def _files(tree: FinishedTree, settings: FolderSettings, digest: str) -> list[dict[str, Any]]:
    names = folders.folder_names(tree, settings.val_name)
    globs = ["*/*.jpg"] if settings.flat else [f"{names[split]}/*/*.jpg" for split in tree.splits]
    return [
        {
            "@type": "cr:FileObject",
            "@id": "manifest",
            "name": "manifest",
            "contentUrl": CSV,
            "encodingFormat": "text/csv",
            "sha256": digest,
        },
        {
            "@type": "cr:FileSet",
            "@id": "pictures-files",
            "name": "pictures-files",
            "encodingFormat": "image/jpeg",
            "includes": globs if len(globs) > 1 else globs[0],
        },
    ]


def _pictures(settings: FolderSettings) -> dict[str, Any]:
    """The training records: a picture, its label and its split, read off the file's path."""
    fields = [
        _of_files("image", "sc:ImageObject", {"fileProperty": "content"}),
        _of_files("label", "sc:Text", {"fileProperty": "fullpath"}, _folder(above=1)),
    ]
    if not settings.flat:
        fields.append(_of_files("split", "sc:Text", {"fileProperty": "fullpath"}, _folder(above=2)))
    return _record_set("pictures", fields)


def _folder(above: int) -> str:
    """A pattern for the name of the folder so many levels above a file.

    It matches from the start, as mlcroissant does, on relative and absolute paths.
    """
    part = r"[^/\\]+"
    return rf"^(?:.*[/\\])?({part})" + rf"[/\\]{part}" * above + "$"


def _of_files(
    name: str, kind: str, extract: dict[str, str], regex: str | None = None
) -> dict[str, Any]:
    source: dict[str, Any] = {"fileSet": {"@id": "pictures-files"}, "extract": extract}
    if regex:
        source["transform"] = {"regex": regex}
    return _field(f"pictures/{name}", kind, source)


def _manifest(table: FeatureTable) -> dict[str, Any]:
    kinds = {"label": "text", "label_id": "int", **table.kinds}
    fields = [
        _field(
            f"manifest-rows/{name}",
            _TYPES.get(kind, "sc:Text"),
            {"fileObject": {"@id": "manifest"}, "extract": {"column": name}},
        )
        for name, kind in kinds.items()
    ]
    return _record_set("manifest-rows", fields)


def _field(name: str, kind: str, source: dict[str, Any]) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": kind, "source": source}


def _record_set(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}
