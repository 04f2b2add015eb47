"""Steps of decisions in a line each, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalogue import images

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..catalogue import Catalogue
    from ..catalogue.decisions import Step

_BY = {"rule": "by rule", "person": "by a person"}


def paths_of(cat: Catalogue) -> dict[str, str]:
    """SHA-256 → path relative to the dataset."""
    return {one.sha256: one.path for one in images.images(cat)}


def described(step: Step, paths: Mapping[str, str]) -> str:
    """What a step decided: its command, pairs by their paths, verdicts counted by reason."""
    if step.undoes is not None:
        return f"step {step.number}, undo: took back step {step.undoes}"
    parts = [
        f"{paths.get(one, one)} and {paths.get(other, other)} are "
        + ("duplicates" if same else "no duplicates")
        for one, other, same in step.pairs
    ]
    parts += [
        f"{number} verdict{'s' if number > 1 else ''} {_BY[by]}: {reason}"
        for (by, reason), number in step.verdicts.items()
    ]
    return f"step {step.number}, {step.what}: {'; '.join(parts)}"
