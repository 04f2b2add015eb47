"""Another keeper of equal standing, where that one is a copy of more.

Of a sharpened, a plain and a blurred version, all of one size, format and quality, the sharpened
has the most bytes and claims the plain one, but is no copy of the blurred. The plain one is of
both: with it as the keeper one picture is kept instead of two.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def recentred(
    claims: Mapping[int, int],
    bridges: Iterable[tuple[int, int]],
    copies: Callable[[int, int], bool],
    standing: Callable[[int], object],
) -> dict[int, int]:
    """Claims (dropped place → keeper's) with families merged where one keeper fits them both.

    `bridges` are pairs of verified copies with different keepers. A keeper is replaced only by one
    of equal `standing` that is a verified copy of every picture in both families.
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
