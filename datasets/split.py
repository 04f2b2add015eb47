"""Which split (train, val, test) each picture goes to: pure, split groups whole, nothing moved.

Split groups (pictures that may be copies of one another, found across labels) are the unit. They
are taken in the order of a hash of seed + group, so the result is a function of content: the same
pictures give the same split on every machine and in any order. Earlier placements stay; what is
new fills each label's quotas. A group that joins two old splits goes to train and is reported,
because a copy in train of a picture in val is the one mistake a split must not make.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ..curation.printable import counted
from .collector import collector_paused
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TRAIN, VAL, TEST = "train", "val", "test"
SPLITS = (TRAIN, VAL, TEST)
_ROUNDING = Fraction(1, 1000)  # three thirds of 100 are written 33.3/33.3/33.3
_MOST_PARTS = 20  # 4/1, 8/1/1, 17/3: beyond that, a sum that is not 100 is a slip
_GAPS_TOLD = 5  # of a thousand labels of one picture each
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}")


class SplitRefused(UsageError):
    """No assignment gives every split every label; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Shares of the splits, summing to 1; `test` 0 means no test split."""

    train: Fraction = Fraction(4, 5)
    val: Fraction = Fraction(1, 5)
    test: Fraction = Fraction(0)

    @classmethod
    def parse(cls, text: str) -> Ratios:
        """Read `80/20`, `70/15/15`, `0.8/0.2` or `4/1`; raises UsageError.

        The numbers are percent (sum 100), shares (sum 1) or small whole parts; any other sum is
        taken for a slip, because what it would be scaled to is not what was written.
        """
        parts = [Fraction(part) for part in text.replace(" ", "").split("/") if _is_number(part)]
        well_formed = len(parts) == text.count("/") + 1
        # A trailing 0 is how other splitters say "no test split".
        if len(parts) == 3 and parts[2] == 0:
            parts = parts[:2]
        if not well_formed or len(parts) not in (2, 3) or min(parts) <= 0:
            raise UsageError(
                f"ratio {text!r}: expected two or three numbers above 0, as in 80/20 or 70/15/15"
            )
        whole = sum(parts, Fraction(0))
        near = any(abs(whole - one) <= one * _ROUNDING for one in (1, 100))
        in_parts = whole <= _MOST_PARTS and all(part.denominator == 1 for part in parts)
        if not (near or in_parts):
            raise UsageError(
                f"ratio {text!r}: the numbers sum to {float(whole):g}; expected 100 (80/20), "
                "1 (0.8/0.2) or small whole parts (4/1)"
            )
        return cls(*(part / whole for part in parts))

    def shares(self) -> dict[str, Fraction]:
        """Split → share, in the order train, val, test; without splits that have none."""
        every = {TRAIN: self.train, VAL: self.val, TEST: self.test}
        return {name: share for name, share in every.items() if share > 0}

    def __str__(self) -> str:
        return "/".join(f"{float(share * 100):g}" for share in self.shares().values())


@dataclass(frozen=True, slots=True)
class Item:
    """One picture to place, with its split group; `preferred` asks for val or test."""

    id: str
    label: str
    group: str
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class MergedGroup:
    """A group whose earlier members lay in several splits; `moved` are ids that had to move."""

    group: str
    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The split of each id, the groups that had to merge, and counts by label and split."""

    splits: Mapping[str, str]
    merged: tuple[MergedGroup, ...]
    counts: Mapping[str, Mapping[str, int]]
    quotas: Mapping[str, Mapping[str, int]]


class _Group(NamedTuple):  # one a picture, made in a quarter of a dataclass's time
    name: str
    ids: tuple[str, ...]
    labels: Mapping[str, int]  # label → how many of its pictures carry it
    rank: tuple[bool, str]  # unpreferred last, then by hash: the order in which splits are filled


@collector_paused()
def split(
    items: Iterable[Item],
    ratios: Ratios | None = None,
    *,
    seed: int = 0,
    earlier: Mapping[str, str] | None = None,
) -> SplitResult:
    """Give every item a split; groups stay together, also across labels.

    `earlier` is id → split of an earlier run: those placements stay. Per label, val and test
    get at most their rounded share and miss it by less than one group that could still be
    given, except where only a larger group can give a split its first picture of a label.
    Raises SplitRefused where a split would be without a label, ValueError on a repeated id.
    """
    shares = (ratios or Ratios()).shares()
    groups = _groups(items, seed)
    quotas = _quotas(_totals(groups), shares)
    split_of, merged = _sticky(groups, earlier or {}, set(shares))
    tally = _SplitTally(shares)
    for group in groups:
        if group.name in split_of:
            tally.put(group, split_of[group.name])
    free = [group for group in groups if group.name not in split_of]
    others = [split for split in shares if split != TRAIN]
    for group in free:
        chosen = next((s for s in others if tally.fits(group, s, quotas)), TRAIN)
        split_of[group.name] = chosen
        tally.put(group, chosen)
    _fill_empty(free, split_of, tally, quotas)
    _refuse_gaps(groups, tally, quotas, sticky=len(free) < len(groups))
    return SplitResult(
        splits={id_: split_of[group.name] for group in groups for id_ in group.ids},
        merged=merged,
        counts={label: {s: tally.count[s][label] for s in shares} for label in sorted(quotas)},
        quotas=quotas,
    )


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()


