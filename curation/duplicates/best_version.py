"""Which version of a family the others can have been made from.

What is made from a picture has lost something: its frame's shape, its colours, its place in a
frame of another's. So versions are held against each other, not each against a number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .edit_thresholds import VERSIONS
from .keeper import rank, standing, unframed
from .residuals import pixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ..images.facts import Facts

    Looks = NDArray[np.uint8]


def better_versions(
    keeper: int,
    members: Sequence[int],
    facts: Sequence[Facts],
    looks: Looks,
    tagged: Callable[[int], bool],
) -> list[int]:
    """The pictures of a family that others were rather made from than from its keeper, best first.

    `facts` and `looks` (pictures x numbers: what each shows in a few cells, brightness first of
    three) are the family's, keeper first. `tagged` says whether a place's file still has a colour
    profile of its own, which edits and sites strip.
    """
    family = [keeper, *members]
    known = dict(zip(family, in_one_frame(facts, looks), strict=True))
    spoilt = {
        place: any(made_from(one, known[place], list(known.values())) for one in known.values())
        for place in family
    }

    def key(place: int) -> tuple[object, ...]:
        palette, *others = rank(known[place])
        return (palette, spoilt[place], *others)

    order = sorted(family, key=key)
    best = order[0]
    equal = [
        place
        for place in family
        if spoilt[place] == spoilt[best] and standing(known[place]) == standing(known[best])
    ]
    found = central(best, family, equal, looks) if len(family) > 2 and len(equal) > 1 else []
    if found and tagged(best):
        found = [place for place in found if tagged(place)]
    line = [*found, *order]  # the keeper may be the most central of its equals
    return line[: line.index(keeper)]


def in_one_frame(facts: Sequence[Facts], looks: Looks) -> list[Facts]:
    """Facts of versions that show the same window, all of them with as little border as one has.

    Where a picture is plain along its edges, each version's border is measured a little otherwise.
    """
    bright = looks.reshape(len(looks), -1, 3)[..., 0].astype(np.float64)
    flat = bright - bright.mean(1, keepdims=True)
    flat /= np.sqrt((flat**2).sum(1, keepdims=True)) + 1e-9
    alike = flat @ flat.T > VERSIONS.one_window
    shares = np.array([_area(fact) / (fact.width * fact.height) for fact in facts])
    found = []
    for fact, row in zip(facts, alike, strict=True):
        side = float(np.sqrt(max(shares[row], default=1.0)))
        found.append(replace(fact, trimmed=(round(fact.width * side), round(fact.height * side))))
    return found


def made_from(source: Facts, version: Facts, family: Sequence[Facts]) -> bool:
    """Whether a version is a source of about its size in a frame or out of its shape."""
    as_large = _area(source) * VERSIONS.size >= _area(version)
    return source is not version and (
        unframed(source, version)
        or evenly_framed(source, version)
        or (as_large and squeezed(source, version, family))
    )


def evenly_framed(source: Facts, version: Facts) -> bool:
    """Whether a version has the source's pixels and a plain frame as wide on all four sides."""
    across, down = version.width - source.width, version.height - source.height
    if abs(across - down) > 1 or not 2 <= across <= VERSIONS.widest * source.width:
        return False
    shown = pixels(version.thumb)
    lines = min(across / version.width, down / version.height) / 2 * len(shown)
    ring = np.concatenate([shown[0], shown[-1], shown[1:-1, 0], shown[1:-1, -1]])
    return lines >= VERSIONS.frame_lines and float(ring.std(0).max()) < VERSIONS.plain


def squeezed(source: Facts, version: Facts, family: Sequence[Facts]) -> bool:
    """Whether a version has another shape than most of its family, as the source has not.

    Where as many have the one as the other, sites squeeze pictures into squares.
    """
    if _of_one_shape(source, version):
        return False
    for_source = sum(_of_one_shape(source, one) for one in family)
    for_version = sum(_of_one_shape(version, one) for one in family)
    if for_source != for_version:
        return for_source > for_version
    return version.width == version.height


def _of_one_shape(one: Facts, two: Facts) -> bool:
    """Whether sides rounded to pixels may come of one shape."""
    apart = abs(one.width * two.height / (one.height * two.width) - 1)
    return apart <= VERSIONS.rounding / min(one.width, one.height, two.width, two.height)


def _area(fact: Facts) -> int:
    width, height = fact.trimmed
    return width * height


def central(best: int, family: Sequence[int], equal: Sequence[int], looks: Looks) -> list[int]:
    """Those of `equal` that the family lies nearer to than to `best`, nearest first.

    Of a photograph, its smaller copies and a brightened or stamped one the edited version lies
    apart from all others: in all cells or in a few, so the worst of them counts.
    """
    shown = looks.astype(np.float32)
    cost = {
        place: float(np.abs(shown - one).max(1).sum() / (len(family) - 1))
        for place, one in zip(family, shown, strict=True)
    }
    better = [place for place in equal if cost[place] < cost[best] - VERSIONS.central]
    return sorted(better, key=lambda place: (cost[place], place))
