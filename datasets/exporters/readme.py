"""The README.md of an export: Hugging Face's front matter, counts, how to load it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..files import write_text
from ..tree.front_matter import front_matter
from ..tree.markdown import inert

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..tree.finished import FinishedTree


# The folder's name is whatever its next owner calls it.
_WHERE = "In this folder; from elsewhere with its path for `.`:"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a README says of a set: `counts` are (label, split) → pictures, `licences` theirs."""

    name: str
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    licences: Mapping[str, int]


def tally_of(tree: FinishedTree) -> Tally:
    """The tally of a tree."""
    return Tally(
        tree.name,
        tree.classes,
        tree.splits,
        tree.summary.counts,
        tree.summary.licences,
    )


def write_readme(
    tree: FinishedTree,
    out: Path,
    loading: str,
    *,
    files: Mapping[str, str] | None = None,
    features: list[dict[str, Any]] | None = None,
) -> None:
    """Write README.md, and the tree's own card beside it as CARD.md.

    `loading` is markdown with lines to run in the export's folder; `files` maps a split to its
    files' pattern; `features` is Hugging Face's description of the columns.
    """
    write_text(out / "README.md", readme(tally_of(tree), loading, files=files, features=features))
    card = tree.root / "README.md"
    if card.is_file():
        shutil.copyfile(card, out / "CARD.md")


def readme(
    tally: Tally,
    loading: str,
    *,
    files: Mapping[str, str] | None = None,
    features: list[dict[str, Any]] | None = None,
) -> str:
    """The text of a README.md, as `write_readme` has it."""
    pictures = sum(tally.counts.values())
    front = front_matter(tally.name, pictures, files, features, sorted(tally.licences))
    lines = [*front, "", f"# {inert(tally.name)}", ""]
    lines += [*_counts(tally), "", "## Load it", "", _WHERE, "", loading.rstrip()]
    lines += ["", "## Licences", "", *_licences(tally), ""]
    return "\n".join(lines)


def _counts(tally: Tally) -> list[str]:
    splits = tally.splits
    lines = [f"| label | {' | '.join(splits)} |", "|---|" + "---:|" * len(splits)]
    for label in tally.classes:
        numbers = " | ".join(str(tally.counts.get((label, split), 0)) for split in splits)
        lines.append(f"| {inert(label)} | {numbers} |")
    return lines


def _licences(tally: Tally) -> list[str]:
    listed = ", ".join(f"{inert(name)} ({count})" for name, count in sorted(tally.licences.items()))
    return [
        f"As recorded: {listed}. Pictures from the web belong to their owners; `unknown` means",
        "that none was stated. manifest.jsonl says where each one came from.",
    ]
