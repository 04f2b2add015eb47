"""The front matter of a README.md as Hugging Face reads it: the set's kind, size and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...curation.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
) -> list[str]:
    """The lines of the block, its `---` included.

    `files` maps a split to the pattern of its files, `features` is Hugging Face's description of
    the columns. JSON is YAML too: nothing here needs a YAML writer.
    """
    size = next((word for limit, word in _SIZES if pictures < limit), "1M<n<10M")
    lines = [
        "---",
        f"pretty_name: {json_text(name)}",
        "license: unknown",
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
