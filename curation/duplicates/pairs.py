"""Classifying pairs of pictures: a person's constraint first, then the pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..images.borders import WHOLE
from .candidates import BY_CROP, BY_DHASH, BY_PHASH, BY_TRIM, BY_TURN
from .closer_look import look_closely
from .coarse_screen import CoarseScreen
from .filters import detail
from .pair_result import Kind, PairResult
from .pair_rules import (
    COLOURS,
    SMALL,
    TONES,
    WAYS,
    corners,
    differences,
    moments,
    objections,
    only_marked,
)
from .pair_rules import likeness as likeness_of
from .prefilter import Prefilter, Screened
from .registration import IDENTITY, Alignment, cropped, over
from .residuals import compare, compare_again
from .thresholds import CLOSER, COARSE_SCREEN, PAIRS
from .turned import turned_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ..images.facts import Facts
    from .constraints import Constraints
    from .filters import Pixels
    from .pixel_source import PixelSource
    from .residuals import Rows

    Places = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.floating[Any]]


# Pairs that the prefilter has settled share one result: how far apart they are is never asked.
SETTLED = {
    Screened.ALIKE: PairResult(Kind.OTHER, 0.0, 255.0, "other colours or shapes"),
    Screened.OTHER: PairResult(Kind.OTHER, 0.0, 255.0, "other pictures"),
}
UNREAD = "the file could not be read for a closer look"
PIXELS_AT_ONCE = 64 * 64 * 64  # as many fit the caches of a core


class PairClassifier:
    """Classifies pairs of places in `facts` and remembers the results."""

    def __init__(
        self, facts: Sequence[Facts], source: PixelSource, constraints: Constraints
    ) -> None:
        self._facts = facts
        self._source = source
        self._constraints = constraints
        self._near: dict[tuple[int, int], NDArray[np.float64]] = {}
        self._found: dict[tuple[int, int], PairResult] = {}
        self._unscreened: dict[tuple[int, int], int] = {}
        self._forced: set[tuple[int, int]] = set()
        scores = [fact.scores for fact in facts]
        graphic = np.array([score.get("graphic", 0.0) for score in scores]) >= PAIRS.graphic
        plain = np.array([score.get("placeholder", 0.0) for score in scores]) >= PAIRS.plain_ground
        self._ways = np.where(graphic, 2, np.where(plain, 1, 0))
        self._coarse = CoarseScreen([fact.thumb for fact in facts], self._ways > 0)

    def low_information(self, places: Places) -> set[int]:
        """Blank ones among places, and smooth gradients: their hashes are noise."""
        doubtful = places[self._coarse.flat(places)].tolist()
        return {place for place in doubtful if detail(self._source.thumbs([place]))[0] < PAIRS.flat}

    def worth(self, one: Places, two: Places, reason: int) -> NDArray[np.bool_]:
        """Which candidates of one reason have to be looked at: the screen of `candidates`."""
        least = {BY_PHASH: COARSE_SCREEN.phash_match, BY_DHASH: COARSE_SCREEN.dhash_match}
        return self._coarse.open(one, two, least.get(reason))

    def looks(self, places: Sequence[int]) -> NDArray[np.uint8]:
        """What each of places shows: places x numbers, a few cells of brightness and colour."""
        return self._coarse.cells(np.array(places)).reshape(len(places), -1)

    def recall(self, pairs: Iterable[tuple[int, int, int, PairResult | None]]) -> None:
        """Pairs of an earlier run: places one < two, reasons, and the result where there is one."""
        for one, two, reasons, result in pairs:
            if result is None:
                self._unscreened[one, two] = reasons
            else:
                self._found[one, two] = result

    def measured(self, one: int, two: int) -> PairResult | None:
        """What the pixels of places one < two say; None where they were not asked or not read."""
        unread = not self._source.unread.isdisjoint((one, two))
        return None if unread else self._found.get((one, two))

    def forced(self, one: int, two: int) -> bool:
        """Whether places one < two were laid over one another for a person's constraint alone."""
        return (one, two) in self._forced

    def screen(self, one: Places, two: Places, reasons: NDArray[np.uint8]) -> None:
        """Settle what is clear among candidate pairs one < two of drawn things and products."""
        new = np.array(
            [key not in self._found for key in zip(one.tolist(), two.tolist(), strict=True)], bool
        )
        asked = np.flatnonzero(new & (np.maximum(self._ways[one], self._ways[two]) > 0))
        one, two, reasons = one[asked], two[asked], reasons[asked]
        prefilter = Prefilter(self._source.thumb, self._wide_starts)
        found, alignments = prefilter.screen(one, two, reasons, reasons & BY_TURN != 0)
        for place, key in enumerate(zip(one.tolist(), two.tolist(), strict=True)):
            screened = Screened(found[place])
            if screened is Screened.OPEN:
                self._near[key] = alignments[place]
            elif self._constraint(*key) is None:
                self._found[key] = SETTLED[screened]
            else:
                self._forced.add(key)

    def classify(self, one: int, two: int, reasons: int = 0) -> PairResult:
        """What places one < two are; `reasons` are those of candidates.py."""
        key = (one, two)
        if key not in self._found:
            self.classify_all([(one, two, reasons)])
        measured = self._found[key]
        constraint = self._constraint(one, two)
        if constraint is None:
            return measured
        kind = Kind.COPY if constraint else Kind.OTHER
        return PairResult(kind, float(constraint), measured.difference, "a person decided so")

    def classify_all(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        """Measure pairs (one, two, reasons) at once, for `classify` to find."""
        new = [pair for pair in pairs if pair[:2] not in self._found]
        unscreened = [pair for pair in new if self._unscreened.pop(pair[:2], None) is not None]
        if unscreened:  # of an earlier run: where the second lies in the first is not remembered
            one, two, reasons = np.array(unscreened).T
            self.screen(one, two, reasons.astype(np.uint8))
        for start in range(0, len(new), 64):
            some = new[start : start + 64]
            one, two, reasons = np.array(some).T
            for pair, result in zip(some, self._by_pixels(one, two, reasons), strict=True):
                self._found[pair[:2]] = self._exactly(*pair[:2], result)

    def _exactly(self, one: int, two: int, result: PairResult) -> PairResult:
        if result.kind is Kind.COPY and max(self._facts[one].frames, self._facts[two].frames) > 1:
            return replace(result, kind=Kind.MAYBE, why="only the first frames were compared")
        if result.kind is Kind.COPY and self._source.same_pixels(one, two):
            return replace(result, kind=Kind.EXACT)
        return result

    def known(self, one: int, two: int) -> bool:
        """Whether the pair has been classified already."""
        return (one, two) in self._found

    def _constraint(self, one: int, two: int) -> bool | None:
        return self._constraints.between(self._facts[one].sha256, self._facts[two].sha256)

    def _by_pixels(self, one: Places, two: Places, reasons: Places) -> list[PairResult]:
        first, second = self._source.thumbs(one.tolist()), self._source.thumbs(two.tolist())
        seen = self._compared(first, second, one, two, reasons)
        why = np.full(len(one), "", dtype=object)
        kind = np.full(len(one), Kind.COPY, dtype=object)
        likeness = likeness_of(seen)
        turned = (seen["match"] < PAIRS.review_match) & (reasons & BY_TURN != 0)
        at = np.flatnonzero(turned)
        if len(at):
            kind[at], likeness[at], why[at] = turned_pairs(first[at], second[at], seen[at])
        other = ~turned & (seen["match"] < PAIRS.loose_match)
        kind[other], likeness[other], why[other] = Kind.OTHER, 0.0, "other pictures"
        at = np.flatnonzero(~turned & ~other)
        way = np.maximum(self._ways[one[at]], self._ways[two[at]])
        why[at] = objections(seen[at], way)
        agreed = why[at] == ""
        why[at[agreed]] = self._closer(one[at[agreed]], two[at[agreed]], seen[at[agreed]],
                                       way[agreed])  # fmt: skip
        asked = (seen["match"] >= PAIRS.review_match) & (likeness >= PAIRS.review_likeness)
        worth = at[(why[at] == "") | (asked[at] & (seen["detail"][at] >= PAIRS.join_detail))]
        moment = np.zeros(len(one), dtype=bool)
        why[worth], moment[worth] = self._closest(one[worth], two[worth], seen[worth], why[worth])
        doubted = at[why[at] != ""]
        kind[doubted] = [
            _doubt(*row)
            for row in zip(
                moment[doubted],
                asked[doubted],
                seen["detail"][doubted],
                self._recoloured(why[doubted], seen[doubted]) & (way[why[at] != ""] > 0),
                strict=True,
            )
        ]
        copied = at[why[at] == ""]
        likeness[copied], why[copied] = 1.0, "confirmed"
        # rounded, so that a result is the same whether it was remembered or not
        numbers = (likeness.round(4).tolist(), seen["difference"].astype(float).round(2).tolist())
        return [PairResult(*row) for row in zip(kind, *numbers, why, strict=True)]

    @staticmethod
    def _recoloured(why: NDArray[np.object_], seen: Rows) -> NDArray[np.bool_]:
        """Whether drawn things of one outline have other colours, not only other compression."""
        named = (why == COLOURS) | (why == TONES)
        clear = (seen["chroma"] > PAIRS.faint) | (seen["difference"] > PAIRS.other_tone)
        recoloured: NDArray[np.bool_] = named & clear & ~seen["one_is_gray"]
        return recoloured

    def _compared(
        self, first: Pixels, second: Pixels, one: Places, two: Places, reasons: Places
    ) -> Rows:
        pairs = list(zip(one.tolist(), two.tolist(), reasons.tolist(), strict=True))
        near = [self._near.get(pair[:2]) for pair in pairs]
        return compare(
            first,
            second,
            [
                self._starts(*pair) if begun is None else ()
                for pair, begun in zip(pairs, near, strict=True)
            ],
            np.array([IDENTITY if begun is None else begun for begun in near]),
        )

    def _starts(self, one: int, two: int, reasons: int) -> tuple[Alignment, ...]:
        """Where to begin laying one over the other, given why the pair is looked at."""
        starts = [IDENTITY]
        if reasons & BY_CROP and not reasons & (BY_PHASH | BY_DHASH):
            starts += [crop for share in PAIRS.crops for crop in cropped(share, share)]
            first, second = (self._facts[place].trimmed for place in (one, two))
            wider = (first[0] * second[1]) / (first[1] * second[0])
            if wider > PAIRS.squared:
                starts += [cropped(1 / wider, 1)[0], cropped(1, 1 / wider)[1]]
            elif wider < 1 / PAIRS.squared:
                starts += [cropped(1, wider)[0], cropped(wider, 1)[1]]
        if reasons & BY_TRIM:
            starts.append(over(self._source.window(one), self._source.window(two)))
        return tuple(starts)

    def _wide_starts(self, one: int, two: int, reasons: int) -> tuple[Alignment, ...]:
        """The same for the prefilter: either picture may also be all that is within a border."""
        starts = self._starts(one, two, reasons)
        if not reasons & BY_TRIM:
            return starts
        windows = self._source.window(one), self._source.window(two)
        return (*starts, over(windows[0], WHOLE), over(WHOLE, windows[1]))

    def _closer(self, one: Places, two: Places, seen: Rows, way: Places) -> NDArray[np.object_]:
        """What a closer look finds different; empty where it finds nothing."""
        why = np.full(len(one), "", dtype=object)
        for number, limits in enumerate(WAYS):
            block = max(1, PIXELS_AT_ONCE // limits.side**2)
            places = np.flatnonzero(way == number)
            for start in range(0, len(places), block):
                some = places[start : start + block]
                why[some] = self._closely(one[some], two[some], seen[some], number)
        return why

    def _closely(self, one: Places, two: Places, seen: Rows, number: int) -> NDArray[np.object_]:
        why = np.full(len(one), UNREAD, dtype=object)
        limits = WAYS[number]
        at, first, second = self._looks(one, two, np.arange(len(one)), limits.side)
        if not len(at):
            return why
        near = compare_again(first, second, seen["alignment"][at])
        loud = near["misfit"] > np.maximum(limits.loud, limits.stands_out * near["usual"])
        why[at] = np.where(loud & ~only_marked(near, 4 * limits.marks), SMALL, "")
        return why

    def _closest(
        self, one: Places, two: Places, seen: Rows, why: NDArray[np.object_]
    ) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
        """Why pairs are no copies at as many pixels as both have, and which are one moment."""
        why, moment = why.copy(), np.zeros(len(one), dtype=bool)
        sides = np.array(
            [self._side(*pair) for pair in zip(one.tolist(), two.tolist(), strict=True)], dtype=int
        )
        for side in np.unique(sides).tolist():
            places = np.flatnonzero(sides == side)
            block = max(1, PIXELS_AT_ONCE // side**2)
            for start in range(0, len(places), block):
                at, first, second = self._looks(one, two, places[start : start + block], side)
                if not len(at):
                    continue
                close = look_closely(first, second, seen["alignment"][at])
                found = differences(
                    close, side, self._shifted(one[at], two[at], seen[at]),
                    self._pristine(one[at], two[at]),
                )  # fmt: skip
                why[at] = np.where(why[at] == "", found, why[at])
                moment[at] = moments(close, why[at])
        return why, moment

    def _side(self, one: int, two: int) -> int:
        """Pixels a side that both pictures have, in steps of 8."""
        facts = self._facts[one], self._facts[two]
        least = min(min(fact.width, fact.height) for fact in facts)
        return int(np.clip(8 * round(least / 8), CLOSER.least_side, CLOSER.side))

    def _shifted(self, one: Places, two: Places, seen: Rows) -> NDArray[np.bool_]:
        """Whether one shows a little more than the other: another cut of one scene."""
        ratios = []
        for pair in zip(one.tolist(), two.tolist(), strict=True):
            first, second = (self._facts[place] for place in pair)
            wider = first.width * second.height / (first.height * second.width)
            if first.width == first.height or second.width == second.height:
                wider = 1.0  # sites squeeze pictures into squares
            least = min(min(fact.width, fact.height) for fact in (first, second))
            ratios.append(max(0.0, abs(wider - 1) - 1 / least))
        least_move, most_move = CLOSER.moved
        far = np.maximum(corners(seen["alignment"]), ratios)
        shifted: NDArray[np.bool_] = (far > least_move) & (far < most_move)
        return shifted

    def _pristine(self, one: Places, two: Places) -> NDArray[np.bool_]:
        """Whether both are JPEGs of one size and of high quality."""
        pairs = zip(one.tolist(), two.tolist(), strict=True)
        facts = [(self._facts[first], self._facts[second]) for first, second in pairs]
        return np.array(
            [
                (first.width, first.height) == (second.width, second.height)
                and min(first.jpeg_quality or 0, second.jpeg_quality or 0)
                >= CLOSER.pristine_quality
                for first, second in facts
            ],
            dtype=bool,
        )

    def _looks(
        self, one: Places, two: Places, places: Places, side: int
    ) -> tuple[Places, Pixels, Pixels]:
        """The pairs among `places` whose files can be read, and their pixels."""
        there = [
            (place, first, second)
            for place in places.tolist()
            if (first := self._source.closely(int(one[place]), side)) is not None
            and (second := self._source.closely(int(two[place]), side)) is not None
        ]
        if not there:
            nothing = np.zeros((0, side, side, 3), dtype=np.float32)
            return np.zeros(0, dtype=np.int64), nothing, nothing
        at, ones, twos = zip(*there, strict=True)
        return np.array(at), np.stack(ones).astype(np.float32), np.stack(twos).astype(np.float32)


def _doubt(moment: bool, asked: bool, detail: float, other_colours: bool) -> Kind:
    """What a pair is that is no copy; drawn things of other colours are only alike in kind."""
    if moment:
        return Kind.MOMENT
    if other_colours or detail < PAIRS.join_detail:
        return Kind.OTHER
    return Kind.MAYBE if asked else Kind.LOOSE
