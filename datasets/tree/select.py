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
class Choice:
    """A picture to choose from: its label, its stratum there, and its best rank (1 is first)."""

    id: str
    label: str
    stratum: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What a label may hold: `target` pictures (None: all), parted among strata by share."""

    target: int | None
    strata: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Balanced:
    """`chosen` ids; by label, how many stay in the pool (`over`) or are missing (`short`)."""

    chosen: frozenset[str]
    over: Mapping[str, int]
    short: Mapping[str, int]


def balance(
    choices: Iterable[Choice], quotas: Mapping[str, Quota], placed: Collection[str] = ()
) -> Balanced:
    """Choose up to each label's target; labels without a quota are taken whole."""
    by_label: dict[str, list[Choice]] = {label: [] for label in quotas}
    for choice in choices:
        by_label.setdefault(choice.label, []).append(choice)
    chosen: set[str] = set()
    over, short = {}, {}
    for label, group in sorted(by_label.items()):
        quota = quotas.get(label, Quota(None, {}))
        taken = _take(group, quota, placed)
        chosen.update(choice.id for choice in taken)
        if len(group) > len(taken):
            over[label] = len(group) - len(taken)
        if quota.target is not None and len(taken) < quota.target:
            short[label] = quota.target - len(taken)
    return Balanced(frozenset(chosen), over, short)


def _take(group: Sequence[Choice], quota: Quota, placed: Collection[str]) -> list[Choice]:
    # The id is a hash of the picture's bytes: where ranks are equal, content decides.
    order = sorted(group, key=lambda c: (c.id not in placed, c.rank, c.id))
    if quota.target is None:
        return order
    taken = [choice for choice in order if choice.id in placed][: quota.target]
    have = {choice.id for choice in taken}
    for stratum, share in quota.strata.items():
        there = sum(choice.stratum == stratum for choice in taken)
        wanted = max(0, math.floor(quota.target * share) - there)
        more = [c for c in order if c.stratum == stratum and c.id not in have][:wanted]
        taken += more
        have |= {choice.id for choice in more}
    # What one stratum lacks (and what rounding left over) goes to the next best of any.
    rest = (choice for choice in order if choice.id not in have)
    return (taken + list(rest))[: quota.target]
