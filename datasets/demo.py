"""The main job in small: the replica on drawn pictures, and `build` as anyone would run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..curation.progress import Progress, silent
from ..scraper.errors import UsageError as ScraperUsageError
from .build import Built, build
from .collect.settings import SearchSettings
from .recipe.binary import binary

if TYPE_CHECKING:
    from ..scraper.browser.installed import BrowserChoice
    from ..scraper.replica import Replica
    from .project import Project
    from .recipe import Recipe

# Always the same one, so that a demo that was stopped finds its addresses again.
PORT = 8437
# Enough dishes to show the three strata; the whole recipe would open 180 result pages.
NEGATIVES = ("frittata", "quiche", "focaccia", "omelette", "burger", "sushi", "cat", "car")


def run(
    project: Project,
    per_class: int,
    browser: BrowserChoice,
    progress: Progress = silent,
) -> tuple[Recipe, Built]:
    """Build pizza against other things from a local site; run again, it finds all is there."""
    recipe = binary("pizza", NEGATIVES, per_class=per_class).recipe
    with _replica() as replica:
        searching = SearchSettings(replica=replica.url, browser=browser, unattended=True)
        built = build(project, recipe, searching.options(), progress)
    return recipe, built


def _replica() -> Replica:
    from ..scraper.replica import serve

    try:
        return serve(port=PORT)
    except ScraperUsageError:  # another program listens there
        return serve()
