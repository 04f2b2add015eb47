"""The image model that a command is given, and what to do about what it says of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import options
from .console import warn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...curation.labels.onnx_model import OnnxEmbedder
    from ..curate.label_report import LabelReport
    from ..project import Project


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


def review_hint(report: LabelReport, project: Project) -> Iterator[str]:
    """Yield what to do next; nothing was dropped."""
    if report.findings:
        yield f"None was dropped for it. Look at them, worst first: pixset review {project.root}"
