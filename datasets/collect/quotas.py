"""How one limit is shared by several engines, so that content alone decides and not timing.

Pure. `parts` is the whole rule: what the engines that ended have given is taken off the limit,
and the rest is shared evenly by those that can still give. Asked again with the same ends, in
whatever order they came, it answers the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...scraper.models import Candidate


def parts(limit: int, engines: Sequence[str], ended: Mapping[str, int]) -> dict[str, int]:
    """Engine → how many candidates it is to give in all, for those that have not ended.

    `ended` holds what each ended engine has given; the first engines take the remainder.
    """
    going = [engine for engine in engines if engine not in ended]
    if not going:
        return {}
    rest = max(0, limit - sum(ended.values()))
    each, over = divmod(rest, len(going))
    return {engine: each + (place < over) for place, engine in enumerate(going)}


def taken(
    seen: Iterable[Candidate], quota: int, counts: Callable[[Candidate], bool]
) -> list[Candidate]:
    """The candidates that a quota takes: the best ranks, as far as the last one that counts.

    Those that do not count (left out by title, without any address) are taken along the way.
    """
    found: list[Candidate] = []
    full = 0
    for candidate in sorted(seen, key=lambda one: (one.rank, one.key)):
        if full >= quota:
            break
        found.append(candidate)
        full += counts(candidate)
    return found
