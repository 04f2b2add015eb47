"""The pictures that survive: decodable, not dropped, with a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import decisions, families, images, measurements
from .conflicts import best_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..catalogue import Catalogue
    from ..catalogue.decisions import Standing


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that survives, with the label it goes by.

    `path` is relative to the dataset; `rank` its best rank under its label; `split_group` what
    it must share a split with (a SHA-256); `reviewed` whether a person looked at it,
    `relabelled` whether the label is a person's.
    """

    sha256: str
    path: str
    label: str
    rank: int
    split_group: str
    reviewed: bool = False
    relabelled: bool = False


def kept(cat: Catalogue, standings: Mapping[str, Standing] | None = None) -> list[Kept]:
    """The pictures that survive, by SHA-256; by these `standings`, or those on record."""
    if standings is None:
        standings = decisions.standings(cat)
    rows = families.members(cat)
    readable = measurements.measured(cat)
    found = []
    for image in images.images(cat):
        sha = image.sha256
        standing = standings.get(sha, decisions.Standing())
        label = standing.label or best_label(image.labels)
        if sha not in readable or standing.dropped or label is None:
            continue
        row = rows.get(sha)
        found.append(
            Kept(
                sha256=sha,
                path=image.path,
                label=label,
                rank=image.labels.get(label, max(image.labels.values(), default=1)),
                split_group=(row.split_group if row else None) or sha,
                reviewed=standing.reviewed,
                relabelled=bool(standing.person and standing.person.label),
            )
        )
    return found
