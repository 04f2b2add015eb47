"""What the pictures are found to be, and what was decided."""

from __future__ import annotations

from typing import NotRequired

from .base import Count, Shape


class Finding(Shape):
    """What one check says of one picture."""

    path: str
    """Relative to a dataset; absolute for a plain folder."""
    check: str
    score: float
    drop: bool
    """Whether it goes: by a verdict in a dataset, with `--move-to` in a plain folder."""
    why: NotRequired[str]
    label: NotRequired[str]
    """With `--labels`, of a dataset: the label that the picture has."""
    suggested: NotRequired[str]
    """The label that fits better."""


class QueryTopic(Shape):
    """What a query of a label brought, beside what the label's other queries did."""

    label: str
    query: str
    pictures: int
    off_topic: int | None
    """Pictures that look off topic; null where nothing can be said."""


class Unmoved(Shape):
    """A file that could not be moved aside."""

    path: str
    why: str


class Findings(Shape):
    """What the checks found, in a dataset or a plain folder."""

    images: int
    findings: list[Finding]
    ok: int
    """Pictures without a finding."""
    queries: NotRequired[list[QueryTopic]]
    """With `--labels`, of a dataset."""
    not_moved: NotRequired[list[Unmoved]]
    """Of a plain folder, with `--move-to`."""


class Member(Shape):
    """A picture that belongs to a keeper, and how near it is."""

    path: str
    relation: str
    """exact, copy, moment or maybe; the last two are kept, unless moments are dropped."""
    phash: int
    """Bits in which the two perceptual hashes differ."""
    dhash: int
    difference: float
    """The worst block's mean difference of colours after registration, 0 to 255."""


class Family(Shape):
    """Copies of one picture, and the one that stays."""

    keeper: str
    members: list[Member]


class Unreadable(Shape):
    """A file that is no picture we can decode."""

    path: str
    why: str


class LabelConflict(Shape):
    """A picture under several labels, and what the recipe's policy makes of it."""

    path: str
    labels: list[str]
    outcome: str


class FolderCopies(Shape):
    """Copies in a plain folder; paths are absolute."""

    images: int
    families: list[Family]
    low_information: list[str]
    """Pictures with too little in them to be anybody's copy by their hash."""
    unreadable: list[Unreadable]
    not_moved: NotRequired[list[Unmoved]]
    """With `--move-to`."""


class DatasetCopies(FolderCopies):
    """Copies in a dataset; paths are relative to it."""

    kept_by_person: list[str]
    """Copies that a person, or an undo, keeps."""
    label_conflicts: list[LabelConflict]
    returned: list[str]
    """Pictures that a rule had taken out and now lets back in."""
    kept: Count


class Radius(Shape):
    """How many pairs lie within so many bits, and how many false ones chance would give."""

    phash: int
    pairs: int
    expected_false: list[float]
    """From, to."""
    expected_false_per_10k_photos: float


class BorderPair(Shape):
    """A pair near the border between copies and others."""

    keeper: str
    other: str
    verdict: str
    phash: int
    dhash: int
    difference: float
    why: NotRequired[str]


class Explanation(Shape):
    """Why these are copies and those are not: `dedupe --explain`."""

    pictures: int
    sampled: int
    nearest: Count
    """Bits to the nearest other picture → number of pictures."""
    own_curve: bool
    used_radius: int
    radii: list[Radius]
    border: list[BorderPair]


class TakenBack(Shape):
    """A verdict that no longer holds."""

    sha256: str
    reason: str


class Statement(Shape):
    """What a person stated of two pictures (SHA-256)."""

    one: str
    other: str
    same: bool


class Undo(Shape):
    """The step of a dataset that was taken back; null for none."""

    step: int | None
    what: str | None
    taken_back: list[TakenBack]
    pairs: list[Statement]


class Refused(Shape):
    """A file that was not put back, and why."""

    path: str
    why: str


class PutBack(Shape):
    """Files of a plain folder that were put back."""

    restored: list[str]
    already: list[str]
    refused: list[Refused]
    missing: list[str]


class Step(Shape):
    """One step of decisions: `undo --list`, newest first."""

    step: int
    what: str
    made_at: str
    undoes: int | None
    taken_back: bool
    told: str
    """In words."""


class Problem(Shape):
    """Something in a tree that would trip a loader."""

    check: str
    path: str
    message: str


class Loader(Shape):
    """What one training package makes of the tree."""

    splits: dict[str, Count]
    classes: dict[str, list[str]]
    """Split → its classes in the loader's order."""
    notes: list[str]
    error: str | None


class Verify(Shape):
    """What trips loaders in a tree, and what each would make of it."""

    tree: str
    ok: bool
    pictures: int
    sides: dict[str, Count]
    problems: list[Problem]
    notes: list[str]
    loaders: dict[str, Loader]


class DecisionsWritten(Shape):
    """What `review --export-decisions` wrote."""

    file: str
    decisions: int
    """Rows that somebody decided on; the others have none yet."""


class DecisionsRead(Shape):
    """What `review --import-decisions` recorded."""

    recorded: int
    unchanged: int
    undecided: int
    wrong: list[str]
    """Rows that could not be taken, and why."""
