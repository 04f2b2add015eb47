"""The report as one HTML file that needs no other: its pictures, plots and style are in it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from ...curation.extras import how_to_install
from ...curation.printable import counted
from ..errors import UsageError
from ..review.thumbs import Thumbs
from ..split import SPLITS
from ..stats import wilson
from ..status import COLUMNS
from . import plots
from .gather import label_order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..project import Project
    from ..review.precision import PrecisionRow
    from .gather import Copies, DatasetFacts, LeftOut

FAMILIES = 24  # shown with pictures; the rest is counted
MEMBERS = 5
SIDE = 128  # pixels of a thumbnail
QUERIES = 30  # the worst
REASONS = 12  # for which pictures are out, shown with examples
ROWS = 40  # of the lists that grow with the labels


def html_page(project: Project, facts: DatasetFacts) -> str:
    """The whole page; raises UsageError where the extra `report` is not installed."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise UsageError(
            f"--html draws with matplotlib and jinja2: {how_to_install('report')}"
        ) from error
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "percent": _percent,
        "megabytes": _megabytes,
        "duration": _duration,
        "moment": _moment,
        "plain": _plain,
        "dash": _dash,
        "counted": counted,
    }
    room = resources.files(__package__)
    template = environment.from_string(room.joinpath("page.html.jinja").read_text("utf-8"))
    thumbs = Thumbs()
    try:
        families = [_shown(thumbs, project.root, one) for one in facts.copies[:FAMILIES]]
        left_out = [_examples(thumbs, project.root, one) for one in facts.left_out[:REASONS]]
    finally:
        thumbs.close()
    return template.render(
        style=room.joinpath("page.css").read_text("utf-8"),
        facts=facts,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        labels=label_order(facts),
        columns=COLUMNS,
        splits=[name for name in SPLITS if any(name in held for held in facts.splits.values())],
        short={slug: pair for slug, pair in facts.status.short().items() if pair[0]},
        drawn=_drawn(facts),
        families=families,
        left_out=left_out,
        worst=facts.yields[:QUERIES],
        coverage=_coverage(facts.precision),
        most=ROWS,
        astray=any(one.off_topic is not None for one in facts.yields),
    )


def _drawn(facts: DatasetFacts) -> dict[str, str]:
    """The plots that have something to show, as SVG."""
    drawn = {"funnel": plots.funnel(facts.status.totals)} if facts.status.totals else {}
    if facts.splits:
        drawn["balance"] = plots.balance(facts.splits)
    if facts.sizes:
        drawn |= {"sizes": plots.sizes(facts.sizes), "aspects": plots.aspects(facts.sizes)}
    return drawn


def _shown(thumbs: Thumbs, root: Path, copies: Copies) -> dict[str, object]:
    members = [
        {
            "path": path,
            "relation": relation,
            "dropped": dropped,
            "source": _inline(thumbs, root / path),
        }
        for path, relation, dropped in copies.members[:MEMBERS]
    ]
    return {
        "path": copies.keeper,
        "source": _inline(thumbs, root / copies.keeper),
        "members": members,
        "more": len(copies.members) - len(members),
    }


def _examples(thumbs: Thumbs, root: Path, one: LeftOut) -> dict[str, object]:
    shown = [{"path": path, "source": _inline(thumbs, root / path)} for path in one.examples]
    more = one.number - len(shown)
    return {"reason": one.reason, "by": one.by, "number": one.number, "shown": shown, "more": more}


def _inline(thumbs: Thumbs, path: Path) -> str:
    """A thumbnail as a data: URI; empty where the file cannot be read."""
    data = thumbs.get(path, SIDE)
    return "data:image/jpeg;base64," + base64.b64encode(data).decode() if data else ""


def _coverage(rows: Sequence[PrecisionRow]) -> list[tuple[str, str, int, int, int, str]]:
    """Split, name, pictures, seen, wrong, interval: each split as a whole, then its parts.

    Parts of which nothing was seen are left out, so that what is known stands together.
    """
    found = []
    for split in dict.fromkeys(row.split for row in rows):
        parts = [row for row in rows if row.split == split]
        labels = [row for row in parts if row.by == "label"]
        total = [
            sum(getattr(row, name) for row in labels) for name in ("pictures", "seen", "wrong")
        ]
        found.append((split, "all", *total, _interval(total[1], total[2])))
        found += [
            (split, row.name, row.pictures, row.seen, row.wrong, _interval(row.seen, row.wrong))
            for row in parts
            if row.seen
        ]
    return found


def _interval(seen: int, wrong: int) -> str:
    """The 95 % interval of the share that is right, in words."""
    if not seen:
        return "not known"
    low, high = wilson(seen - wrong, seen)
    return f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"


def _duration(seconds: float) -> str:
    """Whole minutes, or seconds below two of them."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _moment(text: str | None) -> str:
    """A UTC moment to the minute."""
    return text[:16].replace("T", " ") if text else ""


def _plain(word: str) -> str:
    return word.replace("-", " ").replace("_", " ")


def _dash(value: object) -> object:
    return "\N{EN DASH}" if value is None else value