def _groups(items: Iterable[Item], seed: int) -> list[_Group]:
    members: dict[str, list[Item]] = {}
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"{item.id} is given twice: settle label conflicts before the split")
        seen.add(item.id)
        members.setdefault(item.group, []).append(item)
    groups = [
        _Group(
            name,
            (group[0].id,) if len(group) == 1 else tuple(sorted(item.id for item in group)),
            _labels(group),
            # The first alone settles most.
            (not (group[0].preferred and all(i.preferred for i in group)), _rank(seed, name)),
        )
        for name, group in members.items()
    ]
    # The name settles equal hashes, so the order in which items arrive never matters.
    return sorted(groups, key=lambda group: (*group.rank, group.name))


def _labels(group: Sequence[Item]) -> Mapping[str, int]:
    if len(group) == 1:  # most groups; a Counter takes ten times as long to make
        return {group[0].label: 1}
    return Counter(item.label for item in group)


def quotas_of(labels: Iterable[str], ratios: Ratios) -> dict[str, dict[str, int]]:
    """Label → split → how many of so many pictures' labels each split gets."""
    return _quotas(Counter(labels), ratios.shares())


def _totals(groups: Sequence[_Group]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for group in groups:
        for label, number in group.labels.items():
            totals[label] += number
    return totals


def _quotas(totals: Mapping[str, int], shares: Mapping[str, Fraction]) -> dict[str, dict[str, int]]:
    """The same, by largest remainder: the sum is the label's count."""
    quotas = {}
    for label, total in sorted(totals.items()):
        exact = {split: total * share for split, share in shares.items()}
        quota = {split: int(part) for split, part in exact.items()}
        by_remainder = sorted(exact, key=lambda split: quota[split] - exact[split])
        for split in by_remainder[: total - sum(quota.values())]:
            quota[split] += 1
        quotas[label] = quota
    return quotas


def _sticky(
    groups: Sequence[_Group], earlier: Mapping[str, str], known: set[str]
) -> tuple[dict[str, str], tuple[MergedGroup, ...]]:
    split_of: dict[str, str] = {}
    merged: list[MergedGroup] = []
    for group in groups if earlier else ():
        # A split that is no longer wanted (test, after 80/20) holds no picture back.
        old = {id_: earlier[id_] for id_ in group.ids if earlier.get(id_) in known}
        splits = set(old.values())
        if len(splits) == 1:
            split_of[group.name] = splits.pop()
        elif splits:
            split_of[group.name] = TRAIN
            moved = tuple(id_ for id_, split in old.items() if split != TRAIN)
            merged.append(MergedGroup(group.name, moved))
    return split_of, tuple(sorted(merged, key=lambda m: m.group))


class _SplitTally:
    """How many pictures of each label each split holds so far."""

    def __init__(self, splits: Iterable[str]) -> None:
        self.count: dict[str, Counter[str]] = {split: Counter() for split in splits}

    def put(self, group: _Group, split: str, sign: int = 1) -> None:
        for label, number in group.labels.items():
            self.count[split][label] += sign * number

    def fits(self, group: _Group, split: str, quotas: Mapping[str, Mapping[str, int]]) -> bool:
        held = self.count[split]
        for label, number in group.labels.items():
            if held[label] + number > quotas[label][split]:
                return False
        return True

    def overshoot(self, group: _Group, split: str, quotas: Mapping[str, Mapping[str, int]]) -> int:
        """How far beyond their quotas the group would carry its labels on that split."""
        held = self.count[split]
        return sum(
            max(0, held[label] + number - quotas[label][split])
            for label, number in group.labels.items()
        )

    def can_spare(self, group: _Group, split: str) -> bool:
        held = self.count[split]
        return all(held[label] > number for label, number in group.labels.items())


def _fill_empty(
    free: Sequence[_Group],
    split_of: dict[str, str],
    tally: _SplitTally,
    quotas: Mapping[str, Mapping[str, int]],
) -> None:
    """Give a split without a label the group that overshoots least, from a split that can spare it.

    Small labels round to nothing and large groups fit in no quota: without this a label of
    four pictures would be missing from val.
    """
    for label in sorted(quotas):
        for split in tally.count:
            if tally.count[split][label]:
                continue
            choices = [
                group
                for group in free
                if label in group.labels
                and split_of[group.name] != split
                and tally.can_spare(group, split_of[group.name])
            ]
            if choices:
                best = min(
                    choices, key=lambda f: (tally.overshoot(f, split, quotas), f.rank, f.name)
                )
                tally.put(best, split_of[best.name], -1)
                split_of[best.name] = split
                tally.put(best, split)


def _refuse_gaps(
    groups: Sequence[_Group],
    tally: _SplitTally,
    quotas: Mapping[str, Mapping[str, int]],
    *,
    sticky: bool,
) -> None:
    gaps = []
    for label in sorted(quotas):
        missing = [split for split, held in tally.count.items() if not held[label]]
        if missing:
            number = sum(label in group.labels for group in groups)
            pictures = sum(quotas[label].values())
            gaps.append(
                f"{label!r} (pictures: {pictures}, groups of near-duplicates: {number}) "
                f"has none for {' and '.join(missing)}"
            )
    if gaps:
        if len(gaps) > _GAPS_TOLD + 1:
            gaps[_GAPS_TOLD:] = [f"{counted(len(gaps) - _GAPS_TOLD, 'more label')} likewise"]
        ways = "bring more pictures, drop the label"
        ways += ", or forget the earlier placements (--afresh)" if sticky else " or a split"
        raise SplitRefused(f"split refused: {'; '.join(gaps)}; {ways}")
