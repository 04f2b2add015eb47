"""Any image model in an ONNX file as an embedder: its layout and size are found in the file.

How pictures are scaled is no part of the format. A file may say it in its metadata (`input_mean`
and `input_std`: one number or three with commas between them, of values from 0 to 255; and
`input_size`: pixels a side, for a model that takes any); else the caller says it, and else
ImageNet's usual means and deviations are taken.
"""

from __future__ import annotations

import glob
import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import UsageError
from ..extras import how_to_install
from .issues import UNIT_VECTORS
from .nearness import unit_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from .embedding import Vectors

VERSION: Final = 1  # of how pictures are fed and vectors read: another one computes all anew
BATCH: Final = 32
SIDE: Final = 224  # where neither the file nor the caller says how large pictures are
_SIDES: Final = (16, 2048)  # the least and the most that a picture is squeezed to
_TYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}
# What embedding outputs are called, where a model has several.
_NAMES: Final = ("features", "embedding", "embeddings", "image_embeds", "pooler_output")


@dataclass(frozen=True, slots=True)
class Preparation:
    """How pictures become a model's input: (value - mean) / std per channel, values 0 to 255.

    `side` is the square that pictures are squeezed to, in pixels; None leaves it to the file.
    """

    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    side: int | None = None

    def pixels(self, pictures: Sequence[Image.Image], side: int) -> Vectors:
        """Return the scaled pictures as (n, side, side, 3) float32."""
        size = (side, side)
        stacked = np.stack(
            [np.asarray(one.convert("RGB").resize(size), dtype=np.float32) for one in pictures]
        )
        mean, std = (np.array(three, np.float32) for three in (self.mean, self.std))
        scaled: Vectors = (stacked - mean) / std
        return scaled


PREPARATIONS: Final = {
    "imagenet": Preparation(),
    "-1..1": Preparation((127.5,) * 3, (127.5,) * 3),
    "0..1": Preparation((0.0,) * 3, (255.0,) * 3),
    "0..255": Preparation((0.0,) * 3, (1.0,) * 3),
}


def preparation_of(text: str) -> Preparation:
    """Read `imagenet`, `-1..1`, `0..1`, `0..255` or `mean/std`, then maybe `@side`.

    `mean` and `std` are one number or three with commas between them. Raises UsageError.
    """
    scaling, _, side = text.partition("@")
    try:
        if scaling in PREPARATIONS:
            found = PREPARATIONS[scaling]
        else:
            mean, _, std = scaling.partition("/")
            found = Preparation(_three(mean), _deviations(std))
        wanted = int(side) if side else None
    except ValueError:
        wanted = 0
    if wanted is not None and not _SIDES[0] <= wanted <= _SIDES[1]:
        known = ", ".join(PREPARATIONS)
        raise UsageError(
            f"--preparation {text!r}: expected {known} or MEAN/STD, then maybe @SIDE (16 to 2048),"
            " as in 127/128@224"
        )
    return replace(found, side=wanted)


def _three(text: str) -> tuple[float, float, float]:
    numbers = [float(one) for one in text.split(",")]
    red, green, blue = numbers if len(numbers) > 1 else numbers * 3
    if not np.isfinite(numbers).all():
        raise ValueError(text)
    return red, green, blue


