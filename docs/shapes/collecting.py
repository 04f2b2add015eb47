"""What is asked for, fetched, placed and written."""

from __future__ import annotations

from typing import Literal, NotRequired

from .base import Count, Shape

Split = Literal["train", "val", "test"]


class Columns(Shape):
    """Pictures, or claims of pictures, that came so far; null where nothing was looked at yet."""

    asked: int
    """Results that the engines were asked for."""
    found: int
    """Results that they showed and that were taken."""
    fetched: int
    """Results whose picture is there."""
    valid: int | None
    """Of these, what can be decoded and passes the checks that drop."""
    unique: int | None
    """Of these, what is no copy of another."""
    kept: int | None
    """Of these, what no rule and no person left out."""


class LabelColumns(Columns):
    """A label's columns, and how many pictures the recipe wants of it."""

    target: int | None


class QueryLine(Columns):
    """What one engine's part of a query brought for a label."""

    label: str
    term: str
    filters: str
    """As in `since=month type=photo`; empty for none."""
    engine: str
    outcome: str | None
    """How the search ended; null while it is not finished."""


class Shortfall(Shape):
    """A label that has fewer pictures than wanted, or none at all."""

    has: int
    target: int | None


class Status(Shape):
    """What was asked, found, fetched, valid, unique, kept; and why there is not more."""

    labels: dict[str, LabelColumns]
    engines: dict[str, Columns]
    queries: list[QueryLine]
    lost: dict[str, dict[str, Count]]
    """Label → column → reason → number: why the column is smaller than the one before."""
    gained: Count
    """Label → kept pictures that a decision gave to it from another label."""
    missing: dict[str, Count]
    """Label → why results have no picture → number."""
    dropped: dict[str, Count]
    """Label → why pictures are out → number."""
    short: dict[str, Shortfall]
    via: Count
    """How pictures came (browser, inline, http, import) → number of addresses."""
    unfinished: list[str]
    """Searches that were begun and not ended; the next run goes on with them."""
    unsettled: list[str]
    """Searches that ended without an answer; the next run asks again."""
    placed: dict[str, dict[Split, int]]
    """Label → split → pictures in the training tree."""
    missing_files: int
    """Pictures whose file is gone from images/."""


class MergedGroup(Shape):
    """Pictures that turned out to belong together, and moved to one split."""

    family: str
    moved: list[str]


class CutGroup(Shape):
    """Pictures that may be copies of one another, too many for one split: now in pieces."""

    group: str
    labels: list[str]
    pictures: int
    pieces: int


class Tree(Shape):
    """What a training tree was built of."""

    tree: str
    """The folder."""
    ratio: str
    seed: int
    labels: dict[str, dict[str, int]]
    """Label → split → pictures."""
    quotas: dict[str, dict[str, int]]
    """Label → split → pictures that the ratio asks for."""
    merged: list[MergedGroup]
    cut: list[CutGroup]
    left_out: dict[str, str]
    """File → why it is not in the tree."""
    over_target: Count
    short_of_target: Count
    written: int
    """Pictures that were made."""
    reused: int
    """Pictures that were taken from the tree before."""
    changed: bool
    """False: the tree that was there is the one that was asked for."""
    drawn_afresh: bool
    missing: list[str]
    """Labels without a picture in the tree."""
    by_products_removed: list[str]
    moved_aside: str | None
    """Where the folder before was moved, with `--replace`."""
    contact_sheet: NotRequired[str]
    """A dataset's; class folders have none."""


class Build(Status):
    """A status, and what the tree was built of."""

    layout: Tree
    idle: bool
    """Whether all was there already."""


class OffTopic(Shape):
    """How many of a query's pictures looked off topic."""

    label: str
    query: str
    off_topic: int


class Report(Status):
    """A status, and what the report's page tells besides."""

    missing_labels: list[str]
    straddling: int
    """Pictures that have a copy on another split."""
    bytes: int
    off_topic: list[OffTopic]
    """Of each query that the last `check --labels` could speak of."""


class Comparison(Shape):
    """What changed between two datasets: `report NEW --compare OLD`."""

    kept: dict[str, list[int]]
    """Label → pictures kept then, and now."""
    added: Count
    """Label → pictures that are new in the tree."""
    gone: Count
    moved: int
    """Pictures that lie in another split."""
    relabelled: int


class Export(Shape):
    """What an export wrote."""

    format: str
    out: str
    pictures: int
    files: int
    bytes: int
    by_products_removed: list[str]
    moved_aside: str | None


class Fetch(Shape):
    """What became of a manifest's addresses."""

    labels: dict[str, Count]
    """Label → same, changed, failed, inline or no-address → pictures."""
    lost: Count
    """Why an address gave nothing → number."""
    exact: int
    """Pictures in the tree with the manifest's bytes."""
    encoded_anew: int
    empty: list[list[str]]
    """Label and split of which nothing is left."""


class Going(Shape):
    """A picture that goes, or went."""

    sha256: str
    path: str
    why: str


class Forget(Shape):
    """What `forget` would delete; with `--yes`, what it deleted."""

    done: bool
    bytes: int
    pictures: list[Going]
    addresses: list[str]
    """Addresses that are never asked again."""


class Import(Shape):
    """What came into the dataset."""

    added: Count
    """Label → pictures."""
    known: int
    """Pictures that were there before."""
    restored: int
    """Pictures whose lost file is back."""
    linked: int
    no_picture: list[str]
    left_out: dict[str, str]
    """File or folder → why."""


class ExpectedSearch(Shape):
    """One engine's part of a query that a run would ask."""

    label: str
    term: str
    filters: dict[str, str | int]
    engine: str
    asked: int
    """Results that it would be asked for."""
    seconds: float


class Forecast(Shape):
    """What a run would ask, and how long that takes: `--dry-run`."""

    pace: str
    minutes: float
    """Of the whole: engines are asked side by side."""
    engines: dict[str, float]
    """Engine → minutes."""
    finished: int
    """Searches that were finished before."""
    searches: list[ExpectedSearch]
