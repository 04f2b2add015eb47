"""One picture under two labels: what becomes of it, by the recipe's policy. Pure.

`drop` takes it out of the set, `best-rank` gives it to the label whose search ranked it best,
`ask` holds it back until a person says. Two labels that the recipe calls confusable (beach,
coast) overlap by nature: a picture of both is right under either, and dropping it would cost the
overlap's best pictures, so the better rank decides whatever the policy is.
"""

from __future__ import annotations

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
    """Decide for a picture seen under `labels` (label → best rank there).

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
