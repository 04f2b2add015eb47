"""Closer looks at pairs that the thumbs do not settle: the files themselves, at more pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .closer_look import CloseLook, compare_again, look_for_moments
from .edit_thresholds import REMADE
from .fine_print import prints_differ
from .pair_rules import (
    COLOURS,
    NOISE,
    PAINT,
    SMALL,
    STRANGE,
    TONES,
    WAYS,
    PairFacts,
    moments,
    only_marked,
    postponable,
    remakeable,
    strange,
    unmoved,
)
from .pair_rules import differences as differing
from .registration import corners, in_common, is_moved
from .remade import remade
from .residuals import again
from .thresholds import CLOSER, FINE_PRINT, GRAPHIC, PHOTO, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..arrays import Mask, Places
    from ..images.facts import Facts
    from .filters import Pixels
    from .pixel_source import PixelSource
    from .registration import Alignments
    from .residuals import Rows

    Words = NDArray[np.object_]

UNREAD = "the file could not be read for a closer look"
PIXELS_AT_ONCE = 64 * 64 * 64  # as many fit the caches of a core


class CloserLooks:
    """Looks at pairs of places in `facts`, laid over one another as the thumbs were."""

    def __init__(self, facts: Sequence[Facts], source: PixelSource) -> None:
        self._facts = facts
        self._source = source

    def small_parts(
        self, one: Places, two: Places, seen: Rows, way: Places
    ) -> tuple[Words, Mask, Alignments]:
        """What a look at more pixels finds different; empty where it finds nothing.

        Then the pairs of photographs in which nothing stands out at all: they need no closer look;
        and where at this many pixels the second lies in the first.
        """
        closer = seen["alignment"].copy()
        why, still = np.full(len(one), UNREAD, dtype=object), np.zeros(len(one), dtype=bool)
        for number, limits in enumerate(WAYS):
            block = max(1, PIXELS_AT_ONCE // limits.side**2)
            places = np.flatnonzero(way == number)
            for start in range(0, len(places), block):
                some = places[start : start + block]
                there, common, closer[some] = self._in_common(
                    one[some], two[some], limits.side, closer[some]
                )
                if not len(there):
                    continue
                at = some[there]
                near = compare_again(*common)
                loud = near["misfit"] > np.maximum(limits.loud, limits.stands_out * near["usual"])
                why[at] = np.where(loud & ~only_marked(near, 4 * limits.marks), SMALL, "")
                still[at] = near["still"] & (limits is PHOTO) & ~self._pristine(one[at], two[at])
        return why, still, closer

    def differences(
        self, one: Places, two: Places, seen: Rows, why: Words, way: Places
    ) -> tuple[Words, Mask]:
        """Why pairs are no copies at as many pixels as both have, and which are one moment."""
        why, moment = why.copy(), np.zeros(len(one), dtype=bool)
        sides = np.array(
            [self._side(*pair) for pair in zip(one.tolist(), two.tolist(), strict=True)], dtype=int
        )
        # by the thumbs, that is: what they do not show may be the trace of an edit (`remakeable`)
        sure = (why != "") & (why != SMALL) & postponable(seen, why, way)
        for side, no_copies in sorted(set(zip(sides.tolist(), sure.tolist(), strict=True))):
            places = np.flatnonzero((sides == side) & (sure == no_copies))
            block = max(1, PIXELS_AT_ONCE // side**2)
            for start in range(0, len(places), block):
                some = places[start : start + block]
                there, common, _ = self._in_common(one[some], two[some], side, seen["closer"][some])
                if not len(there):
                    continue
                at = some[there]
                if no_copies:
                    stirring = ~np.isin(why[at], (COLOURS, TONES, NOISE))
                    close = look_for_moments(*common, stirring)
                else:
                    pair = self._pair_facts(one[at], two[at], seen[at], way[at])
                    close, found = _seen_closely(common, pair, why[at] != "", side)
                    tinted = (found == PAINT) & (close["painted"] > CLOSER.painted)
                    tinted &= way[at] == WAYS.index(GRAPHIC)
                    before, why[at] = why[at], np.where((why[at] == "") | tinted, found, why[at])
                    may = at[remakeable(seen[at], close, before, why[at], pair.painted)]
                    why[may[self._remade(one[may], two[may])]] = ""
                moment[at] = moments(close, why[at], way[at])
                why[at[strange(seen[at], close, way[at])]] = STRANGE
        legible = (why == "") & (way == WAYS.index(GRAPHIC)) & unmoved(seen["closer"])
        for place in np.flatnonzero(legible).tolist():
            if self._prints_differ(int(one[place]), int(two[place]), int(sides[place])):
                why[place] = SMALL
        return why, moment

    def _prints_differ(self, one: int, two: int, side: int) -> bool:
        """Whether a drawn pair without other differences has one of a character or a stroke."""
        pair = self._source.at_smaller(one, two, side, FINE_PRINT.side)
        return pair is not None and prints_differ(*pair)

    def _remade(self, one: Places, two: Places) -> Mask:
        """Which pairs show nothing else once one of them is remade as the other was."""
        found = np.zeros(len(one), dtype=bool)
        for at, pair in enumerate(zip(one.tolist(), two.tolist(), strict=True)):
            first, second = (self._source.opened(place, REMADE.side) for place in pair)
            found[at] = first is not None and second is not None and remade(first, second)
        return found

    def _side(self, one: int, two: int) -> int:
        """Pixels a side that both pictures have, in steps of 8.

        A strip's are those of half its length: of a line of text its height alone says nothing.
        """
        facts = self._facts[one], self._facts[two]
        least = min(max(short, long / 2) for short, long in map(_sides, facts))
        return int(np.clip(8 * round(least / 8), CLOSER.least_side, CLOSER.side))

    def _shifted(self, one: Places, two: Places, seen: Rows) -> Mask:
        """Whether one shows a little more than the other: another cut of one scene."""
        ratios = []
        for pair in zip(one.tolist(), two.tolist(), strict=True):
            first, second = (self._facts[place] for place in pair)
            wider = first.width * second.height / (first.height * second.width)
            if first.width == first.height or second.width == second.height:
                wider = 1.0  # sites squeeze pictures into squares
            least = min(min(fact.width, fact.height) for fact in (first, second))
            ratios.append(max(0.0, 1 - min(wider, 1 / wider) - 1 / least))
        least_move, most_move = CLOSER.moved
        far = np.maximum(corners(seen["alignment"]), ratios)
        shifted: Mask = (far > least_move) & (far < most_move)
        return shifted

    def _on_dark(self, one: Places, way: Places) -> Mask:
        """Whether the plain ground is dark: a night, whose tones edits change, and no product."""
        dark = np.zeros(len(one), dtype=bool)
        for at in np.flatnonzero(way == WAYS.index(PRODUCT)).tolist():
            shown = self._source.thumb(int(one[at]))
            dark[at] = float(np.median(shown)) < CLOSER.bright_ground
        return dark

    def _pristine(self, one: Places, two: Places) -> Mask:
        """Whether both are JPEGs that have hardly lost anything."""
        qualities = [
            min((self._facts[place].jpeg_quality or 0) for place in pair)
            for pair in zip(one.tolist(), two.tolist(), strict=True)
        ]
        return np.array(qualities) >= CLOSER.pristine_quality

    def _pair_facts(self, one: Places, two: Places, seen: Rows, way: Places) -> PairFacts:
        pairs = [
            (self._facts[first], self._facts[second])
            for first, second in zip(one.tolist(), two.tolist(), strict=True)
        ]
        grays = np.array([first.gray != second.gray for first, second in pairs], dtype=bool)
        alike = [a.jpeg_quality == b.jpeg_quality is not None for a, b in pairs]
        same = [(a.width, a.height) == (b.width, b.height) for a, b in pairs]
        return PairFacts(
            self._shifted(one, two, seen),
            self._pristine(one, two),
            np.array(same, dtype=bool),
            np.array(alike, dtype=bool),
            way,
            np.where(grays | self._on_dark(one, way), WAYS.index(PHOTO), way),
        )

    def _in_common(
        self, one: Places, two: Places, side: int, alignments: Alignments
    ) -> tuple[Places, tuple[Pixels, Pixels], Alignments]:
        """The pairs whose files can be read, what both pictures of them show, squeezed to `side`.

        And where the second lies in the first, of all pairs. Windows are cut from the files: what
        is sampled from squeezed pixels differs along every edge, and that hides a thing of a few
        pixels.
        """
        alignments = self._again(one, two, side, alignments)
        moved = is_moved(alignments).tolist()
        there, shown = [], []
        for at, pair in enumerate(zip(one.tolist(), two.tolist(), strict=True)):
            if moved[at]:
                windows = in_common(alignments[at], 1 / side)
                some = [
                    self._source.cut(place, side, window)
                    for place, window in zip(pair, windows, strict=True)
                ]
            else:
                some = [self._source.closely(place, side) for place in pair]
            if all(pixels is not None for pixels in some):
                there.append(at)
                shown.append(some)
        pixels = np.array(shown, dtype=np.uint8).reshape(-1, 2, side, side, 3)
        first, second = pixels.swapaxes(0, 1).astype(np.float32, order="C")
        return np.array(there, dtype=np.int64), (first, second), alignments

    def _again(self, one: Places, two: Places, side: int, alignments: Alignments) -> Alignments:
        """Alignments of moved pairs, refined at `side` pixels where the files can be read."""
        alignments = alignments.copy()
        there, planes = [], []
        for at in np.flatnonzero(is_moved(alignments)).tolist():
            pair = int(one[at]), int(two[at])
            some = [self._source.closely(place, side, "L") for place in pair]
            if all(plane is not None for plane in some):
                there.append(at)
                planes.append(some)
        if there:
            first, second = np.array(planes).swapaxes(0, 1).astype(np.float32, order="C")
            alignments[there] = again(first, second, alignments[there])
        return alignments


def _seen_closely(
    common: tuple[Pixels, Pixels], pair: PairFacts, doubted: Mask, side: int
) -> tuple[Rows, Words]:
    """What pairs show up close, and what of it says that they are no copies."""
    look = CloseLook(*common, (pair.way > 0) | pair.pristine)
    look.tell(doubted)
    look.tell(differing(look.found, side, pair) != "")
    return look.found, differing(look.found, side, pair)


def _sides(fact: Facts) -> tuple[int, int]:
    """The shorter and the longer side, pixels."""
    return min(fact.width, fact.height), max(fact.width, fact.height)
