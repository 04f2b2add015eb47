"""Which side each picture goes to: pure, whole families together, nothing moves without need.

Families (near-duplicates, found across labels) are the unit. They are taken in the order of
a hash of seed + family, so the result is a function of content: the same pictures give the
same split on every machine and in any order. Earlier placements stay; what is new fills each
label's quotas. A family that joins two old sides goes to train and is reported, because a
copy in train of a picture in val is the one mistake a split must not make.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TRAIN, VAL, TEST = "train", "val", "test"


class SplitRefused(UsageError):
    """No split of these pictures gives every side every label; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Shares of the sides, summing to 1; `test` 0 means no test side."""

    train: Fraction = Fraction(4, 5)
    val: Fraction = Fraction(1, 5)
    test: Fraction = Fraction(0)

    @classmethod
    def parse(cls, text: str) -> Ratios:
        """Read `80/20`, `70/15/15`, `0.8/0.2` or `4/1`; raises UsageError.

        The numbers are shares of their sum, so any scale will do.
        """
        try:
            parts = [Fraction(part.strip()) for part in text.split("/")]
        except (ValueError, ZeroDivisionError):
            parts = []
        # A trailing 0 is how other splitters say "no test side".
        if len(parts) == 3 and parts[2] == 0:
            parts = parts[:2]
        if len(parts) not in (2, 3) or min(parts) <= 0:
            raise UsageError(
                f"ratio {text!r}: expected two or three numbers above 0, as in 80/20 or 70/15/15"
            )
        whole = sum(parts)
        return cls(*(part / whole for part in parts))

    def shares(self) -> dict[str, Fraction]:
        """Side → share, in the order train, val, test; without sides that have none."""
        every = {TRAIN: self.train, VAL: self.val, TEST: self.test}
        return {side: share for side, share in every.items() if share > 0}

    def __str__(self) -> str:
        return "/".join(f"{float(share * 100):g}" for share in self.shares().values())


@dataclass(frozen=True, slots=True)
class Item:
    """One picture to place, with its near-duplicates; `preferred` asks for val or test."""

    id: str
    label: str
    family: str
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """A family whose earlier members lay on several sides; `moved` are ids that had to move."""

    family: str
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The result: side by id, the families that had to merge, and counts by label and side."""

    sides: Mapping[str, str]
    merged: tuple[Merged, ...]
    counts: Mapping[str, Mapping[str, int]]
    quotas: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    ids: tuple[str, ...]
    labels: Mapping[str, int]  # label → how many of its pictures carry it
    rank: tuple[bool, str]  # unpreferred last, then by hash: the order in which sides are filled


def split(
    items: Iterable[Item],
    ratios: Ratios | None = None,
    *,
    seed: int = 0,
    earlier: Mapping[str, str] | None = None,
) -> Split:
    """Give every item a side; whole families stay together, also across labels.

    `earlier` is id → side of an earlier run: those placements stay. Per label, val and test
    get at most their rounded share and miss it by less than one family that could still be
    given, except where only a larger family can give a side its first picture of a label.
    Raises SplitRefused where a side would be without a label, ValueError on a repeated id.
    """
    shares = (ratios or Ratios()).shares()
    families = _families(items, seed)
    quotas = _quotas(families, shares)
    side_of, merged = _sticky(families, earlier or {}, set(shares))
    tally = _Tally(shares)
    for family in families:
        if family.name in side_of:
            tally.put(family, side_of[family.name])
    free = [family for family in families if family.name not in side_of]
    for family in free:
        side = next((s for s in shares if s != TRAIN and tally.fits(family, s, quotas)), TRAIN)
        side_of[family.name] = side
        tally.put(family, side)
    _fill_empty(free, side_of, tally, quotas)
    _refuse_gaps(families, tally, quotas, sticky=len(free) < len(families))
    return Split(
        sides={id_: side_of[family.name] for family in families for id_ in family.ids},
        merged=merged,
        counts={label: {s: tally.count[s][label] for s in shares} for label in sorted(quotas)},
        quotas=quotas,
    )


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def _families(items: Iterable[Item], seed: int) -> list[_Family]:
    members: dict[str, list[Item]] = {}
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"{item.id} is given twice: settle label conflicts before the split")
        seen.add(item.id)
        members.setdefault(item.family, []).append(item)
    families = [
        _Family(
            name,
            tuple(sorted(item.id for item in group)),
            Counter(item.label for item in group),
            (not all(item.preferred for item in group), _rank(seed, name)),
        )
        for name, group in members.items()
    ]
    # The name settles equal hashes, so the order in which items arrive never matters.
    return sorted(families, key=lambda family: (*family.rank, family.name))


