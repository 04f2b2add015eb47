"""What a notebook shows of a dataset: counts, and its contact sheet within the page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ..curation.printable import counted
from .curate import recipe_of
from .files import write_text
from .project import is_dataset
from .report.gather import gather
from .status import DatasetStatus, status_of
from .tree.build_tree import SHEET
from .tree.contact_sheet import sheet_within

if TYPE_CHECKING:
    from pathlib import Path

    from .project import Project
    from .report.gather import DatasetFacts

_WIDE, _HIGH = 900, 1200  # pixels of the sheet in the page, which keeps it


@dataclass(frozen=True, slots=True, repr=False)
class NotebookReport:
    """The report's facts, and the page where one was written."""

    facts: DatasetFacts
    page: Path | None = None

    def __repr__(self) -> str:
        return "\n".join([repr(self.facts.status), *self._lines()])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self._lines())
        return _status_html(self.facts.status) + lines

    def _lines(self) -> list[str]:
        facts = self.facts
        size = f"{facts.bytes / 1e6:.1f} MB"
        lines = [f"{counted(facts.pictures, 'picture')}, {size}; {len(facts.copies)} with copies"]
        if facts.straddling:
            lines.append(f"{facts.straddling} pictures have a copy on another split")
        if facts.missing:
            lines.append(f"missing altogether: {', '.join(facts.missing)}")
        return [*lines, *([f"page: {self.page}"] if self.page else [])]


def report(project: Project, html: Path | None = None) -> NotebookReport:
    """Gather the report, and write its page to `html`; raises UsageError without the extra."""
    facts = gather(project, recipe_of(project))
    if html is not None:
        from .report.page import html_page  # the extra `report`

        write_text(html, html_page(project, facts))
    return NotebookReport(facts, html)


def dataset_html(project: Project) -> str:
    """Name, counts and contact sheet; what to do where there is no dataset yet."""
    name = escape(project.root.resolve().name)
    if not is_dataset(project.root):
        return f"<p><strong>{name}</strong>: nothing here yet: <code>scrape</code> a term</p>"
    sheet = project.root / SHEET
    picture = f'<img alt="contact sheet" src="{_inline(sheet)}">' if sheet.is_file() else ""
    return f"<p><strong>{name}</strong></p>{_status_html(status_of(project))}{picture}"


def _status_html(status: DatasetStatus) -> str:
    return status.by_label().to_html()


def _inline(sheet: Path) -> str:
    """The sheet, small, as an address that needs no file."""
    data = sheet_within(sheet, (_WIDE, _HIGH))
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")
