"""The report's plots as inline SVG, by matplotlib; text and lines take the page's own colour."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

from ...curation.extras import how_to_install
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..status import Line

# Okabe and Ito's colours, which most people distinguish, on light and on dark ground.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_INK = "#123456"  # stands for the page's text colour until the SVG is written
_INKED = ("axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color", "text.color")
_STEPS = ("found", "fetched", "valid", "unique", "kept")
_WIDTH = 5.0  # inches: on a phone, words of 10 points are as large as they were meant
_LONGEST = 24  # characters of a label beside a plot
_MOST_LABELS = 40  # rows of a plot; more labels stand in the tables only


def _figure(width: float, height: float) -> tuple[Any, Any]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(
            f"--html draws with matplotlib and jinja2: {how_to_install('report')}"
        ) from error
    style: dict[Any, Any] = dict.fromkeys(_INKED, _INK)
    with rc_context({**style, "font.size": 10}):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    return figure, axes


def _legend(axes: Any) -> None:
    """Above the plot, where no bar is."""
    axes.legend(frameon=False, labelcolor=_INK, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)


def _ticks(labels: Iterable[str]) -> list[str]:
    """Labels beside a plot; the tables have the whole of long ones."""
    return [one if len(one) <= _LONGEST else f"{one[: _LONGEST - 1]}…" for one in labels]


def _svg(figure: Any, title: str) -> str:
    """The figure as an element that has a name for a screen reader."""
    from matplotlib import rc_context

    written = StringIO()
    with rc_context({"svg.fonttype": "none"}):  # words stay words: found, read out, selected
        figure.savefig(written, format="svg", metadata={"Date": None, "Title": title})
    text = written.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    # Its own size would keep it from shrinking with the page.
    return _own_names(
        re.sub(
            r'<svg [^>]*?(viewBox="[^"]*")[^>]*>',
            rf'<svg \1 role="img"><title>{title}</title>',
            text,
            count=1,
        ),
        title,
    )


def _own_names(svg: str, title: str) -> str:
    """Names of elements that are referred to begin with the plot's; no other element has one.

    Several plots lie on one page, and matplotlib calls the parts of each alike.
    """
    used = set(re.findall(r"#([\w-]+)", svg))
    prefix = re.sub(r"\W+", "-", title.lower())
    svg = re.sub(
        r' id="([^"]*)"',
        lambda found: f' id="{prefix}-{found[1]}"' if found[1] in used else "",
        svg,
    )
    return re.sub(r'(url\(#|href="#)', rf"\1{prefix}-", svg)


def _count_pictures(axes: Any) -> None:
    axes.set_xlabel("pictures")
    axes.xaxis.get_major_locator().set_params(integer=True)  # there is no quarter of a picture


def funnel(totals: Mapping[str, Line]) -> str:
    """Grouped bars: found, fetched, valid, unique and kept of each label."""
    shown = dict(list(totals.items())[:_MOST_LABELS])
    figure, axes = _figure(_WIDTH, 1.0 + (0.75 if len(shown) <= 12 else 0.45) * len(shown))
    height = 0.8 / len(_STEPS)
    for place, step in enumerate(_STEPS):
        numbers = [getattr(line, step) or 0 for line in shown.values()]
        axes.barh(
            [row + place * height for row in range(len(shown))],
            numbers,
            height,
            label=step,
            color=COLOURS[place],
        )
    axes.set_ylim(-0.2, len(shown))
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(shown))], _ticks(shown))
    axes.invert_yaxis()
    _count_pictures(axes)
    _legend(axes)
    return _svg(figure, "From found to kept, by label")


def balance(splits: Mapping[str, Mapping[str, int]]) -> str:
    """Stacked bars: the pictures of each label in train, val and test."""
    shown = dict(list(splits.items())[:_MOST_LABELS])
    names = [one for one in ("train", "val", "test") if any(one in held for held in shown.values())]
    figure, axes = _figure(_WIDTH, 0.8 + 0.32 * len(shown))
    left = [0] * len(shown)
    for place, name in enumerate(names):
        numbers = [held.get(name, 0) for held in shown.values()]
        axes.barh(range(len(shown)), numbers, left=left, label=name, color=COLOURS[place])
        left = [one + more for one, more in zip(left, numbers, strict=True)]
    axes.set_yticks(range(len(shown)), _ticks(shown))
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.invert_yaxis()
    _count_pictures(axes)
    _legend(axes)
    return _svg(figure, "Pictures of each label by split")


def sizes(pictures: Sequence[tuple[int, int]]) -> str:
    """Widths against heights, in pixels, darker where many lie."""
    figure, axes = _figure(5, 4)
    axes.hexbin(
        *zip(*pictures, strict=True),
        gridsize=28,
        bins="log",
        mincnt=1,
        cmap="viridis",
        linewidths=0,
    )
    axes.set(xlabel="width", ylabel="height")
    return _svg(figure, "Sizes in pixels")


def aspects(pictures: Iterable[tuple[int, int]]) -> str:
    """How wide pictures are for their height; 1 is a square."""
    shares = [min(4.0, max(0.25, width / height)) for width, height in pictures]
    figure, axes = _figure(5, 4)
    axes.hist(shares, bins=[0.25 * 2 ** (step / 5) for step in range(21)], color=COLOURS[0])
    axes.set_xscale("log", base=2)
    axes.set_xticks([0.25, 0.5, 1, 2, 4], ["1:4", "1:2", "1:1", "2:1", "4:1"])
    axes.set(xlabel="width to height", ylabel="pictures")
    return _svg(figure, "Shapes")