def _quotas(
    families: Sequence[_Family], shares: Mapping[str, Fraction]
) -> dict[str, dict[str, int]]:
    """Label → side → how many pictures, by largest remainder: the sum is the label's count."""
    totals: Counter[str] = Counter()
    for family in families:
        totals.update(family.labels)
    quotas = {}
    for label, total in sorted(totals.items()):
        exact = {side: total * share for side, share in shares.items()}
        quota = {side: int(part) for side, part in exact.items()}
        by_remainder = sorted(exact, key=lambda side: quota[side] - exact[side])
        for side in by_remainder[: total - sum(quota.values())]:
            quota[side] += 1
        quotas[label] = quota
    return quotas


def _sticky(
    families: Sequence[_Family], earlier: Mapping[str, str], known: set[str]
) -> tuple[dict[str, str], tuple[Merged, ...]]:
    side_of: dict[str, str] = {}
    merged: list[Merged] = []
    for family in families:
        # A side that is no longer wanted (test, after 80/20) holds nobody back.
        old = {id_: earlier[id_] for id_ in family.ids if earlier.get(id_) in known}
        sides = set(old.values())
        if len(sides) == 1:
            side_of[family.name] = sides.pop()
        elif sides:
            side_of[family.name] = TRAIN
            moved = tuple(id_ for id_, side in old.items() if side != TRAIN)
            merged.append(Merged(family.name, moved))
    return side_of, tuple(sorted(merged, key=lambda m: m.family))


class _Tally:
    """How many pictures of each label each side holds so far."""

    def __init__(self, sides: Iterable[str]) -> None:
        self.count: dict[str, Counter[str]] = {side: Counter() for side in sides}

    def put(self, family: _Family, side: str, sign: int = 1) -> None:
        for label, number in family.labels.items():
            self.count[side][label] += sign * number

    def fits(self, family: _Family, side: str, quotas: Mapping[str, Mapping[str, int]]) -> bool:
        return self.overshoot(family, side, quotas) == 0

    def overshoot(self, family: _Family, side: str, quotas: Mapping[str, Mapping[str, int]]) -> int:
        """How far beyond their quotas the family would carry its labels on that side."""
        held = self.count[side]
        return sum(
            max(0, held[label] + number - quotas[label][side])
            for label, number in family.labels.items()
        )

    def can_spare(self, family: _Family, side: str) -> bool:
        held = self.count[side]
        return all(held[label] > number for label, number in family.labels.items())


def _fill_empty(
    free: Sequence[_Family],
    side_of: dict[str, str],
    tally: _Tally,
    quotas: Mapping[str, Mapping[str, int]],
) -> None:
    """Give a side without a label the family that overshoots least, from a side that can spare it.

    Small labels round to nothing and large families fit in no quota: without this a label of
    four pictures would be missing from val.
    """
    for label in sorted(quotas):
        for side in tally.count:
            if tally.count[side][label]:
                continue
            choices = [
                family
                for family in free
                if label in family.labels
                and side_of[family.name] != side
                and tally.can_spare(family, side_of[family.name])
            ]
            if choices:
                best = min(
                    choices, key=lambda f: (tally.overshoot(f, side, quotas), f.rank, f.name)
                )
                tally.put(best, side_of[best.name], -1)
                side_of[best.name] = side
                tally.put(best, side)


def _refuse_gaps(
    families: Sequence[_Family],
    tally: _Tally,
    quotas: Mapping[str, Mapping[str, int]],
    *,
    sticky: bool,
) -> None:
    gaps = []
    for label in sorted(quotas):
        missing = [side for side, held in tally.count.items() if not held[label]]
        if missing:
            number = sum(label in family.labels for family in families)
            pictures = sum(quotas[label].values())
            gaps.append(
                f"{label!r} ({pictures} pictures in {number} families of near-duplicates) "
                f"has none for {' and '.join(missing)}"
            )
    if gaps:
        ways = "bring more pictures, drop the label"
        ways += ", or forget the earlier placements (--afresh)" if sticky else " or a side"
        raise SplitRefused(f"split refused: {'; '.join(gaps)}; {ways}")
