"""The judgement on one pair: a person's word first, then the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..errors import Unreadable
from ..images.decode import decode
from ..images.facts import content_window
from ..images.hashes import WHOLE
from .candidates import BY_CROP, BY_DHASH, BY_PHASH, BY_TRIM, BY_TURN
from .filters import detail, luma
from .prefilter import Fate, Sieve
from .registration import IDENTITY, Placement, correlation, cropped, over
from .residuals import Comparison, compare, compare_again, pixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..images.facts import Facts
    from ..images.hashes import Window
    from .constraints import Opinions
    from .residuals import Pixels, Remainder

REMEMBERED = 4096  # pictures whose thumbs, and as many whose closer looks, are held open


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a copy may be from its keeper; see Comparison for what the numbers are."""

    side: int  # pixels a side of the closer look
    misfit: float  # on the thumbs, where the second had to be moved or scaled to fit
    misfit_as_is: float  # the same where both show the same window
    usual: float
    chroma: float
    hue: float
    loud: float  # misfit at the closer look ...
    stands_out: float  # ... or as many times its usual, whichever is more
    difference: float  # in a drawing another tone is another thing
    marks: int  # thumb blocks of the outer eighth that a watermark may cover


# Copies on record stay below a misfit of 0.5, sharpened ones of 0.6; pictures taken a second
# apart begin at 0.55 with a usual of 0.47. Heavily compressed copies reach a chroma of 20 and a
# hue of 0.7, parts painted over in another colour stay below 0.65.
PHOTO = Limits(128, 0.5, 0.62, 0.445, 22.0, 0.67, 0.75, 2.2, 255.0, 2)
# Things on a plain ground: most of the frame says nothing, so colour is judged more closely.
SHOWN = Limits(128, 0.5, 0.62, 0.445, 7.0, 0.85, 0.75, 2.2, 255.0, 1)
# Logos, labels, pages: all they are is a few edges, a word and a colour. Resaved ones
# stay below 0.72 at 192 pixels and a chroma of 2.5; another word begins at 0.83, another colour
# at 3.9.
DRAWN = Limits(192, 0.5, 0.5, 0.445, 3.4, 0.9, 0.78, 1.0, 35.0, 0)
PLAIN_GROUND = 0.5  # share of one tone from which on a picture is judged as shown
GRAPHIC = 0.15  # the check's score from which on a picture is judged as drawn
FAINT = 8.0  # levels of colour remainder that compression alone leaves: no hue is read in them
TINT = 16.0  # levels that all colours may shift together
MATCH = 0.88
LEAST_AREA, MOST_AREA = 0.6, 1.65  # a crop that shows less than this is another picture
MARKED_USUAL = 0.3  # how well the rest must fit where a watermark is forgiven

LOOSE_MATCH = 0.6  # correlation below which two pictures share nothing but a hash
REVIEW_MATCH, REVIEW_LIKENESS = 0.85, 0.2  # below, nobody needs to be asked
FLAT = 3.0  # levels of detail below which a picture has nothing that a hash could hold on to


class Kind(Enum):
    """What a pair is, from surely the same to surely not."""

    COPY = "copy"
    MAYBE = "maybe"
    LOOSE = "loose"  # alike enough to stay on one side of a split, not to ask a person
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One pair's kind, how like a copy it is (0-1), its worst difference and why."""

    kind: Kind
    likeness: float
    difference: float
    why: str


# Pairs that the sieve has settled share one judgement: nobody asks how far apart they are.
SETTLED = {
    Fate.ALIKE: Judgement(Kind.LOOSE, 0.0, 255.0, "other colours or shapes"),
    Fate.OTHER: Judgement(Kind.OTHER, 0.0, 255.0, "other pictures"),
}


