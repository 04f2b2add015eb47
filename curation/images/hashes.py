"""64-bit fingerprints of one decoded picture, and how they turn when the picture is turned.

`phash` and `dhash` are imagehash's. A look takes both at once, with equal bits, as matrix
products: Pillow's resize (`resize.py`), then for pHash the 64 frequencies that it needs, where
imagehash transforms all 1,024. They are rounded, so that flat art hashes alike on every machine.
The DCTs of all crops are one batched product.

To add a fingerprint, write it as a function of a `Sample` and put it into `FINGERPRINTS`.

Bits are in imagehash's order: row by row, the first is the most significant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

import numpy as np

from .borders import WHOLE
from .resize import resized

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from .borders import Window
    from .sample import Sample

# Centre crops that are fingerprinted: kind → share of width and height that is left.
CENTRE_CROPS = {
    "phash_crop05": 0.95,
    "phash_crop10": 0.90,
    "phash_crop15": 0.85,
    "phash_crop20": 0.80,
}


# Crops against two sides and against one, kind → (share, how far east, how far south); with the
# centre they are a grid of 3 x 3, near which every crop of a tenth lies. And the square that
# galleries and search engines cut thumbs to.
OFF_CENTRE = {
    "phash_corner_tl": (0.89, 0, 0), "phash_corner_tr": (0.89, 1, 0),
    "phash_corner_bl": (0.89, 0, 1), "phash_corner_br": (0.89, 1, 1),
    "phash_edge_l": (0.91, 0, 0.5), "phash_edge_r": (0.91, 1, 0.5),
    "phash_edge_t": (0.91, 0.5, 0), "phash_edge_b": (0.91, 0.5, 1),
}  # fmt: skip
SQUARE = "phash_square"
CROPS = (*CENTRE_CROPS, *OFF_CENTRE, SQUARE)
TRIMMED = "phash_trim"


def crop_windows(content: Window, width: int, height: int) -> dict[str, Window]:
    """The windows within `content` (of a picture of these pixels) that are fingerprinted."""
    windows = {kind: inside(content, share) for kind, share in CENTRE_CROPS.items()}
    left, top, right, bottom = content
    for kind, (share, east, south) in OFF_CENTRE.items():
        across, down = (right - left) * share, (bottom - top) * share
        x = left + (right - left - across) * east
        y = top + (bottom - top - down) * south
        windows[kind] = (x, y, x + across, y + down)
    wide, high = (right - left) * width, (bottom - top) * height
    side = min(wide, high)
    if max(wide, high) > 1.1 * side:
        x, y = (left + right) / 2, (top + bottom) / 2
        half_across, half_down = side / width / 2, side / height / 2
        windows[SQUARE] = (x - half_across, y - half_down, x + half_across, y + half_down)
    return windows


def phash(image: Image.Image) -> int:
    """The 64-bit pHash of one picture, by imagehash."""
    import imagehash  # 150 ms with its scipy and PyWavelets, which a look does without

    return int(str(imagehash.phash(image)), 16)


def dhash(image: Image.Image) -> int:
    """The 64-bit dHash of one picture, by imagehash."""
    import imagehash

    return int(str(imagehash.dhash(image)), 16)


def phash_and_dhash(luma: NDArray[np.uint8]) -> tuple[int, int]:
    """Both hashes of a gray picture, (h, w), as `phash` and `dhash` give them, for a look.

    A third of imagehash's time; of flat art the frequencies that are noise are rounded away.
    """
    square, steps = resized(luma, ((32, 32), (9, 8)))
    return bits_above_median(_DCT @ square @ _DCT.T), _pack(steps[:, 1:] > steps[:, :-1])


def _dct(count: int, size: int) -> NDArray[np.float64]:
    """The first `count` rows of the DCT-II over `size` samples, scaled as scipy does."""
    at = (2 * np.arange(size) + 1) / (2 * size)
    rows: NDArray[np.float64] = 2 * np.cos(np.pi * np.outer(np.arange(count), at))
    return rows


_DCT = _dct(8, 32)


def bits_above_median(coefficients: NDArray[np.float64]) -> int:
    """Which of the 8 x 8 low frequencies lie above their median.

    Rounded first: in flat art many are 0 but for the rounding of the sum, and hashes that hang
    on noise differ between machines.
    """
    values = np.round(coefficients, 3)
    middle = np.partition(values, (31, 32), axis=None)
    return _pack(values > (middle[31] + middle[32]) / 2)


def _pack(bits: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def window_hashes(gray: NDArray[np.float64], windows: Mapping[str, Window]) -> dict[str, int]:
    """pHashes of windows of a square gray thumb, kind → bits, in one batched product.

    `gray` is n x n, the whole picture squeezed; the cosines are integrated over each window, so
    no crop is ever resampled.
    """
    if not windows:
        return {}
    side = gray.shape[0]
    down, across = _window_cosines(side, tuple(windows.values()))
    coefficients = (down @ gray).reshape(len(windows), 8, side) @ across
    values = np.round(coefficients.reshape(len(windows), 64), 4)
    middle = np.partition(values, (31, 32), axis=1)
    bits = values > ((middle[:, 31] + middle[:, 32]) / 2)[:, None]
    packed = np.packbits(bits, axis=1).view(">u8")[:, 0]
    return {kind: int(value) for kind, value in zip(windows, packed, strict=True)}


@lru_cache(maxsize=64)
def _window_cosines(
    side: int, windows: tuple[Window, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The cosines of all windows down (8 rows each), and across (side x 8 each)."""
    down = np.concatenate([_cosines(side, window[1], window[3]) for window in windows])
    across = np.stack([_cosines(side, window[0], window[2]) for window in windows])
    return down, np.ascontiguousarray(across.transpose(0, 2, 1))


