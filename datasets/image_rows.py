"""A dataset's pictures as rows: what is known of each, for people who work with tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, overload

from .catalogue import decisions, families, images, measurements, placements
from .curate.conflicts import best_label
from .table import Table

if TYPE_CHECKING:
    from .catalogue.families import MemberRow
    from .catalogue.images import ImageRecord
    from .catalogue.placements import Measured, Origin, Placement
    from .project import Project

_SHOWN = 10  # rows that a notebook shows
_HEAD = ("id", "label", "split", "kept", "reason", "width", "height", "engine", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """One picture of the pool; None is what is not known, or does not apply.

    `path` is relative to the dataset (posix), `id` the start of its SHA-256. `kept` says whether
    it survives, `reason` why it is out or why it cannot be decoded; `reviewed` whether a person
    looked at whether its label is right. `split` is where the last tree holds it. `copy_of` is the
    id of the picture that it is a copy or a moment of. The source is the one that ranked it best.
    """

    id: str
    path: str
    label: str | None
    split: str | None
    kept: bool
    reason: str | None
    reviewed: bool
    width: int | None
    height: int | None
    format: str | None
    bytes: int
    copy_of: str | None
    relation: str | None
    engine: str | None
    term: str | None
    rank: int | None
    image_url: str | None
    page_url: str | None
    title: str | None
    sha256: str


class ImageRows(Sequence[ImageRow]):
    """A light sequence of rows; `column` gives one of their values for each."""

    def __init__(self, rows: Sequence[ImageRow]) -> None:
        self._rows = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> ImageRow: ...

    @overload
    def __getitem__(self, place: slice) -> ImageRows: ...

    def __getitem__(self, place: int | slice) -> ImageRow | ImageRows:
        return ImageRows(self._rows[place]) if isinstance(place, slice) else self._rows[place]

    def column(self, name: str) -> list[Any]:
        """One value of every row; raises AttributeError for a name that there is not."""
        return [getattr(row, name) for row in self._rows]

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dictionaries, their keys in order."""
        names = [field.name for field in fields(ImageRow)]
        return [{name: getattr(row, name) for name in names} for row in self._rows]

    def __repr__(self) -> str:
        return "\n".join([self._table().to_text(), self._rest()])

    def _repr_html_(self) -> str:
        return f"{self._table().to_html()}<p>{self._rest()}</p>"

    def _table(self) -> Table:
        return Table(_HEAD, [[getattr(row, name) for name in _HEAD] for row in self[:_SHOWN]])

    def _rest(self) -> str:
        return f"{min(len(self), _SHOWN)} of {len(self)} pictures"


def image_rows(project: Project) -> ImageRows:
    """Every picture of a dataset, in order of SHA-256; no picture is opened."""
    with project.open_catalogue(write=False) as cat:
        stands = decisions.standings(cat)
        placed = placements.placements(cat)
        related = families.members(cat)
        measured = placements.measurements(cat)
        unreadable = measurements.unreadable(cat)
        readable = measurements.measured(cat)
        origins = placements.origins(cat)
        return ImageRows(
            [
                _row(
                    one,
                    stands.get(one.sha256, decisions.Standing()),
                    placed.get(one.sha256),
                    related.get(one.sha256),
                    measured.get(one.sha256),
                    unreadable.get(one.sha256),
                    next(iter(origins.get(one.sha256, ())), None),
                    is_readable=one.sha256 in readable,
                )
                for one in images.images(cat)
            ]
        )


def _row(
    image: ImageRecord,
    stand: decisions.Standing,
    placed: Placement | None,
    member: MemberRow | None,
    measured: Measured | None,
    unreadable: str | None,
    origin: Origin | None,
    *,
    is_readable: bool,
) -> ImageRow:
    verdict = stand.verdict
    label = stand.label or best_label(image.labels)
    keeper = member.keeper if member else None
    return ImageRow(
        id=image.sha256[:16],
        path=image.path,
        label=label,
        split=placed.split if placed else None,
        kept=is_readable and not stand.dropped and label is not None,
        reason=unreadable or (verdict.reason if verdict and stand.dropped else None),
        reviewed=stand.looked_at,
        width=measured.width if measured else None,
        height=measured.height if measured else None,
        format=measured.format if measured else None,
        bytes=image.bytes,
        copy_of=keeper[:16] if keeper else None,
        relation=member.relation if member else None,
        engine=origin.engine if origin else None,
        term=origin.term if origin else None,
        rank=origin.rank if origin else None,
        image_url=origin.image_url if origin else None,
        page_url=origin.page_url if origin else None,
        title=origin.title if origin else None,
        sha256=image.sha256,
    )
