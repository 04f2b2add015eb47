"""Why these are copies and those are not: distances, expected false pairs, pairs at the border.

`explain_report` writes an Explanation as text or HTML.

The hash only proposes; pixels decide. So a radius is a question of work, not of truth: how many
pairs have to be looked at, and how many of them are unrelated. `explain` answers it from the
folder's own distances, and from those of 14 million pairs of real photographs for a folder that is
too small to say anything by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..images.hashes import to_array
from .thresholds import PHASH_RADIUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..images.facts import Facts
    from .results import Families

RADII: Final = (4, 6, 8, 10, 12, 14)
SAMPLE: Final = 20_000  # pictures whose distances are measured; more would only take longer
ENOUGH: Final = 300  # unrelated pairs in the bulk below which a folder's own curve says nothing

# False pairs per pair compared, by radius: 5,317 real photographs (14.13 million pairs; in the same
# classes, so harder than chance), pairs at or within the radius that do not show the same.
REFERENCE: Final[dict[int, float]] = {
    4: 1 / 14.13e6,
    6: 4 / 14.13e6,
    8: 7 / 14.13e6,
    10: 36 / 14.13e6,
    12: 161 / 14.13e6,
    14: 856 / 14.13e6,
}


@dataclass(frozen=True, slots=True)
class Radius:
    """What a pHash radius would propose.

    `pairs` of this folder lie within it. `low` and `high` bound how many of them are expected to
    be chance (the bulk of unrelated pairs carried on towards small distances: bending on as it
    does, or straight); `per_10k` is the reference for 10,000 real photographs.
    """

    bits: int
    pairs: int
    low: float
    high: float
    per_10k: float


@dataclass(frozen=True, slots=True)
class ShownPair:
    """One pair of a border: its distances, and what it is ("copy", "moment", "maybe", "other")."""

    left: Facts
    right: Facts
    verdict: str
    phash: int
    dhash: int
    difference: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The distances of a set of pictures, and the pairs on either side of the border.

    `nearest` counts pictures by the pHash distance to their nearest other picture (even numbers:
    a median hash has as many ones as zeros). `own_curve` says whether the expected false pairs
    come from these pictures or, for want of them, from the reference. `used` is the radius within
    which pHash proposes a pair.
    """

    pictures: int
    sampled: int
    nearest: Mapping[int, int]
    radii: tuple[Radius, ...]
    own_curve: bool
    border: tuple[ShownPair, ...]
    names: Mapping[str, str]
    read: Callable[[str], bytes] | None = None
    used: int = PHASH_RADIUS

    def name(self, facts: Facts) -> str:
        """Return what a picture is called: its path where one is known, else its digest."""
        return self.names.get(facts.sha256, facts.sha256[:16])

    def to_json(self) -> dict[str, Any]:
        """Return everything but the pictures as one JSON object."""
        return {
            "pictures": self.pictures,
            "sampled": self.sampled,
            "nearest": {str(bits): count for bits, count in self.nearest.items()},
            "own_curve": self.own_curve,
            "used_radius": self.used,
            "radii": [
                {
                    "phash": one.bits,
                    "pairs": one.pairs,
                    "expected_false": [round(one.low, 3), round(one.high, 3)],
                    "expected_false_per_10k_photos": round(one.per_10k, 1),
                }
                for one in self.radii
            ],
            "border": [
                {
                    "keeper": self.name(pair.left),
                    "other": self.name(pair.right),
                    "verdict": pair.verdict,
                    "phash": pair.phash,
                    "dhash": pair.dhash,
                    "difference": round(pair.difference, 3),
                    **({"why": pair.why} if pair.why else {}),
                }
                for pair in self.border
            ],
        }


def explain(
    facts: Sequence[Facts],
    families: Families,
    *,
    names: Mapping[str, str] | None = None,
    read: Callable[[str], bytes] | None = None,
    pairs: int = 12,
) -> Explanation:
    """Explain the families that were found among `facts`.

    `names` maps digests to what a person calls the pictures. `read` gives a digest's bytes, for
    pictures larger than the thumbs on the HTML page. `pairs` is how many are shown from each side
    of the border.
    """
    unique = sorted({fact.sha256: fact for fact in facts}.values(), key=lambda one: one.sha256)
    low = set(families.low_information)
    hashed = [fact for fact in unique if fact.sha256 not in low]
    hashes = to_array([fact.fingerprints["phash"] for fact in hashed])
    sample = hashes[:SAMPLE]  # digests are in no order that pictures have: the first are any
    nearest, counts = _distances(sample, hashes)
    curve = _bulk(counts)
    return Explanation(
        pictures=len(unique),
        sampled=len(sample),
        nearest={int(bits): int(count) for bits, count in enumerate(nearest) if count},
        radii=tuple(_radius(bits, counts, curve, len(hashed), len(sample)) for bits in RADII),
        own_curve=curve is not None,
        border=_border(hashed, families, pairs),
        names=dict(names or {}),
        read=read,
    )


