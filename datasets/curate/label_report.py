"""What a check of labels found, as lines for a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...curation.printable import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...curation.labels.topics import QueryTopic
    from ..catalogue.label_findings import LabelFinding

_SHOWN: Final = 30  # findings of a kind, and queries, that the text lists; the JSON has all


@dataclass(frozen=True, slots=True, repr=False)
class LabelReport:
    """What a check of labels found: of how many pictures, the findings, and each query's topic.

    `paths` gives the path of each picture of a finding, relative to the dataset.
    """

    images: int
    findings: tuple[LabelFinding, ...]
    topics: tuple[QueryTopic, ...]
    paths: Mapping[str, str]

    def __repr__(self) -> str:
        """The lines for a person, as at a prompt one wants to read them."""
        return "\n".join(label_lines(self))


def summary_line(report: LabelReport) -> str:
    """How many pictures were held against their labels, and how many were found."""
    counts = Counter(one.kind for one in report.findings)
    return (
        f"{counted(report.images, 'picture')} held against their labels: "
        f"{counts['label']} {'looks' if counts['label'] == 1 else 'look'} like another label, "
        f"{counts['off_topic']} off topic"
    )


def label_lines(report: LabelReport) -> Iterator[str]:
    """Yield the wrong labels and the off-topic pictures, worst first, then the worst queries."""
    yield summary_line(report)
    for kind, title in (("label", "label"), ("off_topic", "off topic")):
        found = sorted(
            (one for one in report.findings if one.kind == kind), key=lambda one: one.score
        )
        if found:
            yield f"{title}: {len(found)}"
        for one in found[:_SHOWN]:
            path = report.paths[one.sha256]
            rather = f", looks more like {one.suggested}" if one.suggested else ""
            yield f"  {path}  ({one.score:.2f} {one.label}{rather})"
        if len(found) > _SHOWN:
            yield f"  … and {len(found) - _SHOWN} more: --json lists them all"
    yield from topic_lines(report.topics)


def topic_lines(topics: Sequence[QueryTopic]) -> Iterator[str]:
    """Yield how many of each query's pictures look off topic, where that can be said."""
    known = [one for one in topics if one.off_topic is not None]
    flagged = [one for one in known if one.off_topic]
    if known and not flagged:
        yield f"of no query's pictures ({len(known)} could be told) does any look off topic"
    if topics and not known:
        yield "too few pictures of too few queries to say whose look off topic"
    if flagged:
        yield "of each query's pictures, off topic beside what the label's other queries brought:"
    for one in flagged[:_SHOWN]:
        yield f"  {one.label}: {one.query!r}: {one.off_topic} of {one.pictures}"
    if len(flagged) > _SHOWN:
        yield f"  … and {len(flagged) - _SHOWN} more"


def label_json(report: LabelReport) -> dict[str, object]:
    """Every finding in the shape of a plain folder's, and every query's count."""
    return {
        "images": report.images,
        "findings": [
            {
                "path": report.paths[one.sha256],
                "check": one.kind,
                "score": round(one.score, 4),
                "drop": False,
                "label": one.label,
                **({"suggested": one.suggested} if one.suggested else {}),
            }
            for one in report.findings
        ],
        "ok": report.images - len({one.sha256 for one in report.findings}),
        "queries": topics_json(report.topics),
    }


def topics_json(topics: Sequence[QueryTopic]) -> list[dict[str, object]]:
    """Every query's count; `off_topic` is null where nothing can be said."""
    return [
        {"label": one.label, "query": one.query, "pictures": one.pictures,
         "off_topic": one.off_topic}
        for one in topics
    ]  # fmt: skip