class Judge:
    """Judges pairs of places in `facts`; opens thumbs and files once and remembers verdicts."""

    def __init__(
        self, facts: Sequence[Facts], read: Callable[[str], bytes], opinions: Opinions
    ) -> None:
        self._facts = facts
        self._read = read
        self._opinions = opinions
        self._thumbs: dict[int, NDArray[np.uint8]] = {}
        self._windows: dict[int, Window] = {}
        self._near: dict[tuple[int, int], Placement] = {}
        self._close: dict[tuple[int, int], NDArray[np.uint8] | None] = {}
        self._judged: dict[tuple[int, int], Judgement] = {}

    def is_low_information(self, place: int) -> bool:
        """Blank, or one smooth gradient: its hash is noise."""
        return detail(self._thumb(place)) < FLAT

    def sift(
        self, one: NDArray[np.int64], two: NDArray[np.int64], reasons: NDArray[np.uint8]
    ) -> None:
        """Settle at once what is clear among candidate pairs one < two of drawn or shown things."""
        everyone = range(len(self._facts))
        shown = np.array([self._limits(place, place) is not PHOTO for place in everyone])
        asked = np.flatnonzero(shown[one] | shown[two])
        one, two, reasons = one[asked], two[asked], reasons[asked]
        turned = reasons & BY_TURN != 0
        sieve = Sieve(self._thumb, self._wide_starts)
        fates, placements = sieve.sift(one, two, reasons, turned)
        for pair, fate in enumerate(fates.tolist()):
            first, second = int(one[pair]), int(two[pair])
            if fate == Fate.OPEN:
                self._near[first, second] = Placement(*placements[pair].tolist())
            elif self._opinions.said(self._facts[first].sha256, self._facts[second].sha256) is None:
                self._judged[first, second] = SETTLED[Fate(fate)]

    def judge(self, one: int, two: int, reasons: int = 0) -> Judgement:
        """The judgement on places one < two; `reasons` are those of candidates.py."""
        key = (one, two)
        if key not in self._judged:
            self._judged[key] = self._pixels_judge(one, two, reasons)
        measured = self._judged[key]
        said = self._opinions.said(self._facts[one].sha256, self._facts[two].sha256)
        if said is None:
            return measured
        kind = Kind.COPY if said else Kind.OTHER
        return Judgement(kind, float(said), measured.difference, "a person said so")

    def same_pixels(self, one: int, two: int) -> bool:
        """Whether both decode to the very same pixels (colour profile and metadata aside)."""
        first, second = self._facts[one], self._facts[two]
        if (first.width, first.height, first.fingerprints, first.thumb) != (
            second.width, second.height, second.fingerprints, second.thumb,
        ):  # fmt: skip
            return False
        try:
            pictures = [decode(self._read(fact.sha256), None).picture for fact in (first, second)]
        except (OSError, Unreadable):
            return False
        return pictures[0].size == pictures[1].size and (
            pictures[0].tobytes() == pictures[1].tobytes()
        )

    def _pixels_judge(self, one: int, two: int, reasons: int) -> Judgement:
        first, second = self._thumb(one), self._thumb(two)
        near = self._near.get((one, two))
        starts = (IDENTITY,) if near else self._starts(one, two, reasons)
        seen = compare(first, second, starts, near=near)
        if seen.match < REVIEW_MATCH and reasons & BY_TURN:
            return self._turned(first, second, seen)
        if seen.match < LOOSE_MATCH:
            return Judgement(Kind.OTHER, 0.0, seen.difference, "other pictures")
        limits = self._limits(one, two)
        why = _objection(seen, limits) or self._closer(one, two, seen, limits)
        if not why:
            return Judgement(Kind.COPY, 1.0, seen.difference, "verified")
        likeness = _likeness(seen)
        asked = seen.match >= REVIEW_MATCH and likeness >= REVIEW_LIKENESS
        kind = Kind.MAYBE if asked else Kind.LOOSE
        return Judgement(kind, likeness, seen.difference, why)

    def _starts(self, one: int, two: int, reasons: int) -> tuple[Placement, ...]:
        """Where to begin laying one over the other, given why the pair was looked at."""
        starts = [IDENTITY]
        if reasons & BY_CROP and not reasons & (BY_PHASH | BY_DHASH):
            starts += [crop for share in (0.82, 0.9) for crop in cropped(share, share)]
            first, second = (self._facts[place].trimmed for place in (one, two))
            wider = (first[0] * second[1]) / (first[1] * second[0])
            if wider > 1.08:
                starts += [cropped(1 / wider, 1)[0], cropped(1, 1 / wider)[1]]
            elif wider < 1 / 1.08:
                starts += [cropped(1, wider)[0], cropped(wider, 1)[1]]
        if reasons & BY_TRIM:
            starts.append(over(self._window(one), self._window(two)))
        return tuple(starts)

    def _wide_starts(self, one: int, two: int, reasons: int) -> tuple[Placement, ...]:
        """The same for the sieve: either picture may also be all that is within a border."""
        starts = self._starts(one, two, reasons)
        if not reasons & BY_TRIM:
            return starts
        return (*starts, over(self._window(one), WHOLE), over(WHOLE, self._window(two)))

    def _window(self, place: int) -> Window:
        if place not in self._windows:
            thumb = luma(self._thumb(place)).astype(np.uint8)
            self._windows[place] = content_window(thumb)
        return self._windows[place]

    def _turned(self, first: Pixels, second: Pixels, upright: Comparison) -> Judgement:
        """Mirrored and turned copies are for a person: a turn can change what is shown."""
        ones = np.ones(first.shape[:2], dtype=np.float32)
        likely = max(
            (np.ascontiguousarray(turn(second)) for turn in TURNS),
            key=lambda other: correlation(luma(first), luma(other), ones),
        )
        best = compare(first, likely)
        if best.match >= REVIEW_MATCH and not _objection(best, PHOTO):
            return Judgement(Kind.MAYBE, _likeness(best), upright.difference, "mirrored or turned")
        if max(best.match, upright.match) >= LOOSE_MATCH:
            return Judgement(Kind.LOOSE, _likeness(best) / 2, upright.difference, "alike turned")
        return Judgement(Kind.OTHER, 0.0, upright.difference, "other pictures")

    def _limits(self, one: int, two: int) -> Limits:
        facts = (self._facts[one], self._facts[two])
        if max(fact.scores.get("graphic", 0.0) for fact in facts) >= GRAPHIC:
            return DRAWN
        plain = max(fact.scores.get("placeholder", 0.0) for fact in facts) >= PLAIN_GROUND
        return SHOWN if plain else PHOTO

    def _closer(self, one: int, two: int, seen: Comparison, limits: Limits) -> str:
        """What a closer look finds different; empty where it finds nothing."""
        first, second = self._closely(one, limits.side), self._closely(two, limits.side)
        if first is None or second is None:
            return "the file could not be read for a closer look"
        near = compare_again(first.astype(np.float32), second.astype(np.float32), seen)
        loud = near.misfit > max(limits.loud, limits.stands_out * near.usual)
        if loud and not _only_marked(near, 4 * limits.marks):
            return "something small differs"
        return ""

    def _thumb(self, place: int) -> Pixels:
        if place not in self._thumbs:
            if len(self._thumbs) >= REMEMBERED:
                del self._thumbs[next(iter(self._thumbs))]
            self._thumbs[place] = pixels(self._facts[place].thumb).astype(np.uint8)
        return self._thumbs[place].astype(np.float32)

    def _closely(self, place: int, side: int) -> NDArray[np.uint8] | None:
        key = (place, side)
        if key not in self._close:
            if len(self._close) >= REMEMBERED:
                del self._close[next(iter(self._close))]
            self._close[key] = self._opened(place, side)
        return self._close[key]

    def _opened(self, place: int, side: int) -> NDArray[np.uint8] | None:
        try:
            picture = decode(self._read(self._facts[place].sha256), side).picture
        except (OSError, Unreadable):
            return None
        return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0))


