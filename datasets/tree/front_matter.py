"""The front matter of a README.md as Hugging Face reads it: the set's kind, size and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# Hugging Face's own names of the splits.
HF_SPLITS: Final[Mapping[str, str]] = {"train": "train", "val": "validation", "test": "test"}
_SIZES: Final = (
    (1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
)  # fmt: skip


def front_matter(
    name: str,
    pictures: int,
    files: Mapping[str, str] | None = None,
    features: Sequence[Mapping[str, Any]] | None = None,
    licences: Collection[str] = (),
) -> list[str]:
    """The lines of the block, its `---` included; `licences` are the pictures' own.

    `files` maps a split to the pattern of its files, `features` is Hugging Face's description of
    the columns. JSON is YAML too: nothing here needs a YAML writer.
    """
    size = next((word for limit, word in _SIZES if pictures < limit), "1M<n<10M")
    lines = [
        "---",
        f"pretty_name: {json_text(name)}",
        f"license: {_licence(licences)}",
        "task_categories: [image-classification]",
        f"size_categories: [{json_text(size)}]",
    ]
    if files:
        shown = [{"split": HF_SPLITS[split], "path": path} for split, path in files.items()]
        config = {"config_name": "default", "data_files": shown}
        lines.append(f"configs: {json_text([config])}")
    if features:
        lines.append(f"dataset_info: {json_text({'features': list(features)})}")
    return [*lines, "---"]


# Creative Commons' licences that Hugging Face has a word for, by version.
_CC: Final = {
    "by": ("2.0", "2.5", "3.0", "4.0"), "by-sa": ("3.0", "4.0"), "by-nc": ("2.0", "3.0", "4.0"),
    "by-nd": ("4.0",), "by-nc-nd": ("3.0", "4.0"), "by-nc-sa": ("2.0", "3.0", "4.0"),
}  # fmt: skip


def _licence(names: Collection[str]) -> str:
    """Hugging Face's word for what the pictures' licences are together."""
    if not names or "unknown" in names:
        return "unknown"
    if len(set(names)) > 1:
        return "other"
    words = next(iter(names)).lower().split()
    if words[:1] == ["cc0"]:
        return "cc0-1.0"
    known = len(words) == 3 and words[0] == "cc" and words[2] in _CC.get(words[1], ())
    return "-".join(words) if known else "other"
