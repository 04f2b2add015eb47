"""The report as one HTML file that needs no other: its pictures, plots and style are in it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..review.thumbs import scaled
from ..stats import wilson
from . import plots
from .gather import label_order

if TYPE_CHECKING:
    from pathlib import Path

    from ..project import Project
    from .gather import Copies, DatasetFacts, Reviewed

FAMILIES = 24  # shown with pictures; the rest is counted
MEMBERS = 5
SIDE = 128  # pixels of a thumbnail
QUERIES = 30  # the worst


def html_page(project: Project, facts: DatasetFacts) -> str:
    """The whole page; raises UsageError where the extra `report` is not installed."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise UsageError(
            f"--html draws with matplotlib and jinja2: {how_to_install('report')}"
        ) from error
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"percent": _percent, "megabytes": _megabytes, "dash": _dash}
    room = resources.files(__package__)
    template = environment.from_string(room.joinpath("page.html.jinja").read_text("utf-8"))
    return template.render(
        style=room.joinpath("page.css").read_text("utf-8"),
        facts=facts,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        labels=label_order(facts),
        drawn=_drawn(facts),
        families=[_shown(project.root, one) for one in facts.copies[:FAMILIES]],
        worst=facts.yields[:QUERIES],
        astray=any(one.off_topic is not None for one in facts.yields),
        reviewed=[(one, _precision(one)) for one in facts.reviewed],
    )


def _drawn(facts: DatasetFacts) -> dict[str, str]:
    """The plots that have something to show, as SVG."""
    drawn = {"funnel": plots.funnel(facts.status.totals)} if facts.status.totals else {}
    if facts.splits:
        drawn["balance"] = plots.balance(facts.splits)
    if facts.sizes:
        drawn |= {"sizes": plots.sizes(facts.sizes), "aspects": plots.aspects(facts.sizes)}
    return drawn


def _shown(root: Path, copies: Copies) -> dict[str, object]:
    members = [
        {"path": path, "relation": relation, "dropped": dropped, "source": _inline(root / path)}
        for path, relation, dropped in copies.members[:MEMBERS]
    ]
    return {
        "path": copies.keeper,
        "source": _inline(root / copies.keeper),
        "members": members,
        "more": len(copies.members) - len(members),
    }


def _inline(path: Path) -> str:
    """A thumbnail as a data: URI; empty where the file cannot be read."""
    data = scaled(path, SIDE)
    return "data:image/jpeg;base64," + base64.b64encode(data).decode() if data else ""


def _precision(one: Reviewed) -> tuple[float, float] | None:
    """The 95 % interval of the share that is right, None where none is reviewed."""
    return wilson(one.seen - one.wrong, one.seen) if one.seen else None


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _megabytes(number: int) -> str:
    return f"{number / 1e6:,.1f} MB"


def _dash(value: object) -> object:
    return "\N{EN DASH}" if value is None else value
