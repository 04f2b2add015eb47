"""The image model that a command is given, and what it says of labels, as lines and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from . import options
from .console import warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...curation.labels.onnx_model import OnnxEmbedder
    from ...curation.labels.topics import QueryTopic
    from ..curate.label_check import LabelReport
    from ..project import Project

_SHOWN: Final = 30  # findings of a kind, and queries, that the text lists; the JSON has all


def embedder_of(model: Path | None, preparation: str | None) -> OnnxEmbedder | None:
    """The image model that was named, None where none was; warns where its scaling is assumed."""
    if model is None:
        options.refuse(preparation, "--preparation: only with --model")
        return None
    from ...curation.labels.onnx_model import OnnxEmbedder, preparation_of

    embedder = OnnxEmbedder(model, preparation_of(preparation) if preparation else None)
    if embedder.assumed:
        warn(
            f"{model}: does not say how pictures are scaled: ImageNet's way is taken"
            " (--preparation says another)"
        )
    return embedder


def label_lines(report: LabelReport) -> Iterator[str]:
    """Yield the wrong labels and the off-topic pictures, worst first, then the worst queries."""
    counts = Counter(one.kind for one in report.findings)
    yield f"{report.images} pictures: {counts['label']} look like another label"
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
    told = [one for one in topics if one.off_topic]
    if told:
        yield "of each query's pictures, off topic beside what the label's other queries brought:"
    for one in told[:_SHOWN]:
        yield f"  {one.label}: {one.query!r}: {one.off_topic} of {one.pictures}"
    if len(told) > _SHOWN:
        yield f"  … and {len(told) - _SHOWN} more queries"


def review_hint(report: LabelReport, project: Project) -> Iterator[str]:
    """Yield what to do next; nothing was dropped."""
    if report.findings:
        yield f"Nothing was changed. Look at them, worst first: pixset review {project.root}"


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
