"""What was read, counted: kept with every search, so that an engine's drift is seen early."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ..engines.topic import on_topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..models import Candidate, Query


@dataclass(frozen=True, slots=True)
class Counts:
    """Results, how many of them have an original's URL and a preview, and who gave them.

    `on_topic` is the share (0 to 1) that speaks of the term, None where it is unknown;
    `extractors` counts what each of them gave, as far as pages were read whole.
    """

    results: int = 0
    originals: int = 0
    previews: int = 0
    on_topic: float | None = None
    extractors: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        query: Query,
        candidates: Iterable[Candidate],
        extractors: Mapping[str, int],
    ) -> Counts:
        """Count a query's results."""
        found = tuple(candidates)
        share = on_topic(query.term, found, query.synonyms, query.filters.lang)
        return cls(
            results=len(found),
            originals=sum(one.image_url is not None for one in found),
            previews=sum(one.preview is not None for one in found),
            on_topic=None if share is None else round(share, 3),
            extractors=dict(extractors),
        )

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)