@lru_cache(maxsize=1024)
def _cosines(side: int, start: float, end: float) -> NDArray[np.float64]:
    """8 x side: the integral of each low-frequency cosine of [start, end] over every pixel."""
    edges = np.clip(np.arange(side + 1) / side, start, end)
    at = (edges - start) / (end - start)
    rows = np.empty((8, side))
    rows[0] = np.diff(at)
    for row in range(1, 8):
        rows[row] = np.diff(np.sin(np.pi * row * at)) / (np.pi * row)
    return rows * 64


def inside(outer: Window, share: float) -> Window:
    """The centred window with `share` of the width and height of `outer`."""
    left, top, right, bottom = outer
    across, down = (right - left) * (1 - share) / 2, (bottom - top) * (1 - share) / 2
    return left + across, top + down, right - across, bottom - down


# The pHash of a turned picture from the bits alone: a mirror flips the sign of every odd
# frequency, a quarter turn also swaps rows and columns. The median moves a little, so a turned
# hash is within a few bits of the real one.
ODD_COLUMNS = np.uint64(0x5555555555555555)
ODD_ROWS = np.uint64(0x00FF00FF00FF00FF)


def transpose_bits(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Rows and columns of the 8 x 8 bits swapped, hash by hash."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    swapped = bits.reshape(-1, 8, 8).transpose(0, 2, 1).reshape(-1, 64)
    return np.packbits(swapped, axis=1).view(">u8")[:, 0].astype(np.uint64)


def turned(hashes: NDArray[np.uint64]) -> dict[str, NDArray[np.uint64]]:
    """The seven turns of a square: name → pHashes of the pictures so turned."""
    other = transpose_bits(hashes)
    return {
        "mirror": hashes ^ ODD_COLUMNS,
        "flip": hashes ^ ODD_ROWS,
        "half": hashes ^ ODD_COLUMNS ^ ODD_ROWS,
        "transpose": other,
        "left": other ^ ODD_ROWS,
        "right": other ^ ODD_COLUMNS,
        "transverse": other ^ ODD_COLUMNS ^ ODD_ROWS,
    }


def to_array(values: Sequence[int]) -> NDArray[np.uint64]:
    """Python ints as the uint64 array that the joins take."""
    return np.array(values, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One kind of fingerprint: how it is made, and its version.

    `bits` returns 64 bits, or None where the kind does not apply. `version` is raised when the same
    pixels give other bits: the kind is then made again for every picture, and nothing else is.
    """

    bits: Callable[[Sample], int | None]
    version: int = 1


def _whole(sample: Sample) -> tuple[int, int]:
    return phash_and_dhash(sample.luma)


def _windows(sample: Sample) -> Mapping[str, int]:
    windows = crop_windows(sample.content, *sample.decoded.picture.size)
    if sample.content != WHOLE:
        windows[TRIMMED] = sample.content
    return window_hashes(sample.thumb_luma, windows)


def _window(sample: Sample, *, kind: str) -> int | None:
    return sample.once(_windows).get(kind)


# The registry.
FINGERPRINTS: Final[dict[str, Fingerprint]] = {
    "phash": Fingerprint(lambda sample: sample.once(_whole)[0]),
    "dhash": Fingerprint(lambda sample: sample.once(_whole)[1]),
    **{
        kind: Fingerprint(partial(_window, kind=kind), version=1 + kind.startswith("phash_corner"))
        for kind in (*CROPS, TRIMMED)
    },
}
