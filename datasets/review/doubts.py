"""What a model says of pictures and pairs, as the review's queues and page take it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalogue.label_findings import LabelFinding


class Partner(NamedTuple):  # one for each of 40,000 pictures beside a keeper
    """The picture (by its number) that another is shown beside; `likeness` where a model says."""

    number: int
    likeness: float | None = None


def likest_partners(pairs: Iterable[tuple[int, int, float]]) -> dict[int, Partner]:
    """Each picture's likest other one; `pairs` (two numbers, likeness) come the likest first.

    A pair is listed under one of its two pictures, and a picture lists one pair.
    """
    found: dict[int, Partner] = {}
    for one, other, likeness in pairs:
        if one not in found:
            found[one] = Partner(other, likeness)
        elif other not in found:
            found[other] = Partner(one, likeness)
    return found


def doubts_json(found: Iterable[LabelFinding], label: str) -> list[dict[str, object]]:
    """A picture's findings as JSON values; they hold while it has the label of then."""
    return [
        {"kind": one.kind, "score": one.score, "suggested": one.suggested}
        for one in found
        if one.label == label
    ]
