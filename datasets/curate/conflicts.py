"""One picture under two labels: what becomes of it, by the recipe's policy. Pure.

`drop` takes it out of the set, `best-rank` gives it to the label whose search ranked it best,
`ask` holds it back until a person says. Two labels that the recipe calls confusable (beach,
coast) overlap by nature: a picture of both is right under either, and dropping it would cost the
overlap's best pictures, so the better rank decides whatever the policy is.

Ranks are all that is known of which label a picture is nearer to, and a query that is answered by
another label's pictures ("mountain bike" by mountains) has as good ranks as that label's own. So
pictures that several labels may have are given out together, by `share_out`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Outcome = Literal["label", "drop", "ask"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a picture with several labels: `label` is set where it keeps one."""

    outcome: Outcome
    label: str | None = None


def settle(
    labels: Mapping[str, int], policy: str, confusable: Collection[tuple[str, str]] = ()
) -> Settled:
    """Decide for a picture seen under `labels` (label → best rank there), alone in the world.

    `policy` is drop, best-rank or ask. Equal ranks go to the label that comes first by name, so
    that the answer depends on nothing else.
    """
    best = best_label(labels)
    if len(labels) < 2:
        return Settled("label", best)
    overlap = {frozenset(pair) for pair in confusable}
    names = sorted(labels)
    natural = all(frozenset((a, b)) in overlap for n, a in enumerate(names) for b in names[n + 1 :])
    if natural or policy == "best-rank":
        return Settled("label", best)
    return Settled("ask" if policy == "ask" else "drop")


def best_label(labels: Mapping[str, int]) -> str | None:
    """The label with the best rank, None where there is none."""
    return min(labels, key=lambda label: (labels[label], label), default=None)


def share_out(shared: Mapping[str, Mapping[str, int]], alone: Mapping[str, int]) -> dict[str, str]:
    """Give each of the `shared` pictures to one of its labels (picture → label → best rank there).

    `alone` counts, by label, the pictures that no other label showed. The best rank has the
    picture; of equal ranks the label that has fewest alone. Then a label that lost more than half
    of all that was found for it takes its best-ranked ones back, as far as those that have them
    keep half of theirs: no label ends empty that could have some.
    """
    given = {
        picture: min(labels, key=lambda one: (labels[one], alone.get(one, 0), one))
        for picture, labels in shared.items()
    }
    has = Counter(alone) + Counter(given.values())
    whole = Counter(alone) + Counter(one for labels in shared.values() for one in labels)
    least = {label: -(-number // 2) for label, number in whole.items()}
    for label in sorted(least, key=lambda one: (has[one], one)):
        mine = [picture for picture in shared if label in shared[picture]]
        for picture in sorted(mine, key=lambda one: (shared[one][label], one)):
            giver = given[picture]
            if has[label] >= least[label]:
                break
            if giver != label and has[giver] > least[giver]:
                given[picture] = label
                has[label] += 1
                has[giver] -= 1
    return given
