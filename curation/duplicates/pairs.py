"""What a pair of pictures is: a person's constraint first, then the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from ..images.borders import WHOLE
from .candidates import BY_CROP, BY_DHASH, BY_PHASH, BY_TRIM, BY_TURN
from .filters import detail, luma
from .prefilter import Prefilter, Screened, unmoved
from .registration import IDENTITY, Alignment, correlation, cropped, over
from .residuals import compare, compare_again
from .thresholds import GRAPHIC, PAIRS, PHOTO, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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


class Kind(Enum):
    """What a pair is, from surely the same to surely not."""

    COPY = "copy"
    MAYBE = "maybe"
    LOOSE = "loose"  # alike enough to stay in one split, not to ask a person
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PairResult:
    """One pair's kind, how like a copy it is (0-1), its worst difference and why."""

    kind: Kind
    likeness: float
    difference: float
    why: str


# Pairs that the prefilter has settled share one result: nobody asks how far apart they are.
SETTLED = {
    Screened.ALIKE: PairResult(Kind.LOOSE, 0.0, 255.0, "other colours or shapes"),
    Screened.OTHER: PairResult(Kind.OTHER, 0.0, 255.0, "other pictures"),
}
KINDS = (PHOTO, PRODUCT, GRAPHIC)  # ways to judge a pair; a pair's is a place in here
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
        scores = [fact.scores for fact in facts]
        graphic = np.array([score.get("graphic", 0.0) for score in scores]) >= PAIRS.graphic
        plain = np.array([score.get("placeholder", 0.0) for score in scores]) >= PAIRS.plain_ground
        self._ways = np.where(graphic, 2, np.where(plain, 1, 0))

    def low_information(self) -> set[int]:
        """Blank ones, and smooth gradients: their hashes are noise."""
        low: set[int] = set()
        for start in range(0, len(self._facts), 64):
            some = range(start, min(start + 64, len(self._facts)))
            flat = detail(self._source.thumbs(some)) < PAIRS.flat
            low.update(start + place for place in np.flatnonzero(flat).tolist())
        return low

    def screen(self, one: Places, two: Places, reasons: NDArray[np.uint8]) -> None:
        """Settle what is clear among candidate pairs one < two of drawn things and products."""
        asked = np.flatnonzero(np.maximum(self._ways[one], self._ways[two]) > 0)
        one, two, reasons = one[asked], two[asked], reasons[asked]
        prefilter = Prefilter(self._source.thumb, self._wide_starts)
        found, alignments = prefilter.screen(one, two, reasons, reasons & BY_TURN != 0)
        for place, key in enumerate(zip(one.tolist(), two.tolist(), strict=True)):
            screened = Screened(found[place])
            if screened is Screened.OPEN:
                self._near[key] = alignments[place]
            elif self._constraint(*key) is None:
                self._found[key] = SETTLED[screened]

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
        return PairResult(kind, float(constraint), measured.difference, "a person said so")

    def classify_all(self, pairs: Sequence[tuple[int, int, int]]) -> None:
        """Measure pairs (one, two, reasons) at once, for `classify` to find."""
        new = [pair for pair in pairs if pair[:2] not in self._found]
        for start in range(0, len(new), 64):
            some = new[start : start + 64]
            one, two, reasons = np.array(some).T
            for pair, result in zip(some, self._by_pixels(one, two, reasons), strict=True):
                self._found[pair[:2]] = result

    def _constraint(self, one: int, two: int) -> bool | None:
        return self._constraints.between(self._facts[one].sha256, self._facts[two].sha256)

    def _by_pixels(self, one: Places, two: Places, reasons: Places) -> list[PairResult]:
        first, second = self._source.thumbs(one.tolist()), self._source.thumbs(two.tolist())
        seen = self._compared(first, second, one, two, reasons)
        why = np.full(len(one), "", dtype=object)
        kind = np.full(len(one), Kind.COPY, dtype=object)
        likeness = _likeness(seen)
        turned = (seen["match"] < PAIRS.review_match) & (reasons & BY_TURN != 0)
        at = np.flatnonzero(turned)
        if len(at):
            kind[at], likeness[at], why[at] = _turned(first[at], second[at], seen[at])
        other = ~turned & (seen["match"] < PAIRS.loose_match)
        kind[other], likeness[other], why[other] = Kind.OTHER, 0.0, "other pictures"
        at = np.flatnonzero(~turned & ~other)
        way = np.maximum(self._ways[one[at]], self._ways[two[at]])
        why[at] = _objections(seen[at], way)
        agreed = why[at] == ""
        why[at[agreed]] = self._closer(one[at[agreed]], two[at[agreed]], seen[at[agreed]],
                                       way[agreed])  # fmt: skip
        doubted = at[why[at] != ""]
        asked = (seen["match"] >= PAIRS.review_match) & (likeness >= PAIRS.review_likeness)
        kind[doubted] = [Kind.MAYBE if ask else Kind.LOOSE for ask in asked[doubted]]
        copied = at[why[at] == ""]
        likeness[copied], why[copied] = 1.0, "confirmed"
        return [
            PairResult(*row)
            for row in zip(kind, likeness.tolist(), seen["difference"].tolist(), why, strict=True)
        ]

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
        for number, limits in enumerate(KINDS):
            block = max(1, PIXELS_AT_ONCE // limits.side**2)
            places = np.flatnonzero(way == number)
            for start in range(0, len(places), block):
                some = places[start : start + block]
                why[some] = self._closely(one[some], two[some], seen[some], number)
        return why

    def _closely(self, one: Places, two: Places, seen: Rows, number: int) -> NDArray[np.object_]:
        why = np.full(len(one), "the file could not be read for a closer look", dtype=object)
        limits = KINDS[number]
        looks = [
            [self._source.closely(place, limits.side) for place in places.tolist()]
            for places in (one, two)
        ]
        there = [
            (place, one, two)
            for place, (one, two) in enumerate(zip(*looks, strict=True))
            if one is not None and two is not None
        ]
        if not there:
            return why
        places, ones, twos = zip(*there, strict=True)
        at = np.array(places)
        first, second = (np.stack(some).astype(np.float32) for some in (ones, twos))
        near = compare_again(first, second, seen["alignment"][at])
        loud = near["misfit"] > np.maximum(limits.loud, limits.stands_out * near["usual"])
        why[at] = np.where(
            loud & ~_only_marked(near, 4 * limits.marks), "something small differs", ""
        )
        return why


TURNS: tuple[Callable[[Pixels], Pixels], ...] = (
    lambda pictures: pictures[:, :, ::-1],
    lambda pictures: pictures[:, ::-1],
    lambda pictures: pictures[:, ::-1, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3),
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, :, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, ::-1],
    lambda pictures: pictures.transpose(0, 2, 1, 3)[:, ::-1, ::-1],
)


