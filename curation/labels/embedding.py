"""Pictures as vectors in which likeness of subject is nearness: the seam, and three who fill it.

`Classical` needs no model and no download: it sees colour and the direction of edges, which tells
a sunflower field from a plate and little more. For more, give `OnnxEmbedder` or `TorchEmbedder` the
path of an image model (one that returns a vector for each picture).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns pictures (RGB, any sizes) into rows of a float32 matrix, one a picture."""

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed; the same picture gives the same row in any company."""
        ...


class Classical:
    """Colour histograms and edge directions on a grid, by hand: 912 numbers a picture."""

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed each picture squeezed to 128 x 128 pixels."""
        return np.stack([_classical(picture) for picture in pictures])


_SIDE: Final = 128
_CELLS: Final = 8  # a side: edge directions are counted in 8 x 8 cells
_TURNS: Final = 9  # directions in half a circle
_ZONES: Final = 3  # a side: colours are counted in 3 x 3 zones


def _classical(picture: Image.Image) -> Vectors:
    squeezed = picture.convert("RGB").resize((_SIDE, _SIDE))
    small = np.asarray(squeezed, dtype=np.float32) / np.float32(255)
    edges, colours = _edge_directions(small.mean(axis=2)), _colours(small)
    # Each half counts the same, whatever its length; roots keep a large plain area from drowning
    # the rest.
    halves = [np.sqrt(half / max(float(half.sum()), 1e-6)) for half in (edges, colours)]
    return np.concatenate(halves).astype(np.float32)


def _edge_directions(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    down, across = np.gradient(gray)
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) % np.pi) * (_TURNS / np.pi)
    bins = np.minimum(turn.astype(np.int64), _TURNS - 1)
    where = np.arange(_SIDE) * _CELLS // _SIDE
    cell = where[:, None] * _CELLS + where[None, :]
    counts = np.bincount(
        (cell * _TURNS + bins).ravel(), strength.ravel(), minlength=_CELLS * _CELLS * _TURNS
    )
    cells = counts.reshape(-1, _TURNS).astype(np.float32)
    # A cell's contrast says little about what it shows.
    evened: NDArray[np.float32] = cells / (np.linalg.norm(cells, axis=1, keepdims=True) + 0.3)
    return evened.ravel()


def _colours(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Count 36 colours (12 hues in 2 strengths, 12 grays) in each zone."""
    bright, dull = small.max(axis=2), small.min(axis=2)
    chroma = bright - dull
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    hue = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) % (2 * np.pi)
    hues = np.minimum((hue * (12 / (2 * np.pi))).astype(np.int64), 11)
    grays = 24 + np.minimum((bright * 12).astype(np.int64), 11)
    colour = np.where(chroma < 0.12, grays, hues + 12 * (chroma > 0.4))
    where = np.arange(_SIDE) * _ZONES // _SIDE
    zone = where[:, None] * _ZONES + where[None, :]
    counts = np.bincount((zone * 36 + colour).ravel(), minlength=_ZONES * _ZONES * 36)
    return counts.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a model wants its pictures: squeezed to `side`, scaled by `mean` and `spread`."""

    side: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    spread: tuple[float, float, float] = (0.229, 0.224, 0.225)

    def batch(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Return (n, 3, side, side) float32."""
        size = (self.side, self.side)
        stacked = np.stack(
            [np.asarray(one.convert("RGB").resize(size), dtype=np.float32) for one in pictures]
        )
        mean, spread = (np.array(three, dtype=np.float32) for three in (self.mean, self.spread))
        return np.ascontiguousarray(((stacked / 255 - mean) / spread).transpose(0, 3, 1, 2))


class OnnxEmbedder:
    """An ONNX model from a path; its first output is the vector. Needs `pip install pixset[noise]`.

    Raises UsageError where onnxruntime is absent or the file is no model.
    """

    def __init__(self, model: Path, preparation: Preparation | None = None) -> None:
        try:
            import onnxruntime
            from onnxruntime.capi import onnxruntime_pybind11_state as states
        except ImportError as error:
            raise UsageError("an ONNX model needs onnxruntime: pip install onnxruntime") from error
        if not model.is_file():
            raise UsageError(f"{model}: no such model")
        # Its errors have no class in common but Exception.
        names = ("Fail", "InvalidProtobuf", "InvalidGraph", "InvalidArgument", "NotImplemented")
        faults = tuple(getattr(states, name) for name in (*names, "RuntimeException", "NoSuchFile"))
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), providers=["CPUExecutionProvider"]
            )
        except faults as error:
            raise UsageError(f"{model}: is no ONNX model that runs here: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._preparation = preparation or Preparation()

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed, 32 pictures at a time."""
        rows = []
        for start in range(0, len(pictures), 32):
            batch = self._preparation.batch(pictures[start : start + 32])
            output = np.asarray(self._session.run(None, {self._input: batch})[0])
            rows.append(output.reshape(len(batch), -1))
        return np.concatenate(rows).astype(np.float32)


class TorchEmbedder:
    """A TorchScript model from a path; its output is the vector. Needs torch.

    Raises UsageError where torch is absent or the file is no TorchScript model.
    """

    def __init__(self, model: Path, preparation: Preparation | None = None) -> None:
        try:
            import torch
        except ImportError as error:
            raise UsageError("a torch model needs torch: pip install torch") from error
        if not model.is_file():
            raise UsageError(f"{model}: no such model")
        self._torch = torch
        try:
            self._model = torch.jit.load(str(model), map_location="cpu").eval()
        except RuntimeError as error:
            raise UsageError(f"{model}: is no TorchScript model: {error}") from error
        self._preparation = preparation or Preparation()

    def __call__(self, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed, 32 pictures at a time."""
        rows = []
        for start in range(0, len(pictures), 32):
            batch = self._preparation.batch(pictures[start : start + 32])
            with self._torch.inference_mode():
                output = self._model(self._torch.from_numpy(batch))
            rows.append(output.reshape(len(batch), -1).numpy())
        return np.concatenate(rows).astype(np.float32)
