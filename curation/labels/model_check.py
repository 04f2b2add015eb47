"""What a model file is, and whether it makes sense: three drawn pictures tell.

A wrong scaling or a network that was never trained often runs without a word. So the model is
shown a picture, the same one smaller and darker, and another: the first two must be nearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Literal

import numpy as np

from .onnx_model import OnnxEmbedder

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from .onnx_model import Preparation

_NEARER = 0.02  # by how much the copy's cosine must be larger to mean anything


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """One thing about a model file; `state` is ok, note or bad."""

    name: str
    state: Literal["ok", "note", "bad"]
    message: str


def check_model(model: Path, preparation: Preparation | None = None) -> list[ModelFinding]:
    """Say how a model is fed, what it gives, how fast it is, and whether likeness is seen.

    Raises UsageError where the file is no model of pictures.
    """
    embedder = OnnxEmbedder(model, preparation)
    return [*_described(embedder), *_tried(embedder)]


def _described(embedder: OnnxEmbedder) -> list[ModelFinding]:
    shape, prepared = embedder.shape, embedder.preparation
    layout = "(n, 3, side, side)" if shape.channels_first else "(n, side, side, 3)"
    whence = "as the file says" if embedder.declared else "as --preparation says"
    if embedder.assumed:
        whence = "assumed, for the file does not say: --preparation sets another"
    return [
        ModelFinding("input", "ok", f"{shape.entry}: {layout}, {shape.side} x {shape.side} pixels"),
        ModelFinding(
            "preparation",
            "note" if embedder.assumed else "ok",
            f"mean {_numbers(prepared.mean)}, std {_numbers(prepared.std)} of 0 to 255 ({whence})",
        ),
        ModelFinding("output", "ok", f"{shape.output} is taken"),
    ]


def _tried(embedder: OnnxEmbedder) -> list[ModelFinding]:
    pictures = _three()
    embedder(pictures[:1])  # the first call also warms up
    began = perf_counter()
    vectors = embedder(pictures)
    each = (perf_counter() - began) / len(pictures)
    speed = ModelFinding("speed", "ok", f"{1000 * each:.0f} ms a picture")
    size = ModelFinding("vector", "ok", f"{vectors.shape[1]} numbers a picture")
    if not np.isfinite(vectors).all():
        return [size, speed, ModelFinding("sense", "bad", "it gives numbers that are none (NaN)")]
    copy, other = (float(vectors[0] @ vectors[place]) for place in (1, 2))
    likeness = f"a picture and its darker copy {copy:.2f}, and another picture {other:.2f}"
    sense = ModelFinding("sense", "ok", f"likeness of {likeness}")
    if copy - other < _NEARER:
        sense = ModelFinding(
            "sense", "bad", f"it does not tell a copy from another picture: likeness of {likeness}"
        )
    return [size, speed, sense]


def _numbers(three: tuple[float, float, float]) -> str:
    return "/".join(f"{one:g}" for one in (three if len(set(three)) > 1 else three[:1]))


def _three() -> list[Image.Image]:
    """A sunflower on a meadow, the same smaller and darker, and a street of houses."""
    from PIL import Image, ImageDraw, ImageEnhance

    meadow = Image.new("RGB", (320, 240), (120, 170, 230))
    brush = ImageDraw.Draw(meadow)
    brush.rectangle((0, 130, 320, 240), fill=(60, 130, 50))
    brush.line((160, 110, 150, 240), fill=(40, 90, 30), width=8)
    for turn in range(0, 360, 20):
        brush.pieslice((90, 30, 230, 170), turn, turn + 13, fill=(240, 200, 30))
    brush.ellipse((130, 70, 190, 130), fill=(90, 50, 20))
    street = Image.new("RGB", (320, 240), (190, 190, 200))
    brush = ImageDraw.Draw(street)
    for place, left in enumerate(range(0, 320, 80)):
        brush.rectangle(
            (left, 40 + 20 * (place % 2), left + 76, 200), fill=(150, 80 + left // 4, 70)
        )
        for top in range(80, 180, 40):
            brush.rectangle((left + 14, top, left + 30, top + 22), fill=(40, 50, 70))
            brush.rectangle((left + 46, top, left + 62, top + 22), fill=(240, 230, 150))
    brush.rectangle((0, 200, 320, 240), fill=(80, 80, 85))
    copy = ImageEnhance.Brightness(meadow.resize((200, 150))).enhance(0.85)
    return [meadow, copy, street]
