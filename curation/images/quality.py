"""What is wrong with a picture, as far as cheap statistics can tell.

`measure` turns the pixels of one scaled decode into a score per check, once. `findings` compares
the scores with thresholds, as often as somebody changes their mind. A finding is a report; only
those of a check that says `drop` ask for the picture to go, and even they delete nothing.

A check drops by default only what is of no use to anybody: pictures of a few pixels and pictures
with nothing in them. Night, snow, fog, documents, memes, and macro blur are what some datasets
are made of, so those checks report and leave the choice to the recipe (`drop=`). The thresholds
were set on 1,792 real photographs; `benchmarks/RESULTS.md` has the table.

Not measured here: watermarks. No cheap statistic tells one from a caption, a street sign, or a
jersey number, and a check that guesses would cost good pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from .facts import Facts

Thresholds = dict[str, float]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong: how it is scored, and from which score on it is a finding."""

    name: str
    measures: str
    threshold: float
    direction: Literal["below", "above"]
    drop: bool = False

    def fires(self, score: float, threshold: float | None = None) -> bool:
        """Say whether a score lies on the wrong side of the threshold (this check's, or yours)."""
        limit = self.threshold if threshold is None else threshold
        return score < limit if self.direction == "below" else score > limit


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's report on one picture; `drop` says that the rule asks for it to go."""

    check: str
    score: float
    threshold: float
    drop: bool


# The registry. Scores keep their unit, so that a threshold can be written down by a person.
CHECKS: Final[dict[str, Check]] = {
    check.name: check
    for check in (
        Check(
            "small",
            "the longer side in pixels, or eight times the shorter side where that is less",
            threshold=64,
            direction="below",
            drop=True,
        ),
        Check("odd_shape", "longer side / shorter side", threshold=4, direction="above"),
        Check(
            "blank",
            "how much there is to see, in units of the border: 0 is one plain tone; below 1 lie "
            "plain tones with hardly a mark on them (under 2.5 % of the pixels, two tones)",
            threshold=1,
            direction="below",
            drop=True,
        ),
        Check("dark", "the 99th percentile of luma (0 to 255)", threshold=64, direction="below"),
        Check("light", "the 1st percentile of luma (0 to 255)", threshold=185, direction="above"),
        Check(
            "blurry",
            "the finest detail against the next coarser one, at the size of the scaled decode "
            "(short side 128 to 256 px): 0.9 is a usual photograph, 0.3 a thumbnail blown up "
            "fourfold. Blur that only shows at full size is not seen",
            threshold=0.35,
            direction="below",
        ),
        Check("animated", "the number of frames or pages", threshold=1, direction="above"),
        Check(
            "graphic",
            "flat areas with hard edges between them (0 to 1): text pages, logos, clip art, "
            "edge maps. Photographed or coloured documents and captioned photographs pass",
            threshold=0.25,
            direction="above",
        ),
        Check(
            "placeholder",
            "the share of the commonest tone (0 to 1): 'image not available' cards, and with "
            "them logos, icons, and a small moon in a black sky",
            threshold=0.92,
            direction="above",
        ),
        Check(
            "wrong_type",
            "1 where the file's name claims another type than its bytes have, else 0",
            threshold=0.5,
            direction="above",
        ),
    )
}

_EDGE: Final = 10  # levels between neighbours: above what JPEG noise does to a plain area
_HARD: Final = 48  # levels between neighbours: ink on paper, seldom light on things
_WINDOW: Final = 9  # levels that count as one tone: a plain tone after JPEG, antialiasing left out


def measure(
    pixels: NDArray[np.uint8],
    *,
    width: int,
    height: int,
    frames: int = 1,
    luma: NDArray[np.uint8] | None = None,
) -> dict[str, float]:
    """Score one picture for every check that looks at pixels or size.

    `pixels` is the scaled decode: (h, w, 3) uint8 RGB, alpha flattened on white, orientation
    applied. `width`, `height` are the picture's own size in pixels, `frames` its frames (1 for an
    MPO: its further JPEGs are no animation). `luma` is the (h, w) gray version of `pixels`, where
    the caller has one already.
    """
    gray = _luma(pixels) if luma is None else luma
    tones = _tones(gray)
    edges = _edges(gray)
    detail = tones.rest + edges.share
    contrast = tones.brightest - tones.darkest
    hard = edges.hard / (edges.share + 0.005)  # 0.005: a few edge pixels prove nothing
    # Two tones and nothing else are as good as blank; a textured little thing (a moon, a bird)
    # has entropy. Without contrast, entropy is only noise and says nothing.
    information = tones.entropy / 0.6 if contrast > 32 else 0.0
    long, short = max(width, height), max(1, min(width, height))
    return {
        "small": float(min(long, 8 * short)),
        "odd_shape": long / short,
        "blank": max(detail / 0.025, information),
        "dark": float(tones.light),
        "light": float(tones.dark),
        "blurry": edges.sharpness,
        "animated": float(frames),
        "graphic": max(edges.flat, tones.commonest) * min(1.0, hard),
        "placeholder": tones.commonest,
    }


