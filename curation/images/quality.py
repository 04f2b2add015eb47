"""What is wrong with a picture, as far as cheap statistics can tell.

A check's `score` turns the pixels of one scaled decode into a number, once. `findings` compares the
numbers with thresholds, as often as somebody changes their mind. To add a check, write its score as
a function of a `Sample` and put it into `CHECKS`. A finding is a report; only those of a check that
says `drop` ask for the picture to go, and even they delete nothing.

A check drops by default only what is of no use to anybody: pictures of a few pixels and pictures
with nothing in them. Night, snow, fog, documents, memes, and macro blur are what some datasets
are made of, so those checks report and leave the choice to the recipe (`drop=`). The thresholds
were set on 1,792 real photographs; `benchmarks/NOTES.md` has the table.

Not measured here: watermarks. No cheap statistic of one picture tells one from a caption, a street
sign, or a jersey number, and a check that guesses would cost good pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ..errors import UsageError
from .layout_scores import collage, framed
from .provenance import ai_made
from .statistics import edges, ink, is_plain_shape, tones

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from .facts import Facts
    from .sample import Sample


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that can be wrong: how it is scored, and from which score on it is a finding.

    `score` is None for what no pixel tells. `version` is raised when the same pixels give another
    score: this check is then scored again for every picture, and nothing else is.
    """

    name: str
    measures: str
    threshold: float
    direction: Literal["below", "above"]
    drop: bool = False
    score: Callable[[Sample], float] | None = None
    version: int = 1

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


def _small(sample: Sample) -> float:
    long, short = _sides(sample)
    return float(min(long, 8 * short))


def _odd_shape(sample: Sample) -> float:
    long, short = _sides(sample)
    return long / short


def _sides(sample: Sample) -> tuple[int, int]:
    """The longer and the shorter side of the picture itself, in pixels."""
    width, height = sample.decoded.width, sample.decoded.height
    return max(width, height), max(1, min(width, height))


_INK: Final = 12  # pixels of the scaled decode that are something: six specks of dust are fewer
_NEARLY_BLANK: Final = 4.0


def _blank(sample: Sample) -> float:
    of, lines = sample.once(tones), sample.once(edges)
    detail = (of.rest + lines.share) / 0.025
    if detail < _NEARLY_BLANK and is_plain_shape(sample):
        return min(detail, 0.9)
    contrast = of.brightest - of.darkest
    # A character, a signature or a sketch is ink on paper: two tones with hard edges.
    inked = lines.hard / 0.003 if contrast > 128 else 0.0
    seen = max(detail, inked)
    # Shares miss the small and the thin: what is nearly blank is looked at pixel by pixel.
    return max(seen, sample.once(ink) / _INK) if seen < _NEARLY_BLANK else seen


def _dark(sample: Sample) -> float:
    return float(sample.once(tones).light)


def _light(sample: Sample) -> float:
    return float(sample.once(tones).dark)


def _blurry(sample: Sample) -> float:
    return sample.once(edges).sharpness


def _animated(sample: Sample) -> float:
    return float(sample.decoded.frames)


def _graphic(sample: Sample) -> float:
    of = sample.once(edges)
    hard = of.hard / (of.share + 0.005)  # 0.005: a few edge pixels prove nothing
    return max(of.flat, sample.once(tones).commonest) * min(1.0, hard)


def _placeholder(sample: Sample) -> float:
    return sample.once(tones).commonest


# The registry. Scores keep their unit, so that a threshold can be written down by a person.
CHECKS: Final[dict[str, Check]] = {
    check.name: check
    for check in (
        Check(
            "small",
            "the longer side in pixels, or eight times the shorter side where that is less",
            threshold=64,
            direction="below",
            score=_small,
            drop=True,
        ),
        Check(
            "odd_shape",
            "longer side / shorter side",
            threshold=4,
            direction="above",
            score=_odd_shape,
        ),
        Check(
            "blank",
            "how much there is to see, in units of the border: 0 is one plain tone; below 1 lie "
            "plain tones on which fewer than 12 pixels of the scaled decode (short side 128 to "
            "256 px) stand out, and one large plain shape alone on white",
            threshold=1,
            direction="below",
            score=_blank,
            drop=True,
            version=3,  # 2: lines count; 3: whatever stands out does
        ),
        Check(
            "dark",
            "the 99th percentile of luma (0 to 255)",
            threshold=64,
            direction="below",
            score=_dark,
        ),
        Check(
            "light",
            "the 1st percentile of luma (0 to 255)",
            threshold=185,
            direction="above",
            score=_light,
        ),
        Check(
            "blurry",
            "the finest detail against the next coarser one, at the size of the scaled decode "
            "(short side 128 to 256 px): 0.9 is a usual photograph, 0.3 a thumbnail blown up "
            "fourfold. Blur that only shows at full size is not seen",
            threshold=0.35,
            direction="below",
            score=_blurry,
        ),
        Check(
            "animated",
            "the number of frames or pages",
            threshold=1,
            direction="above",
            score=_animated,
        ),
        Check(
            "graphic",
            "flat areas with hard edges between them (0 to 1): text pages, logos, clip art, "
            "edge maps. Photographed or coloured documents and captioned photographs pass",
            threshold=0.25,
            direction="above",
            score=_graphic,
        ),
        Check(
            "placeholder",
            "the share of the commonest tone (0 to 1): 'image not available' cards, and with "
            "them logos, icons, and a small moon in a black sky",
            threshold=0.92,
            direction="above",
            score=_placeholder,
        ),
        Check(
            "framed",
            "the share of the frame that even borders on opposite sides cover (0 to 1): frames, "
            "passe-partouts, letterboxes; a plain ground or a night sky is none",
            threshold=0.02,
            direction="above",
            score=framed,
        ),
        Check(
            "collage",
            "the number of panels that plain, straight gutters from edge to edge divide it into "
            "(1: none). Panels that touch, hairlines, and gutters that end inside are not seen",
            threshold=1.5,
            direction="above",
            score=collage,
        ),
        Check(
            "ai_made",
            "1 where the file's own metadata say that a model made it (IPTC's digital source type "
            "in XMP or C2PA, a diffusion program's settings), 0.75 a part of it, 0.25 where it is "
            "signed (C2PA) and says neither. A file without metadata is 0, whatever it shows",
            threshold=0.5,
            direction="above",
            score=ai_made,
        ),
        Check(
            "wrong_type",
            "1 where the file's name claims another type than its bytes have, else 0",
            threshold=0.5,
            direction="above",
        ),
    )
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
        if score is not None and check.fires(score, limits.get(check.name)):
            limit = limits.get(check.name, check.threshold)
            drops = check.drop if drop is None else check.name in drop
            found.append(Finding(check.name, score, limit, drops))
    return tuple(found)


def known(*names: Iterable[str]) -> None:
    """Raise UsageError, naming the checks that exist, for the first name that is none of them."""
    for unknown in sorted(set().union(*names) - CHECKS.keys()):
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
