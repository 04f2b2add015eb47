"""Which of several copies is kept: a total order, so that file order never matters."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate, repeat
from operator import mul
from typing import TYPE_CHECKING

from .thresholds import BORDER_REST, CLIPPED_WHITE, QUALITY_STEPS, UNBORDERED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..images.facts import Facts

# Copies of the same size: formats that keep every pixel, then the good lossy ones; a palette
# (GIF) has thrown colours away whatever its size.
FORMAT_RANK = (
    dict.fromkeys(("png", "tiff", "bmp", "ppm", "psd"), 0)
    | dict.fromkeys(("jpeg", "webp", "avif", "heif", "jpeg2000"), 1)
    | dict.fromkeys(("ico", "dds"), 2)
    | {"gif": 3}
)


def rank(facts: Facts) -> tuple[int | str, ...]:
    """A key that sorts the best copy first.

    Palette pictures last; then pixels without borders (in steps of a tenth, so that a resave a
    pixel smaller is no loss), colour over gray, no border over one, format, JPEG quality in coarse
    steps (a number says what was saved last, not what was lost before), tones that are not driven
    into white or black, bytes, and the digest.
    """
    width, height = facts.trimmed
    return (
        *standing(facts),
        FORMAT_RANK.get(facts.format, 2),
        _loss(facts.jpeg_quality),
        1 if facts.scores.get("dark", 0.0) >= CLIPPED_WHITE else 0,
        -facts.bytes,
        -(width * height),
        facts.sha256,
    )


def standing(facts: Facts) -> tuple[int, ...]:
    """What makes a copy better or worse whatever it was saved as: equal for equal pictures."""
    width, height = facts.trimmed
    return (
        1 if facts.format == "gif" or facts.mode in {"P", "1"} else 0,
        -_steps(width * height),
        1 if facts.gray else 0,
        1 if _bordered(facts) else 0,
    )


def unframed(facts: Facts, keeper: Facts) -> bool:
    """Whether a picture is as good as a keeper, but for pixels that may be the keeper's border.

    What a border leaves along an edge, where it looks like the picture, makes it look larger.
    """
    if _bordered(facts) or not _bordered(keeper):
        return False
    (palette, _, gray, _), (its_palette, _, its_gray, _) = standing(facts), standing(keeper)
    area, most = (one.trimmed[0] * one.trimmed[1] for one in (facts, keeper))
    return palette <= its_palette and gray <= its_gray and area * BORDER_REST >= most


def _bordered(facts: Facts) -> bool:
    width, height = facts.trimmed
    return width * height < UNBORDERED * facts.width * facts.height


def _loss(quality: int | None) -> int:
    """How much compression shows: 0 hardly, 1 cannot be known, 2 some, 3 much."""
    if quality is None:
        return 1
    much, some = QUALITY_STEPS
    return 3 if quality < much else 2 if quality < some else 0


# 1.1, 1.1 squared and so on, beyond any picture's area.
_SIZES = tuple(accumulate(repeat(1.1, 400), mul))


def _steps(area: int) -> int:
    """The number of times 1.1 goes into `area`: sizes within a tenth count as equal."""
    return bisect_right(_SIZES, area)


def recentred(
    claims: Mapping[int, int],
    bridges: Iterable[tuple[int, int]],
    copies: Callable[[int, int], bool],
    standing: Callable[[int], object],
) -> dict[int, int]:
    """Claims (dropped place → keeper's) with families merged where one keeper fits them both.

    Of a sharpened, a plain and a blurred version, all of one size, format and quality, the
    sharpened has the most bytes and claims the plain one, but is no copy of the blurred. The plain
    one is of both: with it as the keeper one picture is kept instead of two.

    `bridges` are pairs of confirmed copies with different keepers. A keeper is replaced only by one
    of equal `standing` that is a confirmed copy of every picture in both families.
    """
    found = dict(claims)
    members: dict[int, list[int]] = defaultdict(list)
    for other, keeper in claims.items():
        members[keeper].append(other)
    for one, two in sorted(bridges):
        first, second = sorted((found.get(one, one), found.get(two, two)))
        if first == second:
            continue
        together = sorted((first, *members[first], second, *members[second]))
        for centre in together:
            if standing(centre) != standing(first):
                continue
            if all(copies(centre, other) for other in together if other != centre):
                for keeper in (first, second):
                    members.pop(keeper, None)
                found.pop(centre, None)
                members[centre] = [other for other in together if other != centre]
                found.update(dict.fromkeys(members[centre], centre))
                break
    return found


def adopted(
    claims: Mapping[int, int],
    pairs: Iterable[tuple[int, int]],
    copies: Callable[[int, int], bool],
    standing: Callable[[int], object],
) -> dict[int, int]:
    """Claims (dropped place → keeper's) with those of lone pictures that a new keeper fits.

    `pairs` are two kept pictures each. While a keeper was a member of a family, nothing was claimed
    for it. A better picture than the keeper, of another `standing`, stays.
    """
    found, keepers = dict(claims), set(claims.values())
    for one, two in sorted(pairs):
        if keepers.isdisjoint((one, two)) or one in found or two in found:
            continue
        lone, keeper = (one, two) if two in keepers else (two, one)
        lesser = keeper < lone or standing(lone) == standing(keeper)
        if lone not in keepers and lesser and copies(lone, keeper):
            found[lone] = keeper
    return found
