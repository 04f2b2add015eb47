"""Split groups that only doubts hold together, cut where they would leave a split empty.

Frames of one camera, clocks of one face: each may be a copy of the next, and a whole class is one
group. Kept whole it leaves every split but one empty. Cut, what is least alike is parted first and
confirmed copies never are; what an earlier run has placed is parted where it lies apart, and stays
so when its label has grown until a split could hold the whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ...curation.duplicates.memory import version
from ...curation.duplicates.pair_result import Kind
from ..split import TRAIN, Item, quotas_of, split
from .report import CutGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ...curation.duplicates.memory import PairMemory
    from ..split import Ratios, SplitResult
    from .layout import SourcePicture
    from .settings import SplitSettings

PIECES: Final = 4  # that fill the smallest split: so much nearer to the ratio than by one


class Link(NamedTuple):
    """Two pictures that may be copies, by id; `likeness` 0 to 1.

    Confirmed ones are never cut; nor are those that were not compared, as others join them already.
    """

    one: str
    two: str
    likeness: float
    confirmed: bool
    compared: bool = True


def remembered_links(
    memory: PairMemory,
    same: Collection[frozenset[str]] = (),
    different: Collection[frozenset[str]] = (),
) -> Iterator[Link]:
    """What the last comparison found of pairs, and what a person has said of them."""
    for pair in memory.recall(version()).pairs:
        result = pair.result
        if not pair.reasons or frozenset(pair[:2]) in different:
            continue
        if result is None:
            yield Link(*pair[:2], 0.0, confirmed=False, compared=False)
        elif result.kind is not Kind.OTHER:
            yield Link(*pair[:2], result.likeness, result.kind.confirmed)
    for one, two in map(sorted, same):
        yield Link(one, two, 1.0, confirmed=True)


def cut_groups(
    items: Sequence[Item],
    ratios: Ratios,
    links: Callable[[], Iterable[Link]],
    earlier: Mapping[str, str] | None = None,
) -> tuple[list[Item], tuple[CutGroup, ...]]:
    """Items with the groups that no split may hold whole in pieces, and what was cut.

    A label's group is in the way where it holds more than train's share, or where there are fewer
    groups than splits. Pieces hold at most a part of the smallest share of each of their labels,
    but for confirmed copies. A doubt between pictures that `earlier`, id → split, has in two splits
    was cut then, and its group is cut again, in the way or not; groups that only something new
    joins are left to merge. `links`, with ids of other pictures among them, are asked for where a
    group is in the way or lies apart; one of which no doubt is known is not cut.
    """
    earlier = {i: split for i, split in (earlier or {}).items() if split in ratios.shares()}
    quotas = quotas_of((item.label for item in items), ratios)
    large, apart = _in_the_way(items, quotas), _apart(items, earlier)
    known = list(links()) if large or apart else []
    wanted = _doubted(items, known, large, apart, earlier)
    if not wanted:
        return list(items), ()
    most = {label: max(1, min(quota.values()) // PIECES) for label, quota in quotas.items()}
    pieces = _Pieces((item for item in items if item.group in wanted), most, earlier)
    ids = {item.id for item in items}
    for link in sorted(known, key=_surest_first):
        if link.compared or ids.issuperset(link[:2]):  # of what is left out it joins nothing
            pieces.join(link)
    found = [
        replace(item, group=pieces.name(item.id)) if item.group in wanted else item
        for item in items
    ]
    return found, _cuts(items, found, wanted)


def split_pictures(
    sources: Sequence[SourcePicture],
    settings: SplitSettings,
    links: Callable[[], Iterable[Link]],
    earlier: Mapping[str, str],
    preferred: Collection[str] = (),
) -> tuple[list[SourcePicture], SplitResult, tuple[CutGroup, ...]]:
    """The sources in the groups that they are split by, their splits, and the groups that were cut.

    `links` and `earlier` are as in `cut_groups`; `preferred` (SHA-256) ask for val or test. Raises
    SplitRefused where a split would lack a label.
    """
    whole = [Item(s.sha256, s.label, s.group, s.sha256 in preferred) for s in sources]
    items, cuts = cut_groups(whole, settings.ratios, links, earlier)
    splits = split(items, settings.ratios, seed=settings.seed, earlier=earlier)
    grouped = [replace(one, group=item.group) for one, item in zip(sources, items, strict=True)]
    return grouped, splits, cuts


def _in_the_way(items: Iterable[Item], quotas: Mapping[str, Mapping[str, int]]) -> set[str]:
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        held[item.label][item.group] += 1
    found: set[str] = set()
    for label, groups in held.items():
        quota = quotas[label]
        few = len(groups) < len(quota) <= groups.total()
        most = min(quota.values()) if few else quota[TRAIN]
        found.update(group for group, number in groups.items() if number > most)
    return found


def _apart(items: Iterable[Item], earlier: Mapping[str, str]) -> set[str]:
    splits: dict[str, set[str]] = defaultdict(set)
    for item in items if earlier else ():
        if item.id in earlier:
            splits[item.group].add(earlier[item.id])
    return {group for group, held in splits.items() if len(held) > 1}


def _doubted(
    items: Iterable[Item],
    known: Iterable[Link],
    large: Collection[str],
    apart: Collection[str],
    earlier: Mapping[str, str],
) -> set[str]:
    """Large groups with a doubt in them, and those apart with one between two earlier splits."""
    group_of = {item.id: item.group for item in items}
    found: set[str] = set()
    for link in known:
        if link.confirmed or not link.compared:
            continue
        parted = len({earlier[one] for one in link[:2] if one in earlier}) > 1
        groups = {group_of[one] for one in link[:2] if one in group_of}
        found |= {one for one in groups if one in large or (parted and one in apart)}
    return found


def _surest_first(link: Link) -> tuple[bool, float, str, str]:
    return link.compared and not link.confirmed, -link.likeness, link.one, link.two


class _Pieces:
    """Pieces of groups, joined link by link as long as a split can hold them."""

    def __init__(
        self, items: Iterable[Item], most: Mapping[str, int], earlier: Mapping[str, str]
    ) -> None:
        self._most = most
        self._parent: dict[str, str] = {}
        self._labels: dict[str, Counter[str]] = {}
        self._splits: dict[str, set[str]] = {}
        for item in items:
            self._labels[item.id] = Counter([item.label])
            self._splits[item.id] = {earlier[item.id]} if item.id in earlier else set()

    def name(self, picture: str) -> str:
        """The smallest id of the piece that a picture is in."""
        while (parent := self._parent.get(picture, picture)) != picture:
            self._parent[picture] = self._parent.get(parent, parent)
            picture = parent
        return picture

    def join(self, link: Link) -> None:
        one, two = sorted((self.name(link.one), self.name(link.two)))
        if one == two:
            return
        labels = self._labels.get(one, Counter()) + self._labels.get(two, Counter())
        splits = self._splits.get(one, set()) | self._splits.get(two, set())
        fits = all(number <= self._most[label] for label, number in labels.items())
        if link.confirmed or not link.compared or (fits and len(splits) <= 1):
            self._parent[two] = one
            self._labels[one], self._splits[one] = labels, splits


def _cuts(before: Iterable[Item], after: Iterable[Item], wanted: set[str]) -> tuple[CutGroup, ...]:
    together: dict[str, list[Item]] = defaultdict(list)
    for old, new in zip(before, after, strict=True):
        if old.group in wanted:
            together[old.group].append(new)
    cuts = [
        CutGroup(
            group,
            tuple(sorted({item.label for item in parts})),
            len(parts),
            len({item.group for item in parts}),
        )
        for group, parts in sorted(together.items())
    ]
    return tuple(cut for cut in cuts if cut.pieces > 1)