TURNS: tuple[Callable[[Pixels], Pixels], ...] = (
    lambda picture: picture[:, ::-1],
    lambda picture: picture[::-1],
    lambda picture: picture[::-1, ::-1],
    lambda picture: picture.transpose(1, 0, 2),
    lambda picture: picture.transpose(1, 0, 2)[:, ::-1],
    lambda picture: picture.transpose(1, 0, 2)[::-1],
    lambda picture: picture.transpose(1, 0, 2)[::-1, ::-1],
)


def _objection(seen: Comparison, limits: Limits) -> str:
    """Why the thumbs alone forbid calling the pair a copy; empty where they do not."""
    most = limits.misfit_as_is if _as_is(seen.placement) else limits.misfit
    part = seen.misfit > most and not _only_marked(seen, limits.marks)
    turned_hue = seen.hue < limits.hue and seen.chroma > FAINT
    tinted = seen.tint > TINT and not seen.one_is_gray
    objections = (
        (seen.match < MATCH, "the shapes do not match"),
        (not LEAST_AREA <= seen.placement.area <= MOST_AREA, "one shows much more than the other"),
        (part, "a part differs"),
        (seen.usual > limits.usual, "much of it differs"),
        (seen.difference > limits.difference, "the tones differ"),
        (seen.chroma > limits.chroma or turned_hue or tinted, "the colours differ"),
    )
    return next((why for holds, why in objections if holds), "")


def _only_marked(seen: Comparison | Remainder, blocks: int) -> bool:
    """Whether all fits well but a few blocks at the edge: where sites put their names."""
    return seen.bad <= blocks and not seen.bad_within and seen.usual <= MARKED_USUAL


def _as_is(placement: Placement) -> bool:
    """Whether both pictures show the same window, give or take a pixel of the thumb."""
    corners = (
        placement.left,
        placement.top,
        placement.across + placement.left - 1,
        placement.down + placement.top - 1,
    )
    return max(abs(corner) for corner in corners) < 0.015


def _likeness(seen: Comparison) -> float:
    """0 to 1: how near a pair is to being called a copy."""
    part = max(seen.misfit / PHOTO.misfit, seen.usual / PHOTO.usual)
    return float(
        max(0.0, seen.match) / (1.0 + 0.25 * part**2 + (seen.chroma / PHOTO.chroma) ** 2 / 4)
    )
