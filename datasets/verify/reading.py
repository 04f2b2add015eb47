"""What a loader gets from a tree, as a value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class LoaderReading:
    """What a loader gets: split → class → pictures, and split → its classes in label order.

    A split of the loader's own making is called `all`. `notes` say what it does in silence or
    skips; `error` is the exception it ends in.
    """

    counts: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    error: str | None = None

    @property
    def orders(self) -> set[tuple[str, ...]]:
        """The label orders it uses; more than one means that a number's meaning shifts."""
        return set(self.classes.values())


@dataclass(slots=True)
class ReadingDraft:
    """A reading being made."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str | None = None

    def put(self, split: str, classes: Iterable[str], labels: Iterable[str]) -> None:
        """Add a split: its classes in order, and the label of each picture."""
        order = tuple(classes)
        held = Counter(labels)
        self.classes[split] = order
        self.counts[split] = {label: held[label] for label in order}

    def done(self) -> LoaderReading:
        """The reading."""
        return LoaderReading(
            self.counts, self.classes, tuple(dict.fromkeys(self.notes)), self.error
        )
