"""What the pictures are found to be, and what was decided."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from .base import CLOSED, Count


class Finding(TypedDict):
    """What one check says of one picture."""

    __pydantic_config__ = CLOSED

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


class QueryTopic(TypedDict):
    """What a query of a label brought, beside what the label's other queries did."""

    __pydantic_config__ = CLOSED

    label: str
    query: str
    pictures: int
    off_topic: int | None
    """Pictures that look off topic; null where nothing can be said."""


class Findings(TypedDict):
    """What the checks found, in a dataset or a plain folder."""

    __pydantic_config__ = CLOSED

    images: int
    findings: list[Finding]
    ok: int
    """Pictures without a finding."""
    queries: NotRequired[list[QueryTopic]]
    """With `--labels`, of a dataset."""


class Member(TypedDict):
    """A picture that belongs to a keeper, and how near it is."""

    __pydantic_config__ = CLOSED

    path: str
    relation: str
    """exact, near or another word of `dedupe`'s; `moment` is kept."""
    phash: int
    """Bits in which the two perceptual hashes differ."""
    dhash: int
    difference: float
    """Mean difference of pixels after registration, 0 to 255."""


class Family(TypedDict):
    """Copies of one picture, and the one that stays."""

    __pydantic_config__ = CLOSED

    keeper: str
    members: list[Member]


class Unreadable(TypedDict):
    """A file that is no picture we can decode."""

    __pydantic_config__ = CLOSED

    path: str
    why: str


class LabelConflict(TypedDict):
    """A picture under several labels, and what the recipe's policy makes of it."""

    __pydantic_config__ = CLOSED

    path: str
    labels: list[str]
    outcome: str


class FolderCopies(TypedDict):
    """Copies in a plain folder; paths are absolute."""

    __pydantic_config__ = CLOSED

    images: int
    families: list[Family]
    low_information: list[str]
    """Pictures with too little in them to be anybody's copy by their hash."""
    unreadable: list[Unreadable]


class DatasetCopies(FolderCopies):
    """Copies in a dataset; paths are relative to it."""

    kept_by_person: list[str]
    """Copies that a person, or an undo, keeps."""
    label_conflicts: list[LabelConflict]
    returned: list[str]
    """Pictures that a rule had taken out and now lets back in."""
    kept: Count


class Radius(TypedDict):
    """How many pairs lie within so many bits, and how many false ones chance would give."""

    __pydantic_config__ = CLOSED

    phash: int
    pairs: int
    expected_false: list[float]
    """From, to."""
    expected_false_per_10k_photos: float


class BorderPair(TypedDict):
    """A pair near the border between copies and others."""

    __pydantic_config__ = CLOSED

    keeper: str
    other: str
    verdict: str
    phash: int
    dhash: int
    difference: float
    why: NotRequired[str]


class Explanation(TypedDict):
    """Why these are copies and those are not: `dedupe --explain`."""

    __pydantic_config__ = CLOSED

    pictures: int
    sampled: int
    nearest: Count
    """Bits to the nearest other picture → number of pictures."""
    own_curve: bool
    used_radius: int
    radii: list[Radius]
    border: list[BorderPair]


class TakenBack(TypedDict):
    """A verdict that no longer holds."""

    __pydantic_config__ = CLOSED

    sha256: str
    reason: str


class Statement(TypedDict):
    """What a person stated of two pictures (SHA-256)."""

    __pydantic_config__ = CLOSED

    one: str
    other: str
    same: bool


class Undo(TypedDict):
    """The step of a dataset that was taken back; null for none."""

    __pydantic_config__ = CLOSED

    step: int | None
    what: str | None
    taken_back: list[TakenBack]
    pairs: list[Statement]


class Refused(TypedDict):
    """A file that was not put back, and why."""

    __pydantic_config__ = CLOSED

    path: str
    why: str


class PutBack(TypedDict):
    """Files of a plain folder that were put back."""

    __pydantic_config__ = CLOSED

    restored: list[str]
    already: list[str]
    refused: list[Refused]
    missing: list[str]


class Step(TypedDict):
    """One step of decisions: `undo --list`, newest first."""

    __pydantic_config__ = CLOSED

    step: int
    what: str
    made_at: str
    undoes: int | None
    taken_back: bool
    told: str
    """In words."""


class Problem(TypedDict):
    """Something in a tree that would trip a loader."""

    __pydantic_config__ = CLOSED

    check: str
    path: str
    message: str


class Loader(TypedDict):
    """What one training package makes of the tree."""

    __pydantic_config__ = CLOSED

    splits: dict[str, Count]
    classes: dict[str, list[str]]
    """Split → its classes in the loader's order."""
    notes: list[str]
    error: str | None


class Verify(TypedDict):
    """What trips loaders in a tree, and what each would make of it."""

    __pydantic_config__ = CLOSED

    tree: str
    ok: bool
    pictures: int
    sides: dict[str, Count]
    problems: list[Problem]
    notes: list[str]
    loaders: dict[str, Loader]


class DecisionsWritten(TypedDict):
    """What `review --export-decisions` wrote."""

    __pydantic_config__ = CLOSED

    file: str
    decisions: int
    """Rows that somebody decided on; the others have none yet."""


class DecisionsRead(TypedDict):
    """What `review --import-decisions` recorded."""

    __pydantic_config__ = CLOSED

    recorded: int
    unchanged: int
    undecided: int
    wrong: list[str]
    """Rows that could not be taken, and why."""