def findings(
    facts: Facts,
    thresholds: Mapping[str, float] | None = None,
    *,
    name: str | None = None,
    drop: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Judge measured scores, in the registry's order.

    `thresholds` replaces single thresholds by check name. `name` is the file's name, where it has
    one of its own to be wrong about. `drop` names the checks whose findings ask for the picture to
    go, instead of those that do so by default. Raises UsageError for a check that does not exist.
    """
    limits = thresholds or {}
    known(limits, drop or ())
    scores = dict(facts.scores)
    if name is not None:
        scores["wrong_type"] = float(claims_another_type(name, facts.format))
    found = []
    for check in CHECKS.values():
        score = scores.get(check.name)
        limit = limits.get(check.name, check.threshold)
        if score is not None and check.fires(score, limit):
            drops = check.drop if drop is None else check.name in drop
            found.append(Finding(check.name, score, limit, drops))
    return tuple(found)


def known(*names: Iterable[str]) -> None:
    """Raise UsageError, naming the checks that exist, for the first name that is none of them."""
    for unknown in sorted({name for some in names for name in some} - CHECKS.keys()):
        raise UsageError(f"no check named {unknown!r}: there are {', '.join(CHECKS)}")


# Names of one type, as files carry them and as decoders call them.
_ALIKE: Final[dict[str, str]] = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "mpo"), "jpeg"),
    **dict.fromkeys(("png", "apng"), "png"),
    **dict.fromkeys(("tif", "tiff"), "tiff"),
    **dict.fromkeys(("bmp", "dib"), "bmp"),
    **dict.fromkeys(("avif", "avifs"), "avif"),
    **dict.fromkeys(("heic", "heif"), "heif"),
    **dict.fromkeys(("jp2", "j2k", "jpx", "jpeg2000"), "jpeg2000"),
    **dict.fromkeys(("ppm", "pgm", "pbm", "pnm", "pfm"), "ppm"),
    **{one: one for one in ("gif", "webp", "ico", "svg", "psd", "tga", "dds", "pcx", "pdf")},
}


def claims_another_type(name: str, kind: str) -> bool:
    """Say whether a file's name claims a picture type other than `kind` (`Facts.format`).

    A name without extension, or with one that is no picture's (`.html`, `.download`), is no
    claim that somebody would load it by.
    """
    claimed = _ALIKE.get(name.rpartition(".")[2].lower()) if "." in name else None
    return claimed is not None and claimed != _ALIKE.get(kind.lower(), kind.lower())


@dataclass(frozen=True, slots=True)
class _Tones:
    darkest: int
    dark: int
    light: int
    brightest: int
    commonest: float
    rest: float
    entropy: float


@dataclass(frozen=True, slots=True)
class _Edges:
    share: float
    hard: float
    flat: float
    sharpness: float


def _luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"))


def _tones(gray: NDArray[np.uint8]) -> _Tones:
    """Read the histogram: percentiles, the two commonest tones, and the entropy in bits."""
    sample = gray[::2]
    counts = np.bincount(sample.ravel(), minlength=256)
    total = sample.size
    levels = np.flatnonzero(counts)
    dark, light = np.searchsorted(np.cumsum(counts), (0.01 * total, 0.99 * total))
    windows = np.convolve(counts, np.ones(_WINDOW, np.int64), "same")
    first = int(windows.argmax())
    others = counts.copy()
    others[max(0, first - _WINDOW // 2) : first + _WINDOW // 2 + 1] = 0
    second = int(np.convolve(others, np.ones(_WINDOW, np.int64), "same").max())
    shares = counts[levels] / total
    return _Tones(
        darkest=int(levels[0]),
        dark=int(dark),
        light=int(light),
        brightest=int(levels[-1]),
        commonest=float(windows[first]) / total,
        rest=(total - int(windows[first]) - second) / total,
        entropy=float(-(shares * np.log2(shares)).sum()),
    )


def _edges(gray: NDArray[np.uint8]) -> _Edges:
    """Compare neighbours along every third row and column."""
    edges = hard = flat = total = 0
    bends = coarse = 0.0
    for lines in (gray[::3], gray[:, ::3].T):
        levels = lines.astype(np.float32, order="C")
        steps = levels[:, 1:] - levels[:, :-1]
        bend = (steps[:, 1:] - steps[:, :-1]).ravel()
        wide = (steps[:, 1:] + steps[:, :-1]).ravel()
        bends += float(bend @ bend)
        coarse += float(wide @ wide)
        np.abs(steps, out=steps)
        edges += int(np.count_nonzero(steps > _EDGE))
        hard += int(np.count_nonzero(steps > _HARD))
        flat += int(np.count_nonzero(steps <= 1))
        total += steps.size
    total = max(1, total)
    return _Edges(
        share=edges / total,
        hard=hard / total,
        flat=flat / total,
        # No detail at all is not blur: a blank picture is reported as blank.
        sharpness=(bends / coarse) ** 0.5 if coarse else 1.0,
    )
