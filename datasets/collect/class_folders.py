"""Class folders from elsewhere: which folders are classes, and which files they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.folders.walk import EntryKind, is_class_name, is_junk, ordinary, walk, why_no_class
from .. import names
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from ...curation.folders.walk import Entry


@dataclass(frozen=True, slots=True)
class ClassFolderListing:
    """Classes (folder below the root → label), their files in sorted order as (label, path below
    the root), and what is no class's file, with the reason."""

    labels: Mapping[str, str]
    files: tuple[tuple[str, str], ...]
    left_out: Mapping[str, str]


def read_class_folders(
    folder: Path, given: Mapping[str, str], known: Collection[str] = ()
) -> ClassFolderListing:
    """List `DIR/<class>/…` or `DIR/{train,val,test,…}/<class>/…`; `given` names labels of folders.

    `known` are the dataset's labels. Hidden folders and what desktops, NAS and notebooks leave
    beside pictures are no classes, and what they hold is left alone; a folder whose name begins
    with _ is one only where `given` names it. Raises UsageError where there is no class folder, or
    a folder's name makes no label of its own.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "no such folder"
        raise UsageError(f"{folder}: {what}")
    entries = [one for one in walk(folder) if not (one.hidden or one.byproduct)]
    homes = [one.path for one in entries if _is_class(one, 0, given)]
    splits = [home for home in homes if home.lower() in names.RESERVED and home not in given]
    if splits and len(splits) == len(homes):
        homes = [one.path for one in entries if _is_class(one, 1, given)]
    if not homes:
        raise UsageError(
            f"{folder}: expected class folders in it, as in {folder.name}/pizza/1.jpg or "
            f"{folder.name}/train/pizza/1.jpg; a class's name does not begin with _"
        )
    slugs = _slugs(folder, homes, given, known)
    labels = {home: slugs[home.rpartition("/")[2]] for home in homes}
    depth = homes[0].count("/") + 1
    files: list[tuple[str, str]] = []
    left_out: dict[str, str] = {}
    for one in entries:
        home = "/".join(one.path.split("/", depth)[:depth])
        if one.kind is EntryKind.FILE and not is_junk(one.name):
            if home in labels:
                files.append((labels[home], one.path))
            else:
                left_out[one.path] = why_no_class(one.path.split("/")[:-1][:depth])
        elif one.kind is EntryKind.FOLDER and one.link:
            left_out[one.path] = "link to a folder, which is not followed"
        elif one.kind not in (EntryKind.FILE, EntryKind.FOLDER):
            left_out[one.path] = one.detail or str(one.kind)
    return ClassFolderListing(labels, tuple(files), left_out)


def _is_class(entry: Entry, depth: int, given: Mapping[str, str]) -> bool:
    return (
        entry.kind is EntryKind.FOLDER
        and ordinary(entry)
        and entry.path.count("/") == depth
        and (is_class_name(entry.name) or entry.name in given)
    )


def _slugs(
    folder: Path, homes: list[str], given: Mapping[str, str], known: Collection[str]
) -> dict[str, str]:
    try:
        return names.slugs_of((home.rpartition("/")[2] for home in homes), given, known)
    except UsageError as error:
        plain = str(error).removesuffix("; name it with --label")
        raise UsageError(f"{folder}: {plain}; name it with --label FOLDER=LABEL") from None
