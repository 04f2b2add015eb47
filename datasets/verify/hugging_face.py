"""How Hugging Face's `imagefolder` reads a tree: splits by words in paths, labels by folders.

The rule that surprises: a split word counts as a token in ANY folder of a path, so the class
`test_tube` in train/ is loaded into the test split too. (datasets 5.2, data_files.py and
folder_based_builder.py.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .reading import Reading, ReadingDraft

if TYPE_CHECKING:
    from .listing import Entry, Listing

WORDS: Final = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_NAMES = (
    *("blp", "bmp", "dib", "bufr", "cur", "pcx", "dcx", "dds", "ps", "eps", "fit", "fits"),
    *("fli", "flc", "ftc", "ftu", "gbr", "gif", "grib", "png", "apng", "jp2", "j2k", "jpc"),
    *("jpf", "jpx", "j2c", "icns", "ico", "im", "iim", "tif", "tiff", "jfif", "jpe", "jpg"),
    *("jpeg", "mpg", "mpeg", "msp", "pcd", "pxr", "pbm", "pgm", "ppm", "pnm", "psd", "bw"),
    *("rgb", "rgba", "sgi", "ras", "tga", "icb", "vda", "vst", "webp", "wmf", "emf", "xbm"),
    "xpm",
)
EXTENSIONS: Final = frozenset(f".{name}" for name in _NAMES)
METADATA: Final = frozenset({"metadata.csv", "metadata.jsonl", "metadata.parquet"})
_IGNORED: Final = frozenset(
    ["README.md", "config.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json"]
)
_FOLDER_PATTERNS = ("{}", "{}[-._ 0-9].*", ".*[-._ 0-9]{}", ".*[-._ 0-9]{}[-._ 0-9].*")
_FILE_PATTERNS = ("{}[-._ 0-9]", ".*[-._ 0-9]{}[-._ 0-9]")


def by_builder(tree: Listing) -> Reading:
    """`load_dataset("imagefolder", data_dir=root)`: the README's configs are not read."""
    return _read(tree, None)


def by_path(tree: Listing) -> Reading:
    """`load_dataset(root)`: `configs` in the README's front matter name the files, if there."""
    return _read(tree, _configured(tree.card))


def folder_hits(split: str, folders: tuple[str, ...]) -> int:
    """How often a path's folders make a picture part of a split: once for each pattern they meet.

    The folder train/ meets one; the class `train_station` in it meets another, and its pictures
    are then loaded twice.
    """
    return sum(
        any(re.fullmatch(pattern.format(word), name, re.DOTALL) for name in folders)
        for word in WORDS[split]
        for pattern in _FOLDER_PATTERNS
    )


def file_hits(split: str, name: str) -> int:
    """The same for a file's name, which counts where no folder is named like a split."""
    return sum(
        re.match(pattern.format(word), name, re.DOTALL) is not None
        for word in WORDS[split]
        for pattern in _FILE_PATTERNS
    )


def _read(tree: Listing, configured: dict[str, str] | None) -> Reading:
    draft = ReadingDraft()
    seen = [entry for entry in tree.files if _is_seen(tree, entry)]
    splits = _configured_files(seen, configured) if configured else _by_words(seen)
    pictures = {
        split: [e for e in files if f".{e.name.rpartition('.')[2]}".lower() in EXTENSIONS]
        for split, files in splits.items()
    }
    if not any(pictures.values()):
        draft.error = "no picture found"
        return draft.done()
    found = [entry for files in pictures.values() for entry in files]
    folders = {entry.parts[-2] if len(entry.parts) > 1 else tree.name for entry in found}
    metadata = {s: any(e.name in METADATA for e in files) for s, files in splits.items()}
    _faults(draft, found, splits, metadata)
    if any(metadata.values()):
        draft.notes.append(
            "a metadata file turns labels into text; what it does not list is left out"
        )
    elif len(folders) < 2:
        draft.notes.append("one class only: there is no label column")
    elif len({len(entry.parts) for entry in found}) > 1:
        draft.notes.append("pictures at different depths: there is no label column")
    else:
        for split, files in pictures.items():
            draft.put(split, sorted(folders), [entry.parts[-2] for entry in files])
        return draft.done()
    for split, files in pictures.items():
        draft.put(split, [""], [""] * len(files))
    return draft.done()


def _faults(
    draft: ReadingDraft,
    found: list[Entry],
    splits: dict[str, list[Entry]],
    metadata: dict[str, bool],
) -> None:
    twice = len(found) - len({entry.path for entry in found})
    if twice:
        draft.notes.append(f"{twice} pictures come again: a class is named like a split")
    if any(metadata.values()) and not all(metadata.values()) and len(splits) > 1:
        draft.error = "ValueError: a split without a metadata file corresponds to no data"
    for entry in found:
        if entry.fault or entry.broken:
            draft.error = f"no file that Pillow opens: {entry.path}"


def _is_seen(tree: Listing, entry: Entry) -> bool:
    """Hidden files and folders, `__x__` folders and linked folders are passed over."""
    *folders, name = entry.parts
    if any(part.startswith(".") for part in entry.parts) or name in _IGNORED:
        return False
    if any(part.startswith("__") for part in folders):
        return False
    above = ["/".join(entry.parts[:n]) for n in range(1, len(entry.parts))]
    return not any(path in tree.linked for path in above)


def _by_words(files: list[Entry]) -> dict[str, list[Entry]]:
    in_folders = {s: [e for e in files for _ in range(_in_folders(s, e))] for s in WORDS}
    in_names = {s: [e for e in files for _ in range(file_hits(s, e.name))] for s in WORDS}
    for found in (in_folders, in_names):
        if any(found.values()):
            return {split: entries for split, entries in found.items() if entries}
    return {"train": files}


def _in_folders(split: str, entry: Entry) -> int:
    return folder_hits(split, entry.parts[:-1])


def _configured(card: str) -> dict[str, str] | None:
    """Split → pattern from the front matter's `configs`, as YAML or as JSON in it."""
    front = re.match(r"---\n(.*?)\n---", card, re.DOTALL)
    flags = re.DOTALL | re.MULTILINE
    block = re.search(r"^configs:(.*?)(?=^[\w\"']|\Z)", front[1] if front else "", flags)
    if block is None:
        return None
    pair = r"split[\"']?:\s*[\"']?(\w+)[\"']?\s*,?\s*[\"']?path[\"']?:\s*[\"']?([^\"'\s,}\]]+)"
    return dict(re.findall(pair, block[1])) or None


def _configured_files(files: list[Entry], configured: dict[str, str]) -> dict[str, list[Entry]]:
    found = {}
    for split, pattern in configured.items():
        start = pattern.split("*", 1)[0]
        found[split] = [entry for entry in files if entry.path.startswith(start)]
    return {split: entries for split, entries in found.items() if entries}
