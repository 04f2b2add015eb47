"""One page being read: its tree, its facts, and what the extractors found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..models import Page
from .parsing.block_pages import block_page_at, classify, is_cut, is_document, saved_address
from .parsing.dom import attribute, shown, whole
from .parsing.merge import PartialResult, ResultMerger
from .parsing.scripts import pictures_by_id

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from .facts import EngineFacts


@dataclass(slots=True)
class PageReading:
    """A page or a fragment under an engine's facts; `base` completes its relative addresses."""

    html: str
    tree: LexborHTMLParser
    address: str
    base: str
    facts: EngineFacts
    merger: ResultMerger
    _by_id: dict[str, str] | None = field(default=None)

    @classmethod
    def begin(
        cls, name: str, origin: str, html: str, address: str, facts: EngineFacts
    ) -> PageReading:
        """Make the page's tree; `address` falls back to what a saving browser left in the page."""
        html, tree = whole(html)
        address = address or saved_address(html)
        base = address if address.startswith("http") else f"{origin}/"
        return cls(html, tree, address, base, facts, ResultMerger(name))

    @property
    def is_blocked(self) -> bool:
        """Whether the address alone says that this is a block page."""
        return block_page_at(self.address, self.facts.marks) is not None

    def css(self, selector: str) -> list[LexborNode]:
        """The nodes that one of the facts' selectors finds, in page order."""
        return self.tree.css(f":is({self.facts.selectors[selector]})")

    def carried(self, node: LexborNode | None, name: str) -> str:
        """What a node carries in the attribute of that name."""
        return self.facts.first(name, lambda spelling: attribute(node, spelling))

    def shown(self, image: LexborNode | None) -> str | None:
        """The picture that a tile shows, also where a script puts it there."""
        if self._by_id is None:
            self._by_id = pictures_by_id(self.html)
        return shown(image, self._by_id, self.base)

    def add(self, extractor: str, partial: PartialResult) -> None:
        """Take what one extractor found."""
        self.merger.add(extractor, partial)

    def page(self) -> Page:
        """What the page turned out to be, with its results."""
        candidates = self.merger.candidates()
        outcome = classify(
            self.tree,
            self.address,
            self.facts.marks,
            found=bool(candidates),
            cut=is_cut(self.html),
            document=is_document(self.html),
        )
        return Page(outcome, candidates, dict(self.merger.extractors))
