"""Which of a label's kept pictures go into the tree when there are more than wanted. Pure.

Placed ones stay, then the best-ranked come first, stratum by stratum in the recipe's shares, so
that easy negatives do not crowd out the hard ones. What is over stays in the pool.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Selectable:
    """A picture to choose from: its label, its stratum there, and its best rank (1 is first)."""

    id: str
    label: str
    stratum: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class LabelQuota:
    """What a label may hold: `target` pictures (None: all), parted among strata by share."""

    target: int | None
    strata: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Selection:
    """`chosen` ids; by label, how many stay in the pool (`over`) or are missing (`short`)."""

    chosen: frozenset[str]
    over: Mapping[str, int]
    short: Mapping[str, int]


def select_pictures(
    pictures: Iterable[Selectable], quotas: Mapping[str, LabelQuota], placed: Collection[str] = ()
) -> Selection:
    """Choose up to each label's target; labels without a quota are taken whole."""
    by_label: dict[str, list[Selectable]] = {label: [] for label in quotas}
    for picture in pictures:
        by_label.setdefault(picture.label, []).append(picture)
    chosen: set[str] = set()
    over, short = {}, {}
    for label, group in sorted(by_label.items()):
        quota = quotas.get(label, LabelQuota(None, {}))
        taken = _take(group, quota, placed)
        chosen.update(picture.id for picture in taken)
        if len(group) > len(taken):
            over[label] = len(group) - len(taken)
        if quota.target is not None and len(taken) < quota.target:
            short[label] = quota.target - len(taken)
    return Selection(frozenset(chosen), over, short)


def _take(
    group: Sequence[Selectable], quota: LabelQuota, placed: Collection[str]
) -> list[Selectable]:
    # The id is a hash of the picture's bytes: where ranks are equal, content decides.
    order = sorted(group, key=lambda c: (c.id not in placed, c.rank, c.id))
    if quota.target is None:
        return order
    taken = [picture for picture in order if picture.id in placed][: quota.target]
    have = {picture.id for picture in taken}
    for stratum, share in quota.strata.items():
        there = sum(picture.stratum == stratum for picture in taken)
        wanted = max(0, math.floor(quota.target * share) - there)
        more = [c for c in order if c.stratum == stratum and c.id not in have][:wanted]
        taken += more
        have |= {picture.id for picture in more}
    # What one stratum lacks (and what rounding left over) goes to the next best of any.
    rest = (picture for picture in order if picture.id not in have)
    return (taken + list(rest))[: quota.target]