def _deviations(text: str) -> tuple[float, float, float]:
    found = _three(text)
    if min(found) <= 0:  # it is divided by
        raise ValueError(text)
    return found


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model file says of its input and of the output that is taken."""

    entry: str
    kind: str
    channels_first: bool
    side: int
    batch: int | None  # a fixed number of pictures a call, None for any
    output: str


class OnnxEmbedder:
    """An ONNX model from a path; needs the extra `noise`.

    `preparation` None takes what the file's metadata says, else ImageNet's (`assumed` is True
    then, and `declared` where the file says it). Raises UsageError where onnxruntime is absent,
    or the file is no model of pictures.
    """

    head = UNIT_VECTORS

    def __init__(self, model: Path, preparation: Preparation | None = None) -> None:
        self._model = model
        self._session = _session(model)
        metadata = self._session.get_modelmeta().custom_metadata_map
        declared = _declared(metadata, model)
        self.declared = preparation is None and declared is not None
        self.assumed = preparation is None and declared is None
        scaling = preparation or declared or Preparation()
        self.preparation = replace(scaling, side=scaling.side or _declared_side(metadata, model))
        self.shape = _shape(self._session, model, self.preparation.side)

    @cached_property
    def identity(self) -> str:
        """The digest of the model's files, and how it is fed and read."""
        digest = hashlib.sha256()
        # Weights too large for the format lie beside it: model.onnx.data, model.onnx_data.
        for part in sorted(self._model.parent.glob(f"{glob.escape(self._model.name)}*")):
            if not part.is_file():
                continue
            with part.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return f"onnx {VERSION} {digest.hexdigest()} {self.preparation} {self.shape}"

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed: one row of length 1 a picture, the same in any company."""
        size = self.shape.batch or BATCH
        rows = [self._embed(pictures[at : at + size]) for at in range(0, len(pictures), size)]
        return np.concatenate(rows)

    def _embed(self, pictures: Sequence[Image.Image]) -> Vectors:
        shape = self.shape
        pixels = self.preparation.pixels(pictures, shape.side)
        if shape.batch:  # a model for a fixed number is fed the last picture again
            pixels = np.concatenate([pixels, pixels[-1:].repeat(shape.batch - len(pixels), 0)])
        fed = pixels.transpose(0, 3, 1, 2) if shape.channels_first else pixels
        fed = np.ascontiguousarray(fed, dtype=_TYPES[shape.kind])
        try:
            found = self._session.run([shape.output], {shape.entry: fed})[0]
        except _faults() as error:
            why = str(error).splitlines()[0]
            raise UsageError(f"--model {self._model}: fails on a picture: {why}") from error
        found = np.asarray(found, np.float32)
        vectors = _pooled(found, channels_first=shape.channels_first)[: len(pictures)]
        return unit_rows(vectors)


def _pooled(found: NDArray[np.float32], *, channels_first: bool) -> Vectors:
    """Rows of numbers: maps are averaged over their places, tokens over the tokens."""
    if found.ndim == 4:
        return np.asarray(found.mean(axis=(2, 3) if channels_first else (1, 2)))
    if found.ndim == 3:
        return np.asarray(found.mean(axis=1))
    return found.reshape(len(found), -1)


def _faults() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: its errors have no class in common but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    names = ("Fail", "InvalidProtobuf", "InvalidGraph", "InvalidArgument", "NotImplemented")
    return tuple(getattr(states, name) for name in (*names, "RuntimeException", "NoSuchFile"))


def _session(model: Path) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise UsageError(
            f"--model: an ONNX model needs onnxruntime: {how_to_install('noise')}"
        ) from error
    if not model.is_file():
        raise UsageError(f"--model {model}: there is no such file")
    try:
        return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    except _faults() as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"--model {model}: is no ONNX model that runs here: {why}") from error


def _declared(metadata: Mapping[str, str], model: Path) -> Preparation | None:
    """What the file says of scaling, None where it says nothing."""
    if "input_mean" not in metadata and "input_std" not in metadata:
        return None
    try:
        return Preparation(
            _three(metadata.get("input_mean", "0")), _deviations(metadata.get("input_std", "1"))
        )
    except ValueError:
        raise UsageError(
            f"--model {model}: its metadata input_mean and input_std are no numbers to scale by:"
            " say --preparation"
        ) from None


def _declared_side(metadata: Mapping[str, str], model: Path) -> int | None:
    """How large the file says its pictures are, None where it says nothing."""
    text = metadata.get("input_size", "")
    if not text:
        return None
    if not text.isdecimal() or not _SIDES[0] <= int(text) <= _SIDES[1]:
        raise UsageError(
            f"--model {model}: its metadata input_size is {text!r}, not pixels a side"
            f" ({_SIDES[0]} to {_SIDES[1]}): say --preparation"
        )
    return int(text)


def _shape(session: Any, model: Path, side: int | None) -> Shape:
    entries = session.get_inputs()
    entry = entries[0]
    dims = entry.shape
    if len(entries) != 1 or len(dims) != 4 or 3 not in (dims[1], dims[3]):
        inputs = ", ".join(f"{one.name} {one.shape}" for one in entries)
        raise UsageError(
            f"--model {model}: takes no pictures: expected one input (n, 3, side, side) or"
            f" (n, side, side, 3), found {inputs}"
        )
    if entry.type not in _TYPES:
        raise UsageError(f"--model {model}: takes {entry.type}, which is not fed here")
    first = dims[1] == 3
    sides = {one for one in (dims[2:] if first else dims[1:3]) if isinstance(one, int)}
    if len(sides) > 1 or (side and sides and sides != {side}):
        raise UsageError(f"--model {model}: takes pictures of {dims}: only that square is fed")
    outputs = [one for one in session.get_outputs() if len(one.shape) in (2, 3, 4)]
    if not outputs:
        raise UsageError(f"--model {model}: gives no vector for a picture")
    named = [one for one in outputs if one.name in _NAMES]
    return Shape(
        entry.name,
        entry.type,
        first,
        next(iter(sides), None) or side or SIDE,
        dims[0] if isinstance(dims[0], int) else None,
        (named or outputs)[0].name,
    )