def _distances(
    sample: NDArray[np.uint64], hashes: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the sample's pictures by nearest distance, and its pairs by distance (0 to 64)."""
    nearest = np.zeros(65, dtype=np.int64)
    pairs = np.zeros(65, dtype=np.int64)
    if len(hashes) < 2:
        return nearest, pairs
    for start in range(0, len(sample), 256):
        part = sample[start : start + 256]
        distance = np.bitwise_count(part[:, None] ^ hashes[None, :])
        rows = np.arange(len(part))
        distance[rows, start + rows] = 65  # a picture is not its own neighbour
        nearest += np.bincount(distance.min(axis=1), minlength=66)[:65]
        # Each pair once: the other one comes later in the list.
        later = np.arange(len(hashes))[None, :] > (start + rows)[:, None]
        pairs += np.bincount(distance[later], minlength=66)[:65]
    return nearest, pairs


@dataclass(frozen=True, slots=True)
class _Curve:
    bends: NDArray[np.float64]
    straight: NDArray[np.float64]


def _bulk(pairs: NDArray[np.int64]) -> _Curve | None:
    """Carry the distances of unrelated pairs on below those where copies begin.

    Between 16 and 28 bits nearly all pairs are unrelated and still rare. Their logarithm bends
    downwards; the tail of real photographs bends less than that and more than not at all.
    """
    bits = np.arange(0, 65, 2)
    counts = pairs[::2]
    steep = (bits >= 18) & (bits <= 28) & (counts > 0)
    foot = (bits >= 16) & (bits <= 24) & (counts > 0)
    if counts[(bits >= 16) & (bits <= 24)].sum() < ENOUGH or steep.sum() < 4 or foot.sum() < 4:
        return None
    return _Curve(
        bends=np.exp(np.polyval(np.polyfit(bits[steep], np.log(counts[steep]), 2), bits)),
        straight=np.exp(np.polyval(np.polyfit(bits[foot], np.log(counts[foot]), 1), bits)),
    )


def _radius(
    bits: int, pairs: NDArray[np.int64], curve: _Curve | None, count: int, sampled: int
) -> Radius:
    within = int(pairs[: bits + 1].sum())
    compared = count * (count - 1) / 2
    done = sampled * (sampled - 1) / 2 + sampled * (count - sampled)
    scale = compared / done if done else 0.0
    if curve is None:
        low = high = REFERENCE[bits] * compared
    else:
        ends = (float(line[: bits // 2 + 1].sum()) for line in (curve.bends, curve.straight))
        low, high = sorted(scale * end for end in ends)
    return Radius(bits, round(scale * within), low, high, REFERENCE[bits] * 10_000 * 9_999 / 2)


def _border(facts: Sequence[Facts], families: Families, count: int) -> tuple[ShownPair, ...]:
    """Pick the least sure copies, moments, the likeliest doubts, and the nearest of the others."""
    by_digest = {fact.sha256: fact for fact in facts}
    copies, moments = (_members(by_digest, families, relation) for relation in ("copy", "moment"))
    known = {(pair.left.sha256, pair.right.sha256) for pair in moments}
    doubtful = [
        ShownPair(
            by_digest[pair.keeper],
            by_digest[pair.other],
            "maybe",
            pair.phash,
            pair.dhash,
            pair.difference,
            pair.why,
        )
        for pair in families.review
        if pair.keeper in by_digest
        and pair.other in by_digest
        and (pair.keeper, pair.other) not in known
    ]
    shown = copies, moments, doubtful
    return (*(pair for some in shown for pair in some[:count]), *_others(facts, families, count))


def _members(by_digest: Mapping[str, Facts], families: Families, relation: str) -> list[ShownPair]:
    """Members of one relation beside their keepers, the least alike first."""
    shown = [
        ShownPair(
            by_digest[family.keeper],
            by_digest[member.sha256],
            relation,
            member.phash,
            member.dhash,
            member.difference,
        )
        for family in families.families
        for member in family.members
        if member.relation == relation and family.keeper in by_digest and member.sha256 in by_digest
    ]
    return sorted(shown, key=lambda pair: (-pair.difference, -pair.phash, pair.right.sha256))


def _others(facts: Sequence[Facts], families: Families, count: int) -> list[ShownPair]:
    """Find the nearest pairs that were proposed by their hashes and are no copies."""
    related = families.split_group
    shown = []
    for bits, one, two in sorted(_near(facts)):
        left, right = facts[one], facts[two]
        if related.get(left.sha256) != related.get(right.sha256):
            dhash = (left.fingerprints["dhash"] ^ right.fingerprints["dhash"]).bit_count()
            shown.append(ShownPair(left, right, "other", bits, dhash, _difference(left, right)))
        if len(shown) == count:
            break
    return shown


def _near(facts: Sequence[Facts]) -> list[tuple[int, int, int]]:
    """List close pairs (bits, place, place); of equal hashes each with the next, not all pairs."""
    from .hamming import collapse, self_join

    if len(facts) < 2:
        return []
    nodes, node_of, _ = collapse(to_array([fact.fingerprints["phash"] for fact in facts]))
    last: dict[int, int] = {}
    found = []
    for place, node in enumerate(node_of.tolist()):
        if node in last:
            found.append((0, last[node], place))
        last[node] = place
    close = self_join(nodes, PHASH_RADIUS)
    found += [
        (int(bits), last[one], last[two])
        for one, two, bits in zip(
            close.left.tolist(), close.right.tolist(), close.distance.tolist(), strict=True
        )
    ]
    return found


def _difference(left: Facts, right: Facts) -> float:
    from .registration import IDENTITY
    from .residuals import compare, pixels

    first, second = (pixels(fact.thumb)[None] for fact in (left, right))
    seen = compare(first, second, [(IDENTITY,)], np.array([IDENTITY]))
    return float(seen["difference"][0])
