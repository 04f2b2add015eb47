"""The README.md of an export: Hugging Face's front matter, counts, how to load it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

from .tree import Tree, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
# Hugging Face's names of the sides, as its own loaders spell them.
HF_SIDES: Mapping[str, str] = {"train": "train", "val": "validation", "test": "test"}


def write_readme(
    tree: Tree,
    out: Path,
    loading: str,
    *,
    files: Mapping[str, str] | None = None,
    features: list[dict[str, Any]] | None = None,
) -> None:
    """Write README.md, and the tree's own card beside it as CARD.md.

    `loading` is markdown with `{dir}` for the folder; `files` maps a side to its files'
    pattern; `features` is Hugging Face's description of the columns.
    """
    lines = ["---", *_front(tree, files, features), "---", "", f"# {tree.name}", ""]
    lines += [*_counts(tree), "", "## Load it", "", loading.replace("{dir}", tree.name).rstrip()]
    lines += ["", "## Licences", "", *_licences(tree), ""]
    (out / "README.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    card = tree.root / "README.md"
    if card.is_file():
        shutil.copyfile(card, out / "CARD.md")


def _front(
    tree: Tree, files: Mapping[str, str] | None, features: list[dict[str, Any]] | None
) -> list[str]:
    # JSON is YAML too, so nested values need no YAML writer.
    count = len(tree.pictures)
    size = next((word for limit, word in _SIZES if count < limit), "1M<n<10M")
    lines = [
        f"pretty_name: {json.dumps(tree.name)}",
        "license: unknown",
        "task_categories: [image-classification]",
        f"size_categories: [{json.dumps(size)}]",
    ]
    if files:
        shown = [
            {"split": HF_SIDES[side], "path": files[side]} for side in tree.sides if side in files
        ]
        config = {"config_name": "default", "data_files": shown}
        lines.append(f"configs: {json.dumps([config])}")
    if features:
        lines.append(f"dataset_info: {json.dumps({'features': features})}")
    return lines


def _counts(tree: Tree) -> list[str]:
    counts = Counter((picture.label, picture.side) for picture in tree.pictures)
    sides = tree.sides
    lines = [f"| label | {' | '.join(sides)} |", "|---|" + "---:|" * len(sides)]
    for label in tree.classes:
        numbers = " | ".join(str(counts[label, side]) for side in sides)
        lines.append(f"| {label} | {numbers} |")
    return lines


def _licences(tree: Tree) -> list[str]:
    seen = Counter(text_of(picture.data, "license") or "unknown" for picture in tree.pictures)
    listed = ", ".join(f"{name} ({count})" for name, count in sorted(seen.items()))
    return [
        f"As recorded: {listed}. Pictures from the web belong to their owners; `unknown` means",
        "that nobody checked. manifest.jsonl says where each one came from.",
    ]
