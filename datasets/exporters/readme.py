"""The README.md of an export: Hugging Face's front matter, counts, how to load it."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..files import write_text
from ..tree.finished import FinishedTree, text_of
from ..tree.front_matter import front_matter
from ..tree.markdown import inert

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_readme(
    tree: FinishedTree,
    out: Path,
    loading: str,
    *,
    files: Mapping[str, str] | None = None,
    features: list[dict[str, Any]] | None = None,
) -> None:
    """Write README.md, and the tree's own card beside it as CARD.md.

    `loading` is markdown with `{dir}` for the folder; `files` maps a split to its files'
    pattern; `features` is Hugging Face's description of the columns.
    """
    licences = {text_of(picture.data, "license") or "unknown" for picture in tree.pictures}
    front = front_matter(tree.name, len(tree.pictures), files, features, licences)
    lines = [*front, "", f"# {inert(tree.name)}", ""]
    lines += [*_counts(tree), "", "## Load it", "", loading.replace("{dir}", tree.name).rstrip()]
    lines += ["", "## Licences", "", *_licences(tree), ""]
    write_text(out / "README.md", "\n".join(lines))
    card = tree.root / "README.md"
    if card.is_file():
        shutil.copyfile(card, out / "CARD.md")


def _counts(tree: FinishedTree) -> list[str]:
    counts = Counter((picture.label, picture.split) for picture in tree.pictures)
    splits = tree.splits
    lines = [f"| label | {' | '.join(splits)} |", "|---|" + "---:|" * len(splits)]
    for label in tree.classes:
        numbers = " | ".join(str(counts[label, split]) for split in splits)
        lines.append(f"| {inert(label)} | {numbers} |")
    return lines


def _licences(tree: FinishedTree) -> list[str]:
    seen = Counter(text_of(picture.data, "license") or "unknown" for picture in tree.pictures)
    listed = ", ".join(f"{inert(name)} ({count})" for name, count in sorted(seen.items()))
    return [
        f"As recorded: {listed}. Pictures from the web belong to their owners; `unknown` means",
        "that none was stated. manifest.jsonl says where each one came from.",
    ]
