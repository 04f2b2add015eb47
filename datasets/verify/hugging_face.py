"""How Hugging Face's `imagefolder` reads a tree: splits by words in paths, labels by folders.

The rule that surprises: a split word counts as a token in ANY folder of a path, so the class
`test_tube` in train/ is loaded into the test split too. (datasets 5.2, data_files.py and
folder_based_builder.py.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ...curation.folders.walk import EntryKind
from ...curation.printable import counted
from .reading import LoaderReading, ReadingDraft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .listing import Listing, TreeFile

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
_MAGIC = re.compile(r"[*?\[]")
_FILE_PATTERNS = ("{}[-._ 0-9]", ".*[-._ 0-9]{}[-._ 0-9]")


@dataclass(frozen=True, slots=True)
class _SplitPatterns:
    folders: list[re.Pattern[str]]
    files: list[re.Pattern[str]]


def by_builder(tree: Listing) -> LoaderReading:
    """`load_dataset("imagefolder", data_dir=root)`: the README's configs are not read."""
    return _read(tree, None)


def by_path(tree: Listing) -> LoaderReading:
    """`load_dataset(root)`: `configs` in the README's front matter name the files, if there."""
    return _read(tree, _configured(tree.card))


def folder_hits(split: str, folders: tuple[str, ...]) -> int:
    """How often a path's folders make a picture part of a split: once for each pattern they meet.

    The folder train/ meets one; the class `train_station` in it meets another, and its pictures
    are then loaded twice.
    """
    return sum(
        any(pattern.fullmatch(name) for name in folders) for pattern in _patterns(split).folders
    )


def file_hits(split: str, name: str) -> int:
    """The same for a file's name, which counts where no folder is named like a split."""
    if not any(word in name for word in WORDS[split]):  # a tree's ids are hex digits
        return 0
    return sum(pattern.match(name) is not None for pattern in _patterns(split).files)


@cache
def _patterns(split: str) -> _SplitPatterns:
    def compiled(patterns: Sequence[str]) -> list[re.Pattern[str]]:
        return [re.compile(p.format(word), re.DOTALL) for word in WORDS[split] for p in patterns]

    return _SplitPatterns(compiled(_FOLDER_PATTERNS), compiled(_FILE_PATTERNS))


def _read(tree: Listing, configured: dict[str, str] | None) -> LoaderReading:
    draft = ReadingDraft()
    if _MAGIC.search(tree.place):
        draft.error = (
            "EmptyDatasetError: it takes the [, * or ? in the folder's own path for a pattern"
        )
        return draft.done()
    seen = [file for file in tree.files if _is_seen(tree, file)]
    splits = _configured_files(seen, configured) if configured else _by_words(seen)
    pictures = {
        split: [e for e in files if f".{e.name.rpartition('.')[2]}".lower() in EXTENSIONS]
        for split, files in splits.items()
    }
    if not any(pictures.values()):
        draft.error = "no picture found"
        return draft.done()
    found = [file for files in pictures.values() for file in files]
    folders = {file.parts[-2] if len(file.parts) > 1 else tree.name for file in found}
    metadata = {s: any(e.name in METADATA for e in files) for s, files in splits.items()}
    _faults(draft, found, splits, metadata)
    if any(metadata.values()):
        draft.notes.append(
            "a metadata file turns labels into text; what it does not list is left out"
        )
    elif len(folders) < 2:
        draft.notes.append("one class only: there is no label column")
    elif len({len(file.parts) for file in found}) > 1:
        draft.notes.append("pictures at different depths: there is no label column")
    else:
        for split, files in pictures.items():
            draft.put(split, sorted(folders), [file.parts[-2] for file in files])
        return draft.done()
    for split, files in pictures.items():
        draft.put(split, [""], [""] * len(files))
    return draft.done()


def _faults(
    draft: ReadingDraft,
    found: list[TreeFile],
    splits: dict[str, list[TreeFile]],
    metadata: dict[str, bool],
) -> None:
    twice = len(found) - len({file.path for file in found})
    if twice:
        again = counted(twice, "picture comes", "pictures come")
        draft.notes.append(f"{again} again: a class is named like a split")
    if any(metadata.values()) and not all(metadata.values()) and len(splits) > 1:
        draft.error = "ValueError: a split without a metadata file corresponds to no data"
    for file in found:
        if file.fault or file.broken:
            draft.error = f"no file that Pillow opens: {file.path}"


def _is_seen(tree: Listing, file: TreeFile) -> bool:
    """Hidden files and folders, `__x__` folders and linked folders are passed over."""
    *folders, name = file.parts
    if file.kind not in (EntryKind.FILE, EntryKind.BROKEN):
        return False
    if any(part.startswith(".") for part in file.parts) or name in _IGNORED:
        return False
    if any(part.startswith("__") for part in folders):
        return False
    above = ["/".join(file.parts[:n]) for n in range(1, len(file.parts))]
    return not any(path in tree.linked for path in above)


def _by_words(files: list[TreeFile]) -> dict[str, list[TreeFile]]:
    hits = cache(folder_hits)  # a tree has few folders and many files
    in_folders = {s: [f for f in files for _ in range(hits(s, f.parts[:-1]))] for s in WORDS}
    if any(in_folders.values()):
        return {split: found for split, found in in_folders.items() if found}
    in_names = {s: [f for f in files for _ in range(file_hits(s, f.name))] for s in WORDS}
    if any(in_names.values()):
        return {split: found for split, found in in_names.items() if found}
    return {"train": files}


def _configured(card: str) -> dict[str, str] | None:
    """Split → pattern from the front matter's `configs`, as YAML or as JSON in it."""
    front = re.match(r"---\n(.*?)\n---", card, re.DOTALL)
    flags = re.DOTALL | re.MULTILINE
    block = re.search(r"^configs:(.*?)(?=^[\w\"']|\Z)", front[1] if front else "", flags)
    if block is None:
        return None
    pair = r"split[\"']?:\s*[\"']?(\w+)[\"']?\s*,?\s*[\"']?path[\"']?:\s*[\"']?([^\"'\s,}\]]+)"
    return dict(re.findall(pair, block[1])) or None


def _configured_files(
    files: list[TreeFile], configured: dict[str, str]
) -> dict[str, list[TreeFile]]:
    found = {}
    for split, pattern in configured.items():
        start = pattern.split("*", 1)[0]
        found[split] = [file for file in files if file.path.startswith(start)]
    return {split: entries for split, entries in found.items() if entries}