def _turned(first: Pixels, second: Pixels, upright: Rows) -> tuple[list[Kind], Floats, list[str]]:
    """Mirrored and turned copies are for a person: a turn can change what is shown."""
    gray = luma(first)
    ones = np.ones_like(gray)
    turned = [turn(second) for turn in TURNS]
    likely = np.argmax([correlation(gray, luma(other), ones) for other in turned], axis=0)
    chosen = np.stack([turned[turn][pair] for pair, turn in enumerate(likely.tolist())])
    starts = [(IDENTITY,)] * len(first)
    best = compare(first, chosen, starts, np.tile(np.array(IDENTITY), (len(first), 1)))
    likeness = _likeness(best)
    fits = _objections(best, np.zeros(len(best), dtype=np.int64)) == ""
    asked = (best["match"] >= PAIRS.review_match) & fits
    alike = np.maximum(best["match"], upright["match"]) >= PAIRS.loose_match
    kinds = [
        Kind.MAYBE if ask else Kind.LOOSE if like else Kind.OTHER
        for ask, like in zip(asked, alike, strict=True)
    ]
    words = {Kind.MAYBE: "mirrored or turned", Kind.LOOSE: "alike turned",
             Kind.OTHER: "other pictures"}  # fmt: skip
    likeness = np.where(asked, likeness, np.where(alike, likeness / 2, 0.0))
    return kinds, likeness, [words[kind] for kind in kinds]


def _objections(seen: Rows, way: Places) -> NDArray[np.object_]:
    """Why the thumbs alone forbid calling each pair a copy; empty where they do not."""

    def limit(name: str) -> Floats:
        return np.array([getattr(limits, name) for limits in KINDS])[way]

    still = unmoved(seen["alignment"])
    most = np.where(still, limit("misfit_as_is"), limit("misfit"))
    area = seen["alignment"][:, 0] * seen["alignment"][:, 2]
    turned_hue = (seen["hue"] < limit("hue")) & (seen["chroma"] > PAIRS.faint)
    tinted = (seen["tint"] > PAIRS.tint) & ~seen["one_is_gray"]
    objections = {
        "the shapes do not match": seen["match"] < PAIRS.match,
        "one shows much more than the other": (area < PAIRS.areas[0]) | (area > PAIRS.areas[1]),
        "a part differs": (seen["misfit"] > most) & ~_only_marked(seen, limit("marks")),
        "much of it differs": seen["usual"] > limit("usual"),
        "the tones differ": seen["difference"] > limit("difference"),
        "the colours differ": (seen["chroma"] > limit("chroma")) | turned_hue | tinted,
    }
    why = np.full(len(seen), "", dtype=object)
    for reason, holds in reversed(objections.items()):
        why[holds] = reason
    return why


def _only_marked(seen: Rows, blocks: Floats | int) -> Mask:
    """Whether all fits well but a few blocks at the edge: where sites put their names."""
    few = (seen["bad"] <= blocks) & (seen["bad_within"] == 0)
    marked: Mask = few & (seen["usual"] <= PAIRS.marked_usual)
    return marked


def _likeness(seen: Rows) -> Floats:
    """0 to 1: how near a pair is to being called a copy."""
    part = np.maximum(seen["misfit"] / PHOTO.misfit, seen["usual"] / PHOTO.usual)
    chroma = (seen["chroma"] / PHOTO.chroma) ** 2 / 4
    likeness: Floats = np.maximum(0.0, seen["match"]) / (1.0 + 0.25 * part**2 + chroma)
    return likeness
