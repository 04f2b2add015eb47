"""Classifying pairs of pictures: a person's constraint first, then the pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .candidates import BY_COLOUR, BY_TRIM, BY_TURN
from .closer_pairs import CloserLooks
from .coarse_screen import CoarseScreen
from .colour_prints import compared_by_colours
from .crowd_thresholds import CROWD
from .filters import detail, keep_freed_memory
from .pair_result import Kind, PairResult
from .pair_rules import (
    CUTS,
    PAINT,
    WAYS,
    doubts,
    objections,
    postponable,
    recoloured,
    two_cuts,
    unalterable,
)
from .pair_rules import likeness as likeness_of
from .prefilter import Prefilter, Screened
from .registration import IDENTITY
from .residuals import compare
from .screen_thresholds import FLAT_COLOURS
from .starts import Starts
from .thresholds import CLOSER, GRAPHIC, PAIRS, THUMB_SIDE
from .turned import turned_pairs
from .ways import Ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ..arrays import Mask, Places
    from ..images.facts import Facts
    from .constraints import Constraints
    from .filters import Pixels
    from .pixel_source import PixelSource
    from .residuals import Rows


EQUAL = PairResult(Kind.EXACT, 1.0, 0.0, "confirmed")

# Pairs that the prefilter has settled share one result: how far apart they are is never asked.
SETTLED = {
    Screened.ALIKE: PairResult(Kind.OTHER, 0.0, 255.0, "other colours or shapes"),
    Screened.OTHER: PairResult(Kind.OTHER, 0.0, 255.0, "other pictures"),
}


class PairClassifier:
    """Classifies pairs of places in `facts` and remembers the results."""

    def __init__(
        self,
        facts: Sequence[Facts],
        source: PixelSource,
        constraints: Constraints,
        *,
        postpone: bool = True,
    ) -> None:
        """Without `postpone` no closer look waits, and no pair is a Kind.DOUBT."""
        keep_freed_memory()
        self._facts = facts
        self._source = source
        self._looks = CloserLooks(facts, source)
        self._constraints = constraints
        self._near: dict[tuple[int, int], NDArray[np.float64]] = {}
        self._found: dict[tuple[int, int], PairResult] = {}
        self._postpone = postpone
        self._laid: dict[tuple[int, int], Rows] = {}  # what the thumbs of doubts have shown
        self._unscreened: dict[tuple[int, int], int] = {}
        self._forced: set[tuple[int, int]] = set()
        self._ways = Ways(facts)
        self._starts = Starts(facts, source)
        self._dhash = np.array([fact.fingerprints.get("dhash", 0) for fact in facts], np.uint64)
        self._coarse = CoarseScreen([fact.thumb for fact in facts], self._ways)

    def low_information(self, places: Places) -> set[int]:
        """Blank ones among places, and smooth gradients: their hashes are noise."""
        doubtful = places[self._coarse.flat(places)].tolist()
        return {place for place in doubtful if detail(self._source.thumbs([place]))[0] < PAIRS.flat}

    def worth(self, one: Places, two: Places, reason: int) -> NDArray[np.bool_]:
        """Which candidates of one reason have to be looked at: the screen of `candidates`."""
        if reason == BY_COLOUR:  # few, and alike in nothing that the screen sees
            return np.ones(len(one), dtype=bool)
        return self._coarse.worth(one, two, reason, self._dhash)

    @property
    def drawn(self) -> Mask:
        """The pictures, by place, whose colours the screen judges closely."""
        return self._ways[np.arange(len(self._facts))]

    def looks(self, places: Sequence[int]) -> NDArray[np.uint8]:
        """What each of places shows: places x numbers, a few cells of brightness and colour."""
        return self._coarse.cells(np.array(places)).reshape(len(places), -1)

    def tagged(self, place: int) -> bool:
        """Whether a place's file says by a profile of its own what its colours are."""
        opened = self._source.opened(place, THUMB_SIDE)
        return opened is not None and opened.profile is not None

    def readable(self, places: Sequence[int]) -> bool:
        """Whether every file of places that was asked for could be read."""
        return self._source.unread.isdisjoint(places)

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
        new &= reasons != BY_COLOUR
        asked = np.flatnonzero(new & (self._ways[one] | self._ways[two]))
        one, two, reasons = one[asked], two[asked], reasons[asked]
        prefilter = Prefilter(self._source.thumb, self._starts.wide)
        found, alignments = prefilter.screen(one, two, reasons, reasons & BY_TURN != 0)
        for place, key in enumerate(zip(one.tolist(), two.tolist(), strict=True)):
            screened = Screened(found[place])
            if screened is Screened.OPEN:
                self._near[key] = alignments[place]
            elif self._constraint(*key) is None:
                self._found[key] = SETTLED[screened]
            else:
                self._forced.add(key)

    def classify(self, one: int, two: int, reasons: int = 0, *, closely: bool = True) -> PairResult:
        """What places one < two are; `reasons` are those of candidates.py.

        Not looked at `closely`, what its thumbs show to be no copy may stay a Kind.DOUBT.
        """
        key = (one, two)
        if not self.known(one, two, closely=closely):
            self.classify_all([(one, two, reasons)], closely=closely)
        measured = self._found[key]
        constraint = self._constraint(one, two)
        if constraint is None:
            return measured
        kind = Kind.COPY if constraint else Kind.OTHER
        return PairResult(kind, float(constraint), measured.difference, "a person decided so")

    def classify_all(self, pairs: Sequence[tuple[int, int, int]], *, closely: bool = True) -> None:
        """Measure pairs (one, two, reasons) at once, for `classify` to find."""
        new = [pair for pair in pairs if not self.known(*pair[:2], closely=closely)]
        unscreened = [pair for pair in new if self._unscreened.pop(pair[:2], None) is not None]
        if unscreened:  # of an earlier run: where the second lies in the first is not remembered
            one, two, reasons = np.array(unscreened).T
            self.screen(one, two, reasons.astype(np.uint8))
        unequal = []
        for pair in new:  # equal pixels need no closer look
            if self._source.same_pixels(*pair[:2]):
                self._keep(*pair[:2], EQUAL)
            elif pair[2] == BY_COLOUR:
                self._keep(*pair[:2], compared_by_colours(*map(self._source.thumb, pair[:2])))
            else:
                unequal.append(pair)
        for start in range(0, len(unequal), 64):
            some = unequal[start : start + 64]
            one, two, reasons = np.array(some).T
            found = self._by_pixels(one, two, reasons, closely=closely)
            for pair, result in zip(some, found, strict=True):
                self._keep(*pair[:2], result)

    def _keep(self, one: int, two: int, result: PairResult) -> None:
        frames = max(self._facts[one].frames, self._facts[two].frames)
        if frames > 1 and result.kind in (Kind.COPY, Kind.EXACT):
            result = replace(result, kind=Kind.MAYBE, why="only the first frames were compared")
        self._found[one, two] = result
        if result.kind is not Kind.DOUBT:
            self._laid.pop((one, two), None)

    def unlike(self, one: Places, two: Places) -> Mask:
        """Which pairs' thumbs differ widely, as well as they can be laid over one another.

        Versions, cuts and frames of one scene fit in most parts, whatever has changed in the rest.
        """
        found: Mask = np.zeros(len(one), dtype=bool)
        for start in range(0, len(one), 64):
            some = slice(start, start + 64)
            first, second = (self._source.thumbs(places[some].tolist()) for places in (one, two))
            as_they_lie = np.tile(np.array(IDENTITY), (len(first), 1))
            seen = compare(first, second, [(IDENTITY,)] * len(first), as_they_lie)
            found[some] = seen["bad"] >= CROWD.unlike
        return found

    def known(self, one: int, two: int, *, closely: bool = False) -> bool:
        """Whether the pair has been classified already."""
        result = self._found.get((one, two))
        closely = closely or not self._postpone
        return result is not None and not (closely and result.kind is Kind.DOUBT)

    def _constraint(self, one: int, two: int) -> bool | None:
        return self._constraints.between(self._facts[one].sha256, self._facts[two].sha256)

    def _by_pixels(
        self, one: Places, two: Places, reasons: Places, *, closely: bool
    ) -> list[PairResult]:
        first, second = self._source.thumbs(one.tolist()), self._source.thumbs(two.tolist())
        seen = self._compared(first, second, one, two, reasons)
        why = np.full(len(one), "", dtype=object)
        kind = np.full(len(one), Kind.COPY, dtype=object)
        likeness = likeness_of(seen)
        # turned and mirrored pictures: by rules of their own
        turned = (seen["match"] < PAIRS.review_match) & (reasons & BY_TURN != 0)
        at = np.flatnonzero(turned)
        if len(at):
            kind[at], likeness[at], why[at] = turned_pairs(first[at], second[at], seen[at])
        # too unlike for anything else
        other = ~turned & (seen["match"] < PAIRS.loose_match)
        kind[other], likeness[other], why[other] = Kind.OTHER, 0.0, "other pictures"
        # why the rest may be no copies: by the thumbnails …
        at = np.flatnonzero(~turned & ~other)
        ways = self._ways.of(one), self._ways.of(two)
        way_of = np.maximum(*ways)
        way = way_of[at]
        why[at] = objections(seen[at], way)
        # what a border covers is no part of what is shown
        cuts = two_cuts(seen["alignment"][at]) & (reasons[at] & BY_TRIM == 0)
        why[at[(why[at] == "") & cuts]] = CUTS
        why[at[self._drawn_anew(one[at], two[at], seen[at], way)]] = PAINT
        # … by the small parts of those that nothing speaks against …
        agreed = why[at] == ""
        near, still = at[agreed], np.zeros(len(one), dtype=bool)
        why[near], still[near], seen["closer"][near] = self._looks.small_parts(
            one[near], two[near], seen[near], way[agreed]
        )
        # … and by the closer look at files, where that may change anything
        asked = (seen["match"] >= PAIRS.review_match) & (likeness >= PAIRS.review_likeness)
        alike = asked[at] & (seen["detail"][at] >= PAIRS.join_detail) & (why[at] != PAINT)
        doubtful = alike & (why[at] != "") & ~unalterable(seen[at], why[at], way)
        late = doubtful & ~agreed & postponable(seen[at], why[at], way)
        late &= self._postpone and not closely
        worth = at[((why[at] == "") & ~still[at]) | (doubtful & ~late)]
        moment = np.zeros(len(one), dtype=bool)
        why[worth], moment[worth] = self._looks.differences(
            one[worth], two[worth], seen[worth], why[worth], way_of[worth]
        )
        # what something speaks against is a doubt of some kind, the others are copies
        doubted = at[why[at] != ""]
        grained = self._ways.cut_out(one) & self._ways.cut_out(two)
        grained &= seen["detail"] >= FLAT_COLOURS.grain_match
        # driving tones into white makes a photograph look drawn; no edit does the reverse
        recolours = recoloured(seen, why, np.minimum(*ways)) & ~grained
        kind[doubted] = doubts(*(some[doubted] for some in (seen, why, moment, asked, recolours)))
        kind[at[late]] = Kind.DOUBT
        for place in at[late].tolist():
            self._laid[int(one[place]), int(two[place])] = seen[place : place + 1].copy()
        copied = at[why[at] == ""]
        likeness[copied], why[copied] = 1.0, "confirmed"
        # rounded, so that a result is the same whether it was remembered or not
        numbers = (likeness.round(4).tolist(), seen["difference"].astype(float).round(2).tolist())
        return [PairResult(*row) for row in zip(kind, *numbers, why, strict=True)]

    def _drawn_anew(self, one: Places, two: Places, seen: Rows, way: Places) -> NDArray[np.bool_]:
        """Whether the thumbs alone show that much of a drawing has another tone."""
        anew = (way == WAYS.index(GRAPHIC)) & (seen["painted"] > CLOSER.painted)
        anew &= seen["level"] > CLOSER.thumb_level
        for place in np.flatnonzero(anew).tolist():  # a gray copy has lost its tones
            grays = (self._facts[int(some[place])].gray for some in (one, two))
            anew[place] = next(grays) == next(grays)
        drawn_anew: NDArray[np.bool_] = anew
        return drawn_anew

    def _compared(
        self, first: Pixels, second: Pixels, one: Places, two: Places, reasons: Places
    ) -> Rows:
        pairs = list(zip(one.tolist(), two.tolist(), reasons.tolist(), strict=True))
        laid = [self._laid[pair[:2]] for pair in pairs if pair[:2] in self._laid]
        if len(laid) == len(pairs):
            return np.concatenate(laid)
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
