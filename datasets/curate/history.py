"""Steps of decisions in a line each, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.printable import counted
from ..catalogue import decisions, images, undoing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..catalogue import Catalogue
    from ..catalogue.decisions import Verdict
    from ..catalogue.undoing import Step
    from ..project import Project

_BY = {"rule": "by rule", "person": "by a person"}


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back: the step, its verdicts, and both in words; no step, nothing."""

    step: Step | None
    verdicts: tuple[Verdict, ...]
    text: str

    def __repr__(self) -> str:
        return self.text


def undo(project: Project, announce: Callable[[str], None] = lambda _text: None) -> Undone:
    """Take back the dataset's newest step that stands; `announce` is told which, before it goes."""
    with project.open_catalogue() as cat, cat.transaction():
        step = undoing.next_to_undo(cat)
        if step is None:
            announce("nothing to take back")
            return Undone(None, (), "nothing to take back")
        text = f"takes back {described(step, paths_of(cat))}"
        announce(text)
        verdicts = tuple(decisions.verdicts_of(cat, step.number))
        undoing.take_back(cat, step)
    return Undone(step, verdicts, text)


def paths_of(cat: Catalogue) -> dict[str, str]:
    """SHA-256 → path relative to the dataset."""
    return {one.sha256: one.path for one in images.images(cat)}


def described(step: Step, paths: Mapping[str, str]) -> str:
    """What a step decided: its command, pairs by their paths, verdicts counted by reason."""
    if step.undoes is not None:
        return f"step {step.number}, {step.what}: took back step {step.undoes}"
    parts = [
        f"{paths.get(one, one)} and {paths.get(other, other)} are "
        + ("duplicates" if same else "no duplicates")
        for one, other, same in step.pairs
    ]
    parts += [
        f"{counted(number, 'verdict')} {_BY[by]}: {reason}"
        for (by, reason), number in step.verdicts.items()
    ]
    return f"step {step.number}, {step.what}: {'; '.join(parts)}"
